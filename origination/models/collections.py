"""Contacts with late lessees, their promises, who is at work on a lease, the rules of collecting.

What is owed, how late a lease is and whether a promise was kept stand nowhere here: they are
derived (`origination.domain.servicing`, `origination.domain.collections`).
"""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from origination.models.book import Lease


class CollectionCase(models.Model):
    """What the latest entries about a lease say, so that a queue can be sorted by it.

    Its row is locked by whoever records something about the lease.
    """

    lease = models.OneToOneField(
        Lease, on_delete=models.PROTECT, primary_key=True, related_name="collection_case"
    )
    assigned_to = models.UUIDField(null=True)
    assigned_at = models.DateTimeField(null=True)
    last_contact_at = models.DateTimeField(_("last contact"), null=True)
    last_channel = models.CharField(max_length=12, blank=True)
    last_outcome = models.CharField(max_length=16, blank=True)
    next_action_on = models.DateField(_("next action"), null=True)
    do_not_call = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["assigned_to"], name="collection_cases_by_person")]

    def __str__(self):
        return str(self.lease_id)


class CollectionContact(models.Model):
    """One contact as its entry says it. Never changed: a correction is another contact."""

    rid = models.UUIDField(primary_key=True, default=uuid.uuid4)
    lease = models.ForeignKey(Lease, on_delete=models.PROTECT, related_name="contacts")
    channel = models.CharField(_("kind"), max_length=12)
    outcome = models.CharField(_("outcome"), max_length=16)
    at = models.DateTimeField(_("when"))
    inbound = models.BooleanField(default=False)
    note = models.CharField(_("note"), max_length=1000, blank=True)
    place = models.CharField(_("place"), max_length=200, blank=True)
    latitude = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    longitude = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    next_action_on = models.DateField(_("next action"), null=True)
    corrects = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, related_name="corrected_by"
    )
    breaches = models.JSONField(default=list)  # codes of rules that it breaks
    recorded_by = models.UUIDField()
    recorded_at = models.DateTimeField()
    entry_index = models.BigIntegerField(_("ledger entry"), null=True)  # NULL while it waits

    class Meta:
        ordering = ["-at", "-recorded_at"]
        indexes = [models.Index(fields=["lease", "-at"], name="contacts_of_a_lease")]

    def __str__(self):
        return f"{self.at:%Y-%m-%d} {self.channel} {self.outcome}"


class PaymentPromise(models.Model):
    """A promise to pay as its entry says it; whether it was kept is derived.

    `days_past_due` and `owed_minor` are what the person saw who took it.
    """

    rid = models.UUIDField(primary_key=True, default=uuid.uuid4)
    lease = models.ForeignKey(Lease, on_delete=models.PROTECT, related_name="promises")
    amount_minor = models.BigIntegerField(_("amount"))
    due_on = models.DateField(_("promised for"))
    grace_days = models.PositiveSmallIntegerField()
    made_at = models.DateTimeField(_("made at"))
    made_with = models.UUIDField()
    days_past_due = models.PositiveIntegerField(_("days past due"))
    owed_minor = models.BigIntegerField(_("owed"))
    entry_index = models.BigIntegerField(_("ledger entry"))
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.UUIDField(null=True)
    withdrawn_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["made_at", "rid"]
        indexes = [models.Index(fields=["lease", "-made_at"], name="promises_of_a_lease")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(amount_minor__gt=0), name="promise_amount_positive"
            ),
            models.CheckConstraint(
                condition=models.Q(withdrawn_at=None) | models.Q(withdrawn_by__isnull=False),
                name="promise_withdrawn_by_somebody",
            ),
        ]

    def __str__(self):
        return f"{self.due_on} {self.amount_minor}"


class CollectionRulesSet(models.Model):
    """The rules of collecting as they were set (`domain.collections.rules`); the newest counts."""

    rid = models.UUIDField(primary_key=True, default=uuid.uuid4)
    rules = models.JSONField()
    set_by = models.UUIDField()
    set_at = models.DateTimeField(_("set at"))
    entry_index = models.BigIntegerField(_("ledger entry"))

    class Meta:
        ordering = ["-set_at"]

    def __str__(self):
        return f"{self.set_at:%Y-%m-%d}"
