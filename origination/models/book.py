"""The lessor's own books: leases, what was paid on them, tapes, grants, outside registers.

Amounts are whole minor units; rates a fraction a year. Every row names the ledger entry that it
came from: the row can be rebuilt from the ledger, never the other way round.
"""

import uuid
from datetime import UTC, datetime

from django.db import models
from django.utils.translation import gettext_lazy as _


class Tape(models.Model):
    """One imported file: its hash is in the ledger, signed by a back-office key."""

    rid = models.UUIDField(primary_key=True, default=uuid.uuid4)
    file_name = models.CharField(_("file"), max_length=200)
    sha256 = models.CharField(max_length=64, unique=True)
    rows = models.PositiveIntegerField(_("rows"))
    taken = models.PositiveIntegerField(_("taken"))
    refused = models.PositiveIntegerField(_("refused"))
    entry_index = models.BigIntegerField(_("ledger entry"))
    imported_by = models.UUIDField()
    imported_at = models.DateTimeField(_("imported at"))

    class Meta:
        ordering = ["-imported_at"]

    def __str__(self):
        return self.file_name


class TapeFinding(models.Model):
    """What was found in one field of one row: of an upload, and of the tape that it became.

    The first ten thousand of an upload; `TapeChunk.findings` has them all.
    """

    upload = models.ForeignKey(
        "origination.TapeUpload", on_delete=models.CASCADE, null=True, related_name="findings"
    )
    tape = models.ForeignKey(Tape, on_delete=models.CASCADE, null=True, related_name="findings")
    row = models.PositiveIntegerField()
    field = models.CharField(max_length=40)
    code = models.CharField(max_length=40)
    value = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering = ["row", "field"]

    def __str__(self):
        return f"{self.row}: {self.field} {self.code}"


class ReferenceFile(models.Model):
    """A file of others (`domain.dialects`): no leases, but outcomes and prices to compare with.

    `table` holds the rows that were taken, as Parquet; its hash stands in the ledger's entry.
    """

    rid = models.UUIDField(primary_key=True, default=uuid.uuid4)
    dialect = models.CharField(_("kind"), max_length=40)
    file_name = models.CharField(_("file"), max_length=200)
    sha256 = models.CharField(max_length=64, unique=True)
    rows = models.PositiveIntegerField(_("rows"))
    taken = models.PositiveIntegerField(_("taken"))
    table = models.BinaryField()
    figures = models.JSONField()
    entry_index = models.BigIntegerField(_("ledger entry"))
    imported_by = models.UUIDField()
    imported_at = models.DateTimeField(_("imported at"))

    class Meta:
        ordering = ["-imported_at"]

    def __str__(self):
        return self.file_name

    @property
    def refused(self):
        """Rows that were not taken."""
        return self.rows - self.taken


class ReferenceFinding(models.Model):
    """What was found in one field of one row of a reference file; a warning refuses nothing."""

    file = models.ForeignKey(ReferenceFile, on_delete=models.CASCADE, related_name="findings")
    row = models.PositiveIntegerField()
    field = models.CharField(max_length=60)
    code = models.CharField(max_length=40)
    value = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering = ["row", "field"]

    def __str__(self):
        return f"{self.row}: {self.field} {self.code}"


class Lease(models.Model):
    """One lease as it was recorded; `record` holds every field of the ledger's payload."""

    rid = models.UUIDField(primary_key=True)
    entry_index = models.BigIntegerField(_("ledger entry"), null=True)  # NULL while it waits
    tape = models.ForeignKey(Tape, on_delete=models.PROTECT, null=True, related_name="leases")
    contract_number = models.CharField(_("contract number"), max_length=80, unique=True)
    lessee_kind = models.CharField(max_length=10)
    lessee_name = models.CharField(_("lessee"), max_length=80)
    lessee_id_number = models.CharField(max_length=24)
    province = models.CharField(_("province"), max_length=2)
    vin = models.CharField(_("VIN"), max_length=17)
    vehicle_make = models.CharField(_("make"), max_length=80)
    vehicle_model = models.CharField(_("model"), max_length=80)
    energy = models.CharField(_("energy"), max_length=10)
    product = models.CharField(_("product"), max_length=16)
    currency = models.CharField(max_length=3)
    financed_amount_minor = models.BigIntegerField(_("financed amount"))
    rent_minor = models.BigIntegerField(_("rent"))
    residual_minor = models.BigIntegerField(_("residual"))
    annual_nominal_rate = models.DecimalField(_("nominal rate"), max_digits=9, decimal_places=6)
    term_months = models.PositiveSmallIntegerField(_("term"))
    originated_on = models.DateField(_("originated"))
    maturity_on = models.DateField(_("maturity"))
    record = models.JSONField()
    recorded_by = models.UUIDField()
    recorded_at = models.DateTimeField()
    ended_on = models.DateField(_("ended"), null=True)  # its claims were withdrawn

    class Meta:
        ordering = ["-entry_index", "-recorded_at"]  # what waits for its entry comes first
        constraints = [
            models.CheckConstraint(
                condition=models.Q(financed_amount_minor__gte=0, rent_minor__gte=0),
                name="lease_amounts_not_negative",
            ),
            models.CheckConstraint(
                condition=models.Q(maturity_on__gte=models.F("originated_on")),
                name="lease_dates_in_order",
            ),
        ]
        indexes = [
            models.Index(fields=["vin"]),
            models.Index(fields=["-entry_index"], name="lease_newest_first"),
            models.Index(fields=["province"]),
        ]

    def __str__(self):
        return self.contract_number


class PaymentEvent(models.Model):
    """One bank line as the ledger's batch holds it. Never changed: a reversal is another line."""

    # no constraint in the database: a million lines are copied in, checked against leases before
    lease = models.ForeignKey(
        Lease,
        on_delete=models.PROTECT,
        related_name="payments",
        db_constraint=False,
        db_index=False,
    )
    kind = models.CharField(max_length=10)
    amount_minor = models.BigIntegerField(_("amount"))
    currency = models.CharField(max_length=3)
    bank_reference = models.CharField(_("bank reference"), max_length=64)
    reverses = models.CharField(max_length=64, blank=True)
    effective_at = models.DateTimeField(_("effective"))
    known_at = models.DateTimeField(_("known"))
    entry_index = models.BigIntegerField(_("ledger entry"))

    class Meta:
        ordering = ["effective_at", "known_at", "bank_reference"]
        constraints = [
            models.UniqueConstraint(
                fields=["lease", "bank_reference"], name="payment_reference_once"
            ),
            models.CheckConstraint(
                condition=models.Q(amount_minor__gt=0), name="payment_amount_positive"
            ),
        ]

    def __str__(self):
        return f"{self.bank_reference} {self.kind} {self.amount_minor}"


class ShareGrant(models.Model):
    """A counterparty may read the leases of this lessor, from now until it ends."""

    rid = models.UUIDField(primary_key=True, default=uuid.uuid4)
    to_tenant_id = models.UUIDField()
    granted_by = models.UUIDField()
    granted_at = models.DateTimeField(_("granted at"))
    ended_at = models.DateTimeField(_("ended at"), null=True)

    class Meta:
        ordering = ["-granted_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["to_tenant_id"],
                condition=models.Q(ended_at=None),
                name="one_running_grant_to_a_tenant",
            )
        ]

    def __str__(self):
        return str(self.to_tenant_id)


class RegistryFinding(models.Model):
    """What an outside register said of a vehicle on a day."""

    lease = models.ForeignKey(Lease, on_delete=models.PROTECT, related_name="registry_findings")
    register = models.CharField(_("register"), max_length=20)
    searched_on = models.DateField(_("searched on"))
    result = models.CharField(_("result"), max_length=12)
    holder = models.CharField(_("holder"), max_length=120, blank=True)
    registration_number = models.CharField(_("registration number"), max_length=60, blank=True)
    entry_index = models.BigIntegerField(_("ledger entry"))

    class Meta:
        ordering = ["-searched_on"]

    def __str__(self):
        return f"{self.register} {self.result}"


class PledgeState(models.TextChoices):
    """The lessor's half of a pledge."""

    REQUESTED = "requested", _("Requested")
    ACCEPTED = "accepted", _("Accepted")
    REFUSED = "refused", _("Refused")
    PERFECTED = "perfected", _("Perfected")
    RELEASED = "released", _("Released")


class PledgeRequest(models.Model):
    """A counterparty asked for a pledge (or sale) of these leases' receivables.

    What came of it afterwards (`closed_at`, `paid_*`) is what the counterparty's entries say.
    """

    rid = models.UUIDField(primary_key=True)
    from_tenant_id = models.UUIDField()
    fields = models.JSONField()
    lease_rids = models.JSONField()
    state = models.CharField(max_length=10, choices=PledgeState.choices, default="requested")
    requested_at = models.DateTimeField(_("requested at"))
    decided_by = models.UUIDField(null=True)
    decided_at = models.DateTimeField(_("decided at"), null=True)
    entry_index = models.BigIntegerField(_("ledger entry"), null=True)
    closed_at = models.DateTimeField(null=True)  # perfected or released
    released_rids = models.JSONField(default=list)  # leases given back, one by one or all
    paid_minor = models.BigIntegerField(_("paid"), null=True)
    paid_at = models.DateTimeField(_("paid at"), null=True)
    bank_reference = models.CharField(_("bank reference"), max_length=64, blank=True)

    class Meta:
        ordering = ["-requested_at"]

    def __str__(self):
        return str(self.rid)

    @property
    def answer_by(self) -> datetime | None:
        """Until when the receivables stay reserved for an answer; None where that is not told."""
        try:
            told = datetime.fromisoformat(self.fields.get("answer_by", ""))
        except ValueError:
            return None
        return told if told.tzinfo else told.replace(tzinfo=UTC)


class ApplicationState(models.TextChoices):
    """`DECLINED` after due diligence; `REFUSED` by the committee."""

    SENT = "sent", _("Sent")
    DECLINED = "declined", _("Declined")
    APPROVED = "approved", _("Approved")
    REFUSED = "refused", _("Refused")


class FinancingApplication(models.Model):
    """This lessor asked a trust for money: `financing.requested` on its ledger.

    State, limit, form and expiry are what the trust's entries say.
    """

    rid = models.UUIDField(primary_key=True, default=uuid.uuid4)
    to_tenant_id = models.UUIDField()
    amount_minor = models.BigIntegerField(_("amount"))
    currency = models.CharField(max_length=3, default="CNY")
    term_months = models.PositiveSmallIntegerField(_("term"))
    purpose = models.CharField(_("purpose"), max_length=200)
    requested_by = models.UUIDField()
    requested_at = models.DateTimeField(_("requested at"))
    entry_index = models.BigIntegerField(_("ledger entry"))
    state = models.CharField(max_length=10, choices=ApplicationState.choices, default="sent")
    limit_minor = models.BigIntegerField(_("limit"), null=True)
    form = models.CharField(_("form"), max_length=24, blank=True)
    expires_on = models.DateField(_("expires"), null=True)
    decided_at = models.DateTimeField(_("decided at"), null=True)

    class Meta:
        ordering = ["-requested_at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(amount_minor__gt=0), name="financing_amount_positive"
            )
        ]

    def __str__(self):
        return str(self.rid)
