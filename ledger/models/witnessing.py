"""Witnessing: whose logs this tenant cosigns, who cosigns its own, and whom it asks for."""

from django.db import models
from django.utils.translation import gettext_lazy as _

#: Longest verifier key: a name, its id, and base64 of an ML-DSA-44 key.
VKEY_SIZE = 2200


class WitnessedLog(models.Model):
    """The latest tree of a log that this tenant cosigned: what both ways of cosigning go by.

    Moved forward only, under its row lock (`ledger.witnessing.state`); a trigger refuses the rest.
    """

    origin = models.CharField(max_length=200, primary_key=True)
    origin_hash = models.CharField(max_length=64, unique=True)  # as its URL names it
    vkey = models.CharField(max_length=VKEY_SIZE)
    source = models.UUIDField(null=True)  # the counterparty whose log it is, if it is one
    size = models.BigIntegerField(default=0)
    root = models.BinaryField(default=b"")
    note = models.BinaryField(null=True)  # the log's signature and ours
    cosigned_at = models.DateTimeField(null=True)
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "ledger_witnessed"

    def __str__(self):
        return f"{self.origin} ({self.size})"


class Witness(models.Model):
    """Somebody outside who is asked to cosign each checkpoint of this log, over HTTP."""

    COSIGNED, WAITING, UNREACHABLE = "cosigned", "waiting", "unreachable"
    REFUSED, HOSTILE, CONTRADICTS = "refused", "hostile", "contradicts"
    STATES = [
        (COSIGNED, _("Cosigned")),
        (WAITING, _("Not asked yet")),
        (UNREACHABLE, _("Not reachable")),
        (REFUSED, _("Refused")),
        (HOSTILE, _("Answered wrongly")),
        (CONTRADICTS, _("Holds another tree")),
    ]

    url = models.CharField(_("address"), max_length=300, unique=True)  # submission prefix
    label = models.CharField(_("name"), max_length=120)
    vkeys = models.TextField(_("verifier keys"))  # one a line
    size = models.BigIntegerField(default=0)  # of the checkpoint that it cosigned last
    state = models.CharField(_("state"), max_length=12, choices=STATES, default=WAITING)
    detail = models.CharField(max_length=500, blank=True)  # a template, to be translated
    params = models.JSONField(default=dict)  # its values
    failures = models.IntegerField(default=0)
    asked_at = models.DateTimeField(null=True)
    next_at = models.DateTimeField(null=True)
    added_by = models.UUIDField(null=True)
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "ledger_witness"

    def __str__(self):
        return f"{self.label} ({self.url})"


class WitnessWord(models.Model):
    """What somebody who cosigns this log said that it holds, before the log was signed last."""

    url = models.CharField(max_length=300, primary_key=True)
    name = models.CharField(max_length=255)
    size = models.BigIntegerField(null=True)  # None: it showed no tree of this log
    silent = models.CharField(max_length=500, blank=True)  # why it could not be heard: a template
    params = models.JSONField(default=dict)  # its values
    asked_at = models.DateTimeField()

    class Meta:
        db_table = "ledger_witness_word"

    def __str__(self):
        return f"{self.name} ({self.url})"


class TrustPolicy(models.Model):
    """The policy that this tenant set for its own log, in place of the default; one row at most."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    text = models.TextField()
    set_by = models.UUIDField(null=True)
    set_at = models.DateTimeField()

    class Meta:
        db_table = "ledger_trust_policy"
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="ledger_trust_policy_single"),
        ]

    def __str__(self):
        return f"trust policy of {self.set_at:%Y-%m-%d}"
