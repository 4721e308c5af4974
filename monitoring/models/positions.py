"""Where each asset stands, and what that made of its pool."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q


class AssetPerformance(models.Model):
    """One lease as of the last roll-forward; everything here can be derived again from payments."""

    lease_rid = models.UUIDField(primary_key=True)
    lessor_id = models.UUIDField()
    pool_id = models.UUIDField(null=True)
    currency = models.CharField(max_length=3)
    contract = models.CharField(max_length=80)
    original_minor = models.BigIntegerField()  # principal at origination
    annual_rate = models.DecimalField(max_digits=9, decimal_places=6)
    as_of = models.DateField()
    oldest_unpaid_on = models.DateField(null=True)  # null: nothing is owed any more
    days_past_due = models.IntegerField(default=0)
    bucket = models.SmallIntegerField(default=0)
    previous_bucket = models.SmallIntegerField(default=0)  # at the end of the month before
    arrears_minor = models.BigIntegerField(default=0)
    balance_minor = models.BigIntegerField(default=0)
    defaulted_on = models.DateField(null=True)  # sticky: stays when the lessee cures
    default_balance_minor = models.BigIntegerField(default=0)
    recovered_minor = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(days_past_due__gte=0, arrears_minor__gte=0, balance_minor__gte=0),
                name="monitoring_position_not_negative",
            )
        ]
        indexes = [
            models.Index(fields=["pool_id", "bucket"], name="monitoring_position_pool"),
            models.Index(
                fields=["-days_past_due"],
                name="monitoring_position_late",
                condition=Q(days_past_due__gt=0),
            ),
        ]

    def __str__(self):
        return f"{self.lease_rid} as of {self.as_of}"


class PoolSnapshot(models.Model):
    """The figures of one day: of the whole portfolio (nil id), of a lessor, or of a pool."""

    scope = models.CharField(max_length=12)
    scope_id = models.UUIDField()
    as_of = models.DateField()
    currency = models.CharField(max_length=3)
    assets = models.IntegerField()
    balance_minor = models.BigIntegerField()
    arrears_minor = models.BigIntegerField()
    bucket_counts = ArrayField(models.IntegerField())
    bucket_balances_minor = ArrayField(models.BigIntegerField())
    delinquency_30 = models.DecimalField(max_digits=12, decimal_places=8)
    delinquency_90 = models.DecimalField(max_digits=12, decimal_places=8)
    cumulative_default_rate = models.DecimalField(max_digits=12, decimal_places=8)
    cumulative_net_loss_rate = models.DecimalField(max_digits=12, decimal_places=8)
    weighted_rate = models.DecimalField(max_digits=12, decimal_places=8, null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["scope", "scope_id", "as_of"], name="monitoring_snapshot_once"
            ),
            models.CheckConstraint(
                condition=Q(scope__in=["portfolio", "lessor", "pool"]),
                name="monitoring_snapshot_scope_known",
            ),
        ]

    def __str__(self):
        return f"{self.scope} {self.scope_id} as of {self.as_of}"
