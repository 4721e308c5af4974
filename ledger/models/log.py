"""The log itself: head, entries, encrypted payloads, checkpoints."""

from django.db import models


class Head(models.Model):
    """The one row that appending locks: size, frontier and root of the log."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    log_id = models.CharField(max_length=64)
    origin = models.CharField(max_length=200)
    size = models.BigIntegerField(default=0)
    peaks = models.BinaryField(default=b"")  # 32 bytes for each 1-bit of size, largest first
    root = models.BinaryField()
    halted_at = models.DateTimeField(null=True)  # since when no entry is taken (`Halt` says why)

    class Meta:
        db_table = "ledger_head"
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="ledger_head_single"),
        ]

    def __str__(self):
        return f"{self.origin} ({self.size})"


class Entry(models.Model):
    """One entry: the bytes that are hashed, and the tree nodes that it completed."""

    index = models.BigIntegerField(primary_key=True)
    kind = models.CharField(max_length=40)
    rid = models.UUIDField()
    ts = models.CharField(max_length=27)
    kid = models.CharField(max_length=32)
    leaf = models.BinaryField()
    nodes = models.BinaryField()  # levels 0 … trailing ones of index, 32 bytes each
    appended_at = models.DateTimeField()

    class Meta:
        db_table = "ledger_entry"
        constraints = [
            # the same record signed at the same instant is a replay
            models.UniqueConstraint(fields=["rid", "kind", "ts"], name="ledger_entry_no_replay"),
        ]
        indexes = [models.Index(fields=["kind", "index"], name="ledger_entry_kind")]

    def __str__(self):
        return f"{self.index} {self.kind}"

    @property
    def leaf_hash(self) -> bytes:
        """RFC 6962 hash of the leaf."""
        return bytes(self.nodes[:32])


class Sealed(models.Model):
    """Ciphertext beside an entry, under a data key of its own. Erased: both are NULL."""

    index = models.BigIntegerField(primary_key=True)
    ciphertext = models.BinaryField(null=True)
    wrapped_key = models.BinaryField(null=True)
    kek_version = models.IntegerField()
    erased_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True


class Payload(Sealed):
    """Fields and salts of an entry."""

    class Meta:
        db_table = "ledger_payload"

    def __str__(self):
        return f"payload {self.index}"


class Items(Sealed):
    """Items of a batch entry."""

    class Meta:
        db_table = "ledger_items"

    def __str__(self):
        return f"items {self.index}"


class Checkpoint(models.Model):
    """A tree head that the log key signed. Never two of one size."""

    size = models.BigIntegerField(primary_key=True)
    root = models.BinaryField()
    note = models.BinaryField()  # the signed note as the log signed it
    sealed_at = models.DateTimeField(null=True)  # None: restored, and its note does not say

    class Meta:
        db_table = "ledger_checkpoint"

    def __str__(self):
        return f"checkpoint {self.size}"


class ReplacedNote(models.Model):
    """A note that stood in a checkpoint's place until a signed one took it."""

    size = models.BigIntegerField()
    note = models.BinaryField()
    sealed_at = models.DateTimeField(null=True)
    replaced_at = models.DateTimeField()

    class Meta:
        db_table = "ledger_replaced_note"
        indexes = [models.Index(fields=["size"], name="ledger_replaced_note_size")]

    def __str__(self):
        return f"a note of {self.size} entries"


class Cosignature(models.Model):
    """A counterparty's word that it holds a consistent copy up to a checkpoint."""

    size = models.BigIntegerField()
    cosigner = models.CharField(max_length=200)
    vkey = models.CharField(max_length=2200)
    line = models.CharField(max_length=3600)  # an ML-DSA-44 signature line is about 3,300
    cosigned_at = models.DateTimeField()
    received_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "ledger_cosignature"
        constraints = [
            models.UniqueConstraint(fields=["size", "vkey"], name="ledger_cosignature_once"),
        ]

    def __str__(self):
        return f"{self.cosigner} at {self.size}"
