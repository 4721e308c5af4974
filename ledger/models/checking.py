"""What came of going over a stored log, entry by entry."""

from django.db import models


class LedgerCheck(models.Model):
    """One check of this log, or of a copy (`source`): how much was as signed, or the first lie."""

    source = models.UUIDField(null=True)
    entries = models.BigIntegerField()
    contents = models.BigIntegerField()
    checkpoints = models.BigIntegerField()
    part = models.CharField(max_length=20, blank=True)  # empty: all is as it was signed
    index = models.BigIntegerField(null=True)
    detail = models.CharField(max_length=300, blank=True)
    unheard = models.CharField(max_length=300, blank=True, default="")  # why the signer was not
    checked_at = models.DateTimeField()

    class Meta:
        db_table = "ledger_check"
        indexes = [models.Index(fields=["source", "-id"], name="ledger_check_latest")]

    def __str__(self):
        return f"{self.entries} entries: {self.part or 'as signed'}"

    @property
    def is_as_signed(self) -> bool:
        """Whether nothing was found."""
        return not self.part
