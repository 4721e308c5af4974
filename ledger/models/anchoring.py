"""Whom this log shows the hashes of its checkpoints, and what they answered."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _


class AnchorKind(models.TextChoices):
    """What stands at the other end."""

    TIMESTAMP = "timestamp", _("Time-stamping authority (RFC 3161)")
    EVM = "evm", _("Contract on an EVM chain")


class AnchorTarget(models.Model):
    """One outsider. Off until somebody switches it on: it costs money or tells how large a log is.

    `terms` by kind: timestamp {roots: PEM}; evm {chain_id, contract, confirmations, max_fee_gwei}.
    A public witness is asked by its own protocol (`ledger.witnessing`), not from here.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(_("kind"), max_length=12, choices=AnchorKind)
    name = models.CharField(_("name"), max_length=80, unique=True)
    url = models.CharField(_("address"), max_length=300)
    terms = models.JSONField(default=dict)
    every_hours = models.PositiveIntegerField(_("at most every so many hours"), default=24)
    is_active = models.BooleanField(_("active"), default=False)
    added_by = models.UUIDField()
    added_at = models.DateTimeField()

    class Meta:
        db_table = "ledger_anchor_target"

    def __str__(self):
        return f"{self.get_kind_display()} {self.name}"


class ReceiptState(models.TextChoices):
    """How far a checkpoint has come with an outsider."""

    WAITING = "waiting", _("To be posted")
    POSTED = "posted", _("Posted, not yet confirmed")
    CONFIRMED = "confirmed", _("Confirmed")
    FAILED = "failed", _("Refused")


class AnchorReceipt(models.Model):
    """One checkpoint shown to one outsider. `receipt` proves it, in the outsider's format."""

    target = models.ForeignKey(AnchorTarget, on_delete=models.PROTECT, related_name="receipts")
    size = models.BigIntegerField()
    digest = models.BinaryField()
    state = models.CharField(max_length=10, choices=ReceiptState, default=ReceiptState.WAITING)
    receipt = models.BinaryField(default=b"")
    reference = models.CharField(max_length=120, blank=True)
    detail = models.CharField(max_length=500, blank=True)  # what went wrong last
    tries = models.PositiveIntegerField(default=0)
    asked_at = models.DateTimeField(null=True)
    anchored_at = models.DateTimeField(null=True)  # the outsider's own time

    class Meta:
        db_table = "ledger_anchor_receipt"
        constraints = [
            models.UniqueConstraint(fields=["target", "size"], name="ledger_anchor_once"),
        ]

    def __str__(self):
        return f"{self.size} with {self.target_id}: {self.state}"
