"""What this institution knows of the title registry's map: roots, its own rights, proofs."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class TitleRootSeen(models.Model):
    """What the platform said of an epoch: to us (`source` is this institution), or to another."""

    source = models.UUIDField()
    epoch = models.BigIntegerField()
    index = models.BigIntegerField()  # of the entry in the log of `source`
    fields = models.JSONField()
    seen_at = models.DateTimeField()

    class Meta:
        db_table = "ledger_title_root"
        constraints = [
            models.UniqueConstraint(fields=["source", "index"], name="ledger_title_root_once")
        ]
        indexes = [
            models.Index(fields=["epoch"], name="ledger_title_root_epoch"),
            models.Index(
                fields=["source", "epoch"],
                name="ledger_title_root_hands_over",
                condition=models.Q(fields__has_key="old_key"),
            ),
        ]

    def __str__(self):
        return f"epoch {self.epoch} as told to {self.source}"


class TitleAlarm(models.Model):
    """Something that the registry's map cannot be if the platform is honest. Kept on both sides."""

    class Kind(models.TextChoices):
        DIFFERENT = "different", _("Two roots for one epoch")
        BROKEN = "broken", _("An epoch does not follow the one before")
        UNTIMELY = "untimely", _("The time of an epoch cannot be true")
        MALFORMED = "malformed", _("A root of the platform that cannot be read")
        UNSIGNED = "unsigned", _("A root that the platform did not sign")
        MISSING = "missing", _("A right of ours is not in the map")
        UNPROVEN = "unproven", _("An answer of the registry does not hold")

    kind = models.CharField(max_length=10, choices=Kind)
    epoch = models.BigIntegerField()
    other = models.UUIDField(null=True)  # the counterparty that it concerns, if any
    by_us = models.BooleanField(default=True)  # we found it; else the counterparty told us
    digest = models.CharField(max_length=64, unique=True)
    evidence = models.JSONField()
    at = models.DateTimeField()

    class Meta:
        db_table = "ledger_title_alarm"

    def __str__(self):
        return f"{self.kind} in epoch {self.epoch}"


class TitleWatch(models.Model):
    """A right that this institution holds by its own books, its place in the map proven once."""

    claim_id = models.UUIDField()
    right = models.CharField(max_length=16)
    identifier = models.CharField(max_length=80)
    grip = models.CharField(max_length=60)  # another one once it was let go and taken anew
    map_index = models.BinaryField(max_length=32)
    vrf_key = models.BinaryField(max_length=32)  # that the place was proven under
    seen_at = models.DateTimeField()  # the wall clock, when it was first found in the books
    seen_epoch = models.BigIntegerField()  # the newest on this ledger then

    class Meta:
        db_table = "ledger_title_watch"
        constraints = [
            models.UniqueConstraint(
                fields=["claim_id", "right", "grip"], name="ledger_title_watch_once"
            )
        ]

    def __str__(self):
        return f"{self.right} of {self.claim_id}"


class TitleCheck(models.Model):
    """That all own rights were looked for in an epoch's map: how many, and which were not there."""

    epoch = models.BigIntegerField(primary_key=True)
    held = models.IntegerField()
    missing = models.JSONField(default=list)  # {claim, right, identifier}
    checked_at = models.DateTimeField()
    looked_at = models.DateTimeField(null=True)  # the wall clock; no later epoch was told then

    class Meta:
        db_table = "ledger_title_check"

    def __str__(self):
        return f"epoch {self.epoch}: {self.held} held, {len(self.missing)} missing"


class TitleProofKept(models.Model):
    """Proofs for a lease or a pool, asked for and verified here: the file, and what it proves."""

    class Verdict(models.TextChoices):
        FREE = "free", _("Nobody holds it")
        HELD = "held", _("Held by this institution")
        MIXED = "mixed", _("Held in part by this institution, the rest by nobody")
        TAKEN = "taken", _("Somebody holds it")

    subject_id = models.UUIDField()  # the lease's claim, or the pool
    answers = models.IntegerField()
    taken = models.JSONField(default=list)  # claims of which somebody else holds the right
    epoch = models.BigIntegerField()
    verdict = models.CharField(max_length=8, choices=Verdict)
    file = models.BinaryField()
    sealed_at = models.DateTimeField()  # the epoch's
    asked_by = models.UUIDField()
    asked_at = models.DateTimeField()

    class Meta:
        db_table = "ledger_title_proof"
        indexes = [models.Index(fields=["subject_id", "-id"], name="ledger_title_proof_of")]

    def __str__(self):
        return f"{self.subject_id}: {self.verdict} in epoch {self.epoch}"
