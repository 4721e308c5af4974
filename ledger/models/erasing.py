"""Contents that were destroyed: of this log, at counterparties, and of their logs here."""

from django.db import models


class Erasure(models.Model):
    """The content of one entry of this log was destroyed."""

    index = models.BigIntegerField(primary_key=True)
    told_by = models.BigIntegerField(unique=True)  # the `payload.erased` entry
    reason = models.CharField(max_length=24)
    erased_by = models.UUIDField(null=True)  # NULL: learnt again from a restored log
    erased_at = models.DateTimeField()

    class Meta:
        db_table = "ledger_erasure"

    def __str__(self):
        return f"entry {self.index}: {self.reason}"


class ErasureAnswer(models.Model):
    """A counterparty's word that it destroyed its copy of a content, or never had one."""

    index = models.BigIntegerField()
    to_tenant = models.UUIDField()
    held = models.BooleanField()
    erased_at = models.DateTimeField()  # as it says

    class Meta:
        db_table = "ledger_erasure_answer"
        constraints = [
            models.UniqueConstraint(
                fields=["index", "to_tenant"], name="ledger_erasure_answer_once"
            )
        ]

    def __str__(self):
        return f"entry {self.index} at {self.to_tenant}"


class ReplicaErasure(models.Model):
    """A counterparty's entry whose content must not be here, whatever still arrives of it."""

    source = models.UUIDField()
    index = models.BigIntegerField()
    told_by = models.BigIntegerField()
    reason = models.CharField(max_length=24)
    held = models.BooleanField()  # something was here when the word came
    erased_at = models.DateTimeField()

    class Meta:
        db_table = "ledger_replica_erasure"
        constraints = [
            models.UniqueConstraint(fields=["source", "index"], name="ledger_replica_erasure_once")
        ]

    def __str__(self):
        return f"entry {self.index} of {self.source}"
