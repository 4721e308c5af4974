"""The queue of a hot tenant: entries that are accepted and wait for their place in the log."""

from django.db import models


class Pending(models.Model):
    """A signed, sealed entry whose business transaction is committed; a drainer integrates it."""

    seq = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=40)
    rid = models.UUIDField()
    ts = models.CharField(max_length=27)
    kid = models.CharField(max_length=32)
    leaf = models.BinaryField()
    ciphertext = models.BinaryField()
    wrapped_key = models.BinaryField()
    kek_version = models.IntegerField()
    submitted_at = models.DateTimeField()
    refused_at = models.DateTimeField(null=True)  # the log got the same record by another way

    class Meta:
        db_table = "ledger_pending"
        constraints = [
            models.UniqueConstraint(fields=["rid", "kind", "ts"], name="ledger_pending_no_replay"),
        ]

    def __str__(self):
        return f"pending {self.seq} {self.kind}"
