"""What this tenant sent to others, and the verified copies of others' logs that it keeps."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Outbox(models.Model):
    """How far this log has been sent to one counterparty."""

    to_tenant = models.UUIDField(primary_key=True)
    cursor = models.BigIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    cosigned_size = models.BigIntegerField(default=0)
    refused_since = models.DateTimeField(null=True)  # until the next cosignature
    refused_at = models.DateTimeField(null=True)
    refusals = models.IntegerField(default=0)  # a day apart at most: the more, the rarer it is sent

    class Meta:
        db_table = "ledger_outbox"

    def __str__(self):
        return f"{self.to_tenant} up to {self.cursor}"


class ServedRecord(models.Model):
    """A record whose payloads a counterparty has had, up to the outbox's cursor."""

    to_tenant = models.UUIDField()
    rid = models.UUIDField()

    class Meta:
        db_table = "ledger_served_record"
        constraints = [
            models.UniqueConstraint(fields=["to_tenant", "rid"], name="ledger_served_once"),
        ]

    def __str__(self):
        return f"{self.rid} to {self.to_tenant}"


class Replica(models.Model):
    """A counterparty's log as this tenant holds it; its log key is pinned at first contact.

    `vkey` is the key that the entries which are held lead to from there.
    """

    source = models.UUIDField(primary_key=True)
    log_id = models.CharField(max_length=64)
    origin = models.CharField(max_length=200, unique=True)
    vkey = models.CharField(max_length=400)
    size = models.BigIntegerField(default=0)
    peaks = models.BinaryField(default=b"")
    checkpoint_size = models.BigIntegerField(default=0)
    checkpoint = models.BinaryField(null=True)  # newest signed note that the copy agrees with
    handovers = models.JSONField(default=list)  # index, old key, note of each change of its key
    tail = models.BinaryField(default=b"")  # consistency of size with checkpoint_size, if greater
    #: While `checkpoint` is a promise still: another signed note that newer entries came under, and
    #: the consistency of size with it. Which of the two was kept, the next entries show.
    cover = models.BinaryField(null=True)
    cover_tail = models.BinaryField(default=b"")
    received_at = models.DateTimeField(null=True)
    behind_since = models.DateTimeField(null=True)  # no entry since, though the log signed more

    class Meta:
        db_table = "ledger_replica"

    def __str__(self):
        return f"{self.origin} ({self.size})"


class ReplicaEntry(models.Model):
    """One entry of a counterparty's log."""

    source = models.UUIDField()
    index = models.BigIntegerField()
    kind = models.CharField(max_length=40)
    rid = models.UUIDField()
    leaf = models.BinaryField()
    nodes = models.BinaryField()
    known_at = models.DateTimeField()

    class Meta:
        db_table = "ledger_replica_entry"
        constraints = [
            models.UniqueConstraint(fields=["source", "index"], name="ledger_replica_entry_once"),
        ]
        indexes = [
            models.Index(fields=["rid", "kind"], name="ledger_replica_rid"),
            # what every parcel is checked with: the log's keys, and its tapes
            models.Index(fields=["source", "kind"], name="ledger_replica_kind"),
        ]

    def __str__(self):
        return f"{self.source} {self.index}"


class ReplicaSealed(models.Model):
    """A ciphertext of a counterparty's record, its data key wrapped anew for this tenant."""

    source = models.UUIDField()
    index = models.BigIntegerField()
    ciphertext = models.BinaryField(null=True)
    wrapped_key = models.BinaryField(null=True)
    kek_version = models.IntegerField()
    known_at = models.DateTimeField()
    erased_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True


class ReplicaPayload(ReplicaSealed):
    """Fields and salts of an entry that this tenant may read."""

    class Meta:
        db_table = "ledger_replica_payload"
        constraints = [
            models.UniqueConstraint(fields=["source", "index"], name="ledger_replica_payload_once"),
        ]

    def __str__(self):
        return f"payload {self.source} {self.index}"


class ReplicaItems(ReplicaSealed):
    """The shared items of a batch with their proof; one row for each time more were shared."""

    first_place = models.IntegerField()
    places = models.BinaryField()  # of the shared items in their batch: u32 each, big-endian

    class Meta:
        db_table = "ledger_replica_items"
        constraints = [
            # a share is known by its first place: shares of one batch never overlap
            models.UniqueConstraint(
                fields=["source", "index", "first_place"], name="ledger_replica_items_once"
            ),
        ]

    def __str__(self):
        return f"items {self.source} {self.index}"


class Refusal(models.Model):
    """A parcel that did not verify: its name and reason, and nothing of its content."""

    other = models.UUIDField()  # the counterparty: the sender, or the receiver that refused us
    by_us = models.BooleanField(default=True)
    parcel = models.UUIDField(unique=True)  # an id of the refusal, never chosen by another
    subject = models.CharField(max_length=24)
    code = models.CharField(_("reason"), max_length=40)
    detail = models.CharField(max_length=500)
    at = models.DateTimeField()

    class Meta:
        db_table = "ledger_refusal"
        indexes = [models.Index(fields=["other", "-id"], name="ledger_refusal_other")]

    def __str__(self):
        return f"{self.code} from {self.other}"


class ForkProof(models.Model):
    """Two histories that one log signed: the file that convicts it, kept on both sides."""

    source = models.UUIDField()  # whose log it is
    by_us = models.BooleanField()  # we found it; else another found it of our log
    other = models.UUIDField()  # the counterparty: whose log it is, or who found it
    digest = models.CharField(max_length=64)  # SHA-256 of the evidence, hexadecimal
    evidence = models.BinaryField()
    size = models.BigIntegerField()
    found_at = models.DateTimeField()

    class Meta:
        db_table = "ledger_fork_proof"
        constraints = [
            models.UniqueConstraint(fields=["source", "digest"], name="ledger_fork_proof_once"),
        ]

    def __str__(self):
        return f"{self.source} within {self.size}"


class ForkRuling(models.Model):
    """A person's decision to go on with the history that is held here, for one evidence."""

    digest = models.CharField(max_length=64, primary_key=True)
    reason = models.CharField(max_length=400)
    ruled_by = models.UUIDField()
    ruled_at = models.DateTimeField()

    class Meta:
        db_table = "ledger_fork_ruling"

    def __str__(self):
        return f"{self.digest[:12]}: {self.reason}"


class Restoration(models.Model):
    """A lost log that is asked back from a counterparty's copy; on both sides, a person decides."""

    class State(models.TextChoices):
        ASKED = "asked", _("Asked")
        GIVEN = "given", _("Given back")
        REFUSED = "refused", _("Refused")
        TAKEN = "taken", _("Restored")

    other = models.UUIDField()
    by_us = models.BooleanField()  # we asked for our log; else another asks for its own
    origin = models.CharField(max_length=200)
    reason = models.CharField(max_length=400)
    asked_by = models.UUIDField(null=True)
    asked_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State, default=State.ASKED)
    decided_by = models.UUIDField(null=True)
    decided_at = models.DateTimeField(null=True)
    entries = models.BigIntegerField(default=0)
    missing_payloads = models.JSONField(default=list)  # indexes of entries: from backup only
    missing_items = models.JSONField(default=list)
    not_returned = models.JSONField(default=dict)  # model: how many rows, null if nobody can say
    seen_by = models.UUIDField(null=True)  # who marked as seen that business rows are missing
    seen_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "ledger_restoration"

    def __str__(self):
        return f"{self.origin}: {self.state}"
