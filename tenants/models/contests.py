"""Contests of what the title registry refused or holds; written through `origination.contests`.

Shared, because three sides have to do with one contest and none reads another's schema. What was
said (vehicle, statement, answer, papers) is encrypted with the registry's own key.
"""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from tenants.models.institutions import Tenant


class ContestState(models.TextChoices):
    OPEN = "contest_open", _("Under way")
    UPHELD = "upheld", _("Upheld")
    DISMISSED = "dismissed", _("Dismissed")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class QuestionState(models.TextChoices):
    """`CLOSED`: withdrawn before it was answered."""

    ASKED = "asked", _("Waits for an answer")
    ANSWERED = "answered", _("Answered")
    LAPSED = "lapsed", _("Not answered in time")
    CLOSED = "question_closed", _("Closed without an answer")


class Contest(models.Model):
    """One institution's objection: who holds this right on this vehicle should not."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    contestant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="+")
    right = models.CharField(max_length=16)
    fingerprint = models.BinaryField(max_length=32)  # of the vehicle, so that twice is once
    sealed = models.BinaryField()  # JSON: vin, statement
    state = models.CharField(max_length=14, choices=ContestState.choices, default=ContestState.OPEN)
    opened_by = models.UUIDField()
    opened_at = models.DateTimeField()
    answer_by = models.DateTimeField()
    opened_index = models.BigIntegerField(null=True)  # on the contestant's ledger
    # four eyes: what one operator proposes another confirms
    proposed_state = models.CharField(max_length=14, blank=True)
    proposed_reason = models.TextField(blank=True)
    proposed_by = models.UUIDField(null=True)
    closed_by = models.UUIDField(null=True)  # who confirmed, or who withdrew it
    closed_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True)  # names nobody: all sides read it
    closed_index = models.BigIntegerField(null=True)  # on the contestant's ledger

    class Meta:
        ordering = ["-opened_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["contestant", "right", "fingerprint"],
                condition=models.Q(state="contest_open"),
                name="contest_open_once",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=ContestState.values), name="contest_state_known"
            ),
            models.CheckConstraint(
                condition=~models.Q(proposed_by=models.F("closed_by"))
                | models.Q(state__in=["contest_open", "withdrawn"]),
                name="contest_decided_by_two",
            ),
        ]

    def __str__(self):
        return f"{self.right} · {self.id} · {self.state}"


class ContestQuestion(models.Model):
    """What one institution is asked about one contest: why its claim, or its hold, should stand.

    Its id is the record id on that institution's ledger; nobody else learns it.
    """

    ROLES = (("holder", _("Holds the right")), ("claimant", _("Gave the right")))

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    contest = models.ForeignKey(Contest, on_delete=models.PROTECT, related_name="questions")
    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=10, choices=ROLES)
    claim_id = models.UUIDField()
    state = models.CharField(
        max_length=16, choices=QuestionState.choices, default=QuestionState.ASKED
    )
    sealed = models.BinaryField(null=True)  # JSON: statement
    answered_by = models.UUIDField(null=True)
    answered_at = models.DateTimeField(null=True)
    answered_index = models.BigIntegerField(null=True)
    # an entry of its own log that it points to: the leaf's bytes and its .tlog-proof
    entry_index = models.BigIntegerField(null=True)
    leaf = models.BinaryField(null=True)
    proof = models.BinaryField(null=True)
    told_after = models.DateTimeField(null=True)  # contest.decided is written from then on
    decided_index = models.BigIntegerField(null=True)

    class Meta:
        ordering = ["role", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["contest", "tenant", "claim_id"], name="contest_question_once"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=QuestionState.values),
                name="contest_question_state_known",
            ),
        ]

    def __str__(self):
        return f"{self.role} · {self.id} · {self.state}"


class ContestPaper(models.Model):
    """A file that one side gave, encrypted; its hash is in that side's ledger entry."""

    contest = models.ForeignKey(Contest, on_delete=models.PROTECT, related_name="papers")
    question = models.ForeignKey(
        ContestQuestion, on_delete=models.PROTECT, related_name="papers", null=True
    )  # None: the contestant's
    file_name = models.CharField(max_length=120)
    media_type = models.CharField(max_length=40)
    size = models.PositiveIntegerField()  # bytes, unencrypted
    sha256 = models.CharField(max_length=64)
    sealed = models.BinaryField()

    class Meta:
        ordering = ["pk"]

    def __str__(self):
        return self.file_name
