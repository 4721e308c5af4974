"""Filters that people saved, and what was done to many rows at once."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _


class SavedFilter(models.Model):
    """Filters of the leases' list under a name; `chosen` holds codes, never what was searched."""

    rid = models.UUIDField(primary_key=True, default=uuid.uuid4)
    owner = models.UUIDField()
    name = models.CharField(_("name"), max_length=60)
    chosen = models.JSONField()
    is_shared = models.BooleanField(_("Share with colleagues"), default=False)
    saved_at = models.DateTimeField()

    class Meta:
        ordering = ["name", "saved_at"]
        constraints = [models.UniqueConstraint(fields=["owner", "name"], name="filter_name_once")]

    def __str__(self):
        return self.name


class BulkAction(models.Model):
    """One act on many leases or applications, as it was previewed; `rid` is known to its maker.

    `given` is what the act asks for (its service checks it again), `done_at` when it was confirmed.
    """

    rid = models.UUIDField(primary_key=True, default=uuid.uuid4)
    action = models.CharField(max_length=16)
    given = models.JSONField()
    made_by = models.UUIDField()
    made_at = models.DateTimeField(_("previewed at"))
    done_at = models.DateTimeField(_("confirmed at"), null=True)

    class Meta:
        ordering = ["-made_at"]

    def __str__(self):
        return f"{self.made_at:%Y-%m-%d} {self.action}"


class BulkState(models.TextChoices):
    """What became of one lease or application of it."""

    READY = "ready", _("Will be done")
    REFUSED = "refused", _("Cannot be done")
    DONE = "done", _("Done")
    FAILED = "failed", _("Not done")


class BulkItem(models.Model):
    """One of them: `seen` is what the preview saw, `reasons` why it cannot or could not be done."""

    bulk = models.ForeignKey(BulkAction, on_delete=models.CASCADE, related_name="items")
    place = models.PositiveIntegerField()
    subject = models.UUIDField()
    name = models.CharField(_("contract number"), max_length=80)
    seen = models.CharField(max_length=40, blank=True)
    state = models.CharField(max_length=8, choices=BulkState.choices)
    reasons = models.JSONField(default=list)
    entry_index = models.BigIntegerField(_("ledger entry"), null=True)

    class Meta:
        ordering = ["bulk", "place"]
        constraints = [
            models.UniqueConstraint(fields=["bulk", "subject"], name="bulk_item_once"),
            models.CheckConstraint(
                condition=~models.Q(state="ready") | models.Q(reasons=[]),
                name="bulk_ready_without_reasons",
            ),
        ]

    def __str__(self):
        return f"{self.name} {self.state}"
