"""What the trust knows of each shared lease, projected from its verified copy of the ledger.

No names and no identity numbers: `obligor` is a hash that groups the leases of related lessees.
"""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models


class Asset(models.Model):
    """One lease of a lessor; columns are named as in `lease.recorded`.

    Terms and lessee are those of now: where a contract was changed, `changes` has what it was.
    """

    rid = models.UUIDField(primary_key=True)
    source = models.UUIDField()
    ledger_index = models.BigIntegerField()
    anchored_at = models.DateTimeField()  # when this trust received and verified it
    obligor = models.CharField(max_length=32)
    contract_number = models.CharField(max_length=80)
    lessee_kind = models.CharField(max_length=10)
    lessee_income_monthly_minor = models.BigIntegerField(null=True)
    credit_score = models.SmallIntegerField(null=True)
    employment = models.CharField(max_length=20, blank=True)
    province = models.CharField(max_length=2)
    dealer_code = models.CharField(max_length=40, blank=True)
    vin = models.CharField(max_length=17)
    vehicle_make = models.CharField(max_length=60)
    vehicle_model = models.CharField(max_length=80)
    model_year = models.SmallIntegerField()
    energy = models.CharField(max_length=10)
    condition = models.CharField(max_length=6)
    vehicle_use = models.CharField(max_length=16)
    odometer_km = models.IntegerField(null=True)
    vehicle_price_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    product = models.CharField(max_length=16)
    financed_amount_minor = models.BigIntegerField()
    deposit_minor = models.BigIntegerField(null=True)
    residual_minor = models.BigIntegerField()
    residual_kind = models.CharField(max_length=20)
    rent_pattern = models.CharField(max_length=20)
    rent_timing = models.CharField(max_length=10)
    rent_minor = models.BigIntegerField()
    annual_nominal_rate = models.DecimalField(max_digits=9, decimal_places=6)
    term_months = models.SmallIntegerField()
    originated_on = models.DateField()
    first_payment_on = models.DateField()
    maturity_on = models.DateField()
    # what was agreed since, and the terms before it (`pools.projection.changes`); else null
    changes = models.JSONField(null=True, encoder=DjangoJSONEncoder)

    class Meta:
        indexes = [models.Index(fields=["province"], name="pools_asset_province")]

    def __str__(self):
        return self.contract_number


class AssetPayment(models.Model):
    """One bank line of a shared lease; a line that arrives twice is kept once."""

    lease_rid = models.UUIDField()
    kind = models.CharField(max_length=12)
    amount_minor = models.BigIntegerField()
    effective_on = models.DateField()
    known_at = models.DateTimeField()  # as the lessor claims
    anchored_at = models.DateTimeField()  # when this trust had it
    reference = models.CharField(max_length=80)
    reverses = models.CharField(max_length=80, blank=True)
    ledger_index = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["lease_rid", "reference"], name="pools_payment_once")
        ]
        # when a lessor was last heard of; lines arrive in order, so it costs little to keep
        indexes = [models.Index(fields=["anchored_at"], name="pools_payment_anchored")]

    def __str__(self):
        return self.reference


class AssetPrice(models.Model):
    """A dated price of a leased vehicle: appraisal, turn-in or distressed sale."""

    lease_rid = models.UUIDField()
    kind = models.CharField(max_length=16)
    distressed = models.BooleanField()
    price_minor = models.BigIntegerField()
    odometer_km = models.IntegerField(null=True)
    observed_on = models.DateField()
    known_at = models.DateTimeField()
    anchored_at = models.DateTimeField()
    ledger_index = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["lease_rid", "kind", "observed_on", "price_minor"], name="pools_price_once"
            )
        ]

    def __str__(self):
        return f"{self.lease_rid} {self.observed_on}"


class AssetSearch(models.Model):
    """What an outside register said of a leased vehicle or its receivables on a day."""

    lease_rid = models.UUIDField()
    register = models.CharField(max_length=20)
    searched_on = models.DateField()
    result = models.CharField(max_length=12)  # clear, encumbered
    holder = models.CharField(max_length=120, blank=True)
    registration_number = models.CharField(max_length=60, blank=True)
    anchored_at = models.DateTimeField()
    ledger_index = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["lease_rid", "register", "searched_on", "registration_number"],
                name="pools_search_once",
            )
        ]

    def __str__(self):
        return f"{self.register} {self.result}"
