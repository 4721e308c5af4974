"""Bank statements and what became of their lines; terms of servicing."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from origination.models.book import Lease
from tenants.money import Money


class Statement(models.Model):
    """A bank statement that was taken; its hash stands in the ledger's entry."""

    rid = models.UUIDField(primary_key=True, default=uuid.uuid4)
    file_name = models.CharField(_("file"), max_length=200)
    sha256 = models.CharField(max_length=64)
    lines_read = models.PositiveIntegerField(_("lines"))
    taken = models.PositiveIntegerField(_("taken"))
    from_day = models.DateField(_("from"))
    to_day = models.DateField(_("to"))
    entry_index = models.BigIntegerField(_("ledger entry"))
    imported_by = models.UUIDField()
    imported_at = models.DateTimeField(_("imported at"))

    class Meta:
        ordering = ["-imported_at"]

    def __str__(self):
        return self.file_name


class LineState(models.TextChoices):
    """What became of a line of a statement."""

    OPEN = "open", _("In suspense")
    BOOKED = "booked", _("Booked")
    SET_ASIDE = "set_aside", _("Set aside")


class StatementLine(models.Model):
    """A movement of the lessor's account, in suspense until it is booked or set aside.

    `key` is what it is known by (`domain.statements.lines.with_keys`): a line is taken once.
    """

    statement = models.ForeignKey(Statement, on_delete=models.PROTECT, related_name="lines")
    place = models.PositiveIntegerField()
    key = models.CharField(max_length=64, unique=True)
    account = models.CharField(_("account"), max_length=64, blank=True)
    booked_on = models.DateField(_("Booked by the bank on"))
    amount_minor = models.BigIntegerField(_("amount"))
    currency = models.CharField(max_length=3)
    reference = models.CharField(_("bank reference"), max_length=64, blank=True)
    payer_name = models.CharField(_("payer"), max_length=140, blank=True)
    payer_account = models.CharField(_("payer's account"), max_length=64, blank=True)
    remittance = models.CharField(_("text"), max_length=400, blank=True)
    returns = models.CharField(max_length=64, blank=True)
    is_return = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=LineState.choices, default=LineState.OPEN)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    decided_by = models.UUIDField(null=True)
    decided_at = models.DateTimeField(null=True)
    entry_index = models.BigIntegerField(null=True)  # of the batch that booked it

    class Meta:
        ordering = ["-booked_on", "statement", "place", "pk"]
        indexes = [
            models.Index(fields=["state", "-booked_on"], name="statement_lines_waiting"),
            models.Index(fields=["payer_account"], name="statement_lines_by_payer"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(amount_minor=0), name="statement_line_moves_money"
            ),
            models.CheckConstraint(
                condition=models.Q(state="open") | models.Q(decided_at__isnull=False),
                name="statement_line_decided_by_somebody",
            ),
        ]

    def __str__(self):
        return f"{self.booked_on} {self.amount_minor}"

    @property
    def amount_plain(self) -> str:
        """The amount without its sign in major units, as a form field holds it."""
        return str(Money.from_minor(abs(self.amount_minor), self.currency).amount)

    @property
    def bank_reference(self) -> str:
        """The reference under which it is booked: the bank's, or one made of the line's key."""
        return self.reference or f"S-{self.key[:24]}"


class LinePart(models.Model):
    """What of a line was booked on a lease; the payer's account is known for it from then on."""

    line = models.ForeignKey(StatementLine, on_delete=models.PROTECT, related_name="parts")
    lease = models.ForeignKey(Lease, on_delete=models.PROTECT, related_name="statement_parts")
    kind = models.CharField(max_length=10)
    amount_minor = models.BigIntegerField(_("amount"))

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["line", "lease"], name="line_once_on_a_lease"),
            models.CheckConstraint(
                condition=models.Q(amount_minor__gt=0), name="line_part_positive"
            ),
        ]

    def __str__(self):
        return f"{self.line_id} {self.lease_id}"


class ServicingTermsSet(models.Model):
    """Terms of servicing as they were set (`domain.servicing.terms`); the newest counts."""

    rid = models.UUIDField(primary_key=True, default=uuid.uuid4)
    versions = models.JSONField()
    set_by = models.UUIDField()
    set_at = models.DateTimeField(_("set at"))
    entry_index = models.BigIntegerField(_("ledger entry"))

    class Meta:
        ordering = ["-set_at"]

    def __str__(self):
        return f"{self.set_at:%Y-%m-%d}"
