"""What a pool paid: each period's waterfall, to the cent, and each holder's part of it."""

import uuid
from datetime import timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

from pools.models.deals import Pool

#: The holder in whose name units stand that nobody subscribed.
UNPLACED = "unplaced"


class Holding(models.Model):
    """Units of one class of one pool, in minor units at par; `id` is the record id on the ledger.

    What is not subscribed stays with the trust company and is paid to it (`UNPLACED`).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    pool = models.ForeignKey(Pool, on_delete=models.PROTECT, related_name="holdings")
    tranche = models.CharField(_("class"), max_length=30)
    holder = models.CharField(_("holder"), max_length=80)
    user_id = models.UUIDField(null=True)  # who may look at it
    units_minor = models.BigIntegerField(_("units"))
    subscribed_by = models.UUIDField()
    subscribed_at = models.DateTimeField(_("subscribed"))
    ledger_index = models.BigIntegerField()

    class Meta:
        ordering = ["pool", "tranche", "subscribed_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["pool", "tranche", "holder"], name="pools_holding_once"
            ),
            models.CheckConstraint(
                condition=models.Q(units_minor__gt=0), name="pools_holding_positive"
            ),
        ]

    def __str__(self):
        return f"{self.holder}: {self.tranche}"


class Distribution(models.Model):
    """One period's payment. A correction is a new version of its period; the newest counts.

    `result` is plain data (`pools.structure.plain`) of the waterfall's outcome. The payments behind
    it are not stored again: they are derived from what was `known_at`, and `payments_root` holds
    them to it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    pool = models.ForeignKey(Pool, on_delete=models.PROTECT, related_name="distributions")
    period = models.PositiveIntegerField(_("period"))
    version = models.PositiveIntegerField(_("version"), default=1)
    start = models.DateField(_("from"))
    end = models.DateField(_("to"))  # exclusive
    known_at = models.DateTimeField()  # payment events known by then were counted
    payments = models.IntegerField(_("payments"))
    payments_root = models.CharField(max_length=64)  # over `CollectedColumns.lines`
    income_minor = models.BigIntegerField(_("income"))
    principal_minor = models.BigIntegerField(_("principal"))
    pool_opening_minor = models.BigIntegerField(_("pool before"))
    pool_closing_minor = models.BigIntegerField(_("pool after"))
    movements = models.JSONField(default=dict)  # `reconciling.Movements` as plain data
    result = models.JSONField()
    result_sha256 = models.CharField(max_length=64)
    made_by = models.UUIDField()
    made_at = models.DateTimeField()
    ledger_index = models.BigIntegerField()

    class Meta:
        ordering = ["pool", "period", "version"]
        constraints = [
            models.UniqueConstraint(
                fields=["pool", "period", "version"], name="pools_distribution_once"
            )
        ]

    def __str__(self):
        return f"{self.pool_id} {self.period}.{self.version}"

    @property
    def last_day(self):
        return self.end - timedelta(days=1)

    @property
    def collected_minor(self):
        return self.income_minor + self.principal_minor


class UnitPayment(models.Model):
    """What one holder received of one distribution."""

    distribution = models.ForeignKey(
        Distribution, on_delete=models.PROTECT, related_name="unit_payments"
    )
    payee = models.CharField(_("class"), max_length=30)
    holder = models.CharField(_("holder"), max_length=80)
    amount_minor = models.BigIntegerField(_("amount"))

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["distribution", "payee", "holder"], name="pools_unit_payment_once"
            )
        ]

    def __str__(self):
        return f"{self.holder} {self.amount_minor}"
