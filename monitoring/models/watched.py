"""What the trust watches: terms and bank lines of shared leases, as their verified entries say."""

from django.db import models


class WatchedPool(models.Model):
    """A pool whose performance is followed."""

    id = models.UUIDField(primary_key=True)
    name = models.CharField(max_length=80)
    closed_on = models.DateField()

    def __str__(self):
        return self.name


class WatchedLease(models.Model):
    """The terms of one lease; columns are named as in `lease.recorded`."""

    lease_rid = models.UUIDField(primary_key=True)
    lessor_id = models.UUIDField()
    pool = models.ForeignKey(WatchedPool, on_delete=models.PROTECT, null=True, related_name="+")
    contract_number = models.CharField(max_length=80)
    currency = models.CharField(max_length=3)
    financed_amount_minor = models.BigIntegerField()
    rent_minor = models.BigIntegerField()
    annual_nominal_rate = models.DecimalField(max_digits=9, decimal_places=6)
    term_months = models.SmallIntegerField()
    first_payment_on = models.DateField()
    maturity_on = models.DateField()
    rent_pattern = models.CharField(max_length=20)
    rent_timing = models.CharField(max_length=10)
    residual_minor = models.BigIntegerField()
    residual_kind = models.CharField(max_length=20)
    touched = models.BooleanField(default=True)  # something arrived since the last roll-forward

    class Meta:
        indexes = [
            models.Index(
                fields=["lease_rid"],
                name="monitoring_lease_touched",
                condition=models.Q(touched=True),
            )
        ]

    def __str__(self):
        return self.contract_number


class WatchedPayment(models.Model):
    """One bank line. A line that arrives twice is stored twice and counted once (`load_book`)."""

    lease_rid = models.UUIDField()
    kind = models.CharField(max_length=12)
    amount_minor = models.BigIntegerField()
    effective_on = models.DateField()
    known_at = models.DateTimeField()
    reference = models.CharField(max_length=80)
    reverses = models.CharField(max_length=80, blank=True)
    ledger_index = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["lease_rid"], name="monitoring_payment_lease")]

    def __str__(self):
        return self.reference
