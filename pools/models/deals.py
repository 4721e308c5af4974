"""A deal from the request to the money: request, diligence, facility, votes, pool, pledges, cash.

Amounts are whole minor units. Terms, deals and results are plain data (`pools.structure.plain`), so
that what was decided can be read back exactly. Each act names its entry on the trust's ledger.
"""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from pools.models.assets import Asset
from pools.models.screening import ScreeningRun


class RequestState(models.TextChoices):
    RECEIVED = "received", _("Received")
    CLEARED = "cleared", _("Diligence done")
    DECLINED = "declined", _("Declined")


class FinancingRequest(models.Model):
    """A lessor's `financing.requested`, as its verified entry says; `rid` is the entry's."""

    rid = models.UUIDField(primary_key=True)
    source = models.UUIDField()  # the lessor
    amount_minor = models.BigIntegerField(_("amount"))
    currency = models.CharField(max_length=3)
    term_months = models.PositiveSmallIntegerField(_("term"))
    purpose = models.CharField(_("purpose"), max_length=200)
    state = models.CharField(max_length=10, choices=RequestState.choices, default="received")
    anchored_at = models.DateTimeField(_("received"))
    ledger_index = models.BigIntegerField()  # on the lessor's log
    closed_by = models.UUIDField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-anchored_at"]
        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="pools_request_positive")
        ]

    def __str__(self):
        return str(self.rid)


class DiligenceFinding(models.Model):
    """One question of the check-list, answered by a person or measured by the system."""

    request = models.ForeignKey(FinancingRequest, on_delete=models.PROTECT, related_name="findings")
    code = models.CharField(max_length=40)
    passed = models.BooleanField()
    note = models.CharField(_("note"), max_length=400, blank=True)
    measured = models.BooleanField(default=False)  # by the system, not by a person
    by = models.UUIDField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["request", "code"], name="pools_finding_once")
        ]

    def __str__(self):
        return self.code


class FacilityState(models.TextChoices):
    VOTING = "voting", _("Before the committee")
    APPROVED = "approved", _("Approved")
    REFUSED = "refused", _("Refused")


class Facility(models.Model):
    """What the committee votes on: form, limit, and the terms of every pool under it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    request = models.ForeignKey(
        FinancingRequest, on_delete=models.PROTECT, related_name="facilities"
    )
    name = models.CharField(_("name"), max_length=80)
    form = models.CharField(_("form"), max_length=24)  # pools.structure.forms.Form
    currency = models.CharField(max_length=3)
    limit_minor = models.BigIntegerField(_("limit"))
    expires_on = models.DateField(_("expires"))
    terms = models.JSONField()  # pools.packaging.propose.PoolTerms as plain data
    terms_sha256 = models.CharField(max_length=64)
    quorum = models.PositiveSmallIntegerField(_("quorum"))
    state = models.CharField(max_length=10, choices=FacilityState.choices, default="voting")
    proposed_by = models.UUIDField()
    proposed_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    ledger_index = models.BigIntegerField(null=True)  # of committee.decided

    class Meta:
        ordering = ["-proposed_at"]

    def __str__(self):
        return self.name


class CommitteeVote(models.Model):
    """One member's vote; given once, never changed."""

    facility = models.ForeignKey(Facility, on_delete=models.PROTECT, related_name="votes")
    by = models.UUIDField()
    approves = models.BooleanField()
    reason = models.CharField(_("reason"), max_length=400, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["facility", "by"], name="pools_one_vote_each")
        ]

    def __str__(self):
        return f"{self.facility_id} by {self.by}"


class PoolState(models.TextChoices):
    """`REQUESTED`: the lessors were asked for their receivables; `PURCHASED`: they are ours."""

    PROPOSED = "proposed", _("Proposed")
    APPROVED = "approved", _("Approved")
    REQUESTED = "requested", _("Receivables asked for")
    PURCHASED = "purchased", _("Purchased")
    DISBURSED = "disbursed", _("Paid out")
    CANCELLED = "cancelled", _("Cancelled")


class Pool(models.Model):
    """A chosen set of assets with its price and its deal; `id` is its record id on the ledger."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    facility = models.ForeignKey(Facility, on_delete=models.PROTECT, related_name="pools")
    run = models.ForeignKey(ScreeningRun, on_delete=models.PROTECT, related_name="pools")
    name = models.CharField(_("name"), max_length=80)
    state = models.CharField(max_length=10, choices=PoolState.choices, default="proposed")
    currency = models.CharField(max_length=3)
    cut_off = models.DateField(_("cut-off"))
    assets = models.IntegerField(_("assets"))
    balance_minor = models.BigIntegerField(_("balance"))
    net_value_minor = models.BigIntegerField(_("net value"))
    price_minor = models.BigIntegerField(_("price"))
    deal = models.JSONField()  # pools.structure.terms.Deal as plain data
    report = models.JSONField()  # failures by rule, limits as measured, tranches, projected months
    seal = models.CharField(max_length=64)  # of the decision bundle (pools.packaging.bundle)
    bundle_sha256 = models.CharField(max_length=64)  # of the stored file
    packaged_by = models.UUIDField()
    packaged_at = models.DateTimeField()
    packaged_index = models.BigIntegerField()
    purchased_at = models.DateTimeField(null=True)
    purchased_index = models.BigIntegerField(null=True)

    class Meta:
        ordering = ["-packaged_at"]

    def __str__(self):
        return self.name


class PoolApproval(models.Model):
    """One person's yes to a packaged pool; two people who did not package it approve it."""

    pool = models.ForeignKey(Pool, on_delete=models.PROTECT, related_name="approvals")
    by = models.UUIDField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["pool", "by"], name="pools_one_pool_approval_each")
        ]

    def __str__(self):
        return f"{self.pool_id} by {self.by}"


class ReleaseReason(models.TextChoices):
    """Why a right was given back after the purchase (`pools.deals.endings`)."""

    SETTLED = "settled", _("Nothing is owed any more")
    DISPOSED = "disposed", _("The vehicle was sold")
    REPLACED = "replaced", _("Replaced by another asset")
    DEBT_PAID = "debt_paid", _("The debt is paid")
    CONTESTED = "contested", _("A contest was upheld")


class PoolAsset(models.Model):
    """An asset in a pool as it was at the cut-off; in one live pool at a time."""

    pool = models.ForeignKey(Pool, on_delete=models.PROTECT, related_name="members")
    asset = models.ForeignKey(Asset, on_delete=models.PROTECT, related_name="memberships")
    source = models.UUIDField()  # the lessor
    balance_minor = models.BigIntegerField(_("balance"))
    net_value_minor = models.BigIntegerField(_("net value"))
    live = models.BooleanField(default=True)
    released_at = models.DateTimeField(null=True)  # the right was given back after the purchase
    released_index = models.BigIntegerField(null=True)  # of pledge.released
    release_reason = models.CharField(
        max_length=12, blank=True, db_default="", choices=ReleaseReason.choices
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["asset"], condition=Q(live=True), name="pools_asset_in_one_live_pool"
            ),
            models.UniqueConstraint(fields=["pool", "asset"], name="pools_asset_once_in_a_pool"),
        ]

    def __str__(self):
        return f"{self.asset_id} in {self.pool_id}"


class PledgeState(models.TextChoices):
    """The trust's half of the saga."""

    REQUESTED = "requested", _("Asked for")
    ACCEPTED = "accepted", _("Accepted by the lessor")
    REFUSED = "refused", _("Refused by the lessor")
    PERFECTED = "perfected", _("Perfected")
    RELEASED = "released", _("Released")


class Pledge(models.Model):
    """The receivables of one lessor in one pool; `rid` is shared by both sides' entries."""

    rid = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    pool = models.ForeignKey(Pool, on_delete=models.PROTECT, related_name="pledges")
    lessor_id = models.UUIDField()
    state = models.CharField(max_length=10, choices=PledgeState.choices, default="requested")
    requested_at = models.DateTimeField()
    expires_at = models.DateTimeField()  # unanswered until then, the reservation is released
    requested_index = models.BigIntegerField()
    answered_at = models.DateTimeField(null=True)
    perfected_index = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["pool", "lessor_id"], name="pools_one_pledge_a_lessor")
        ]

    def __str__(self):
        return str(self.rid)


class Disbursement(models.Model):
    """The price paid to one lessor: instructed by the manager, confirmed by the custodian."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    pool = models.ForeignKey(Pool, on_delete=models.PROTECT, related_name="disbursements")
    lessor_id = models.UUIDField()
    amount_minor = models.BigIntegerField(_("amount"))
    instructed_by = models.UUIDField()
    instructed_at = models.DateTimeField()
    bank_reference = models.CharField(_("bank reference"), max_length=64, blank=True)
    confirmed_by = models.UUIDField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    ledger_index = models.BigIntegerField(null=True)  # of pool.disbursed

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["pool", "lessor_id"], name="pools_one_disbursement_a_lessor"
            ),
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0), name="pools_disbursement_positive"
            ),
        ]

    def __str__(self):
        return f"{self.amount_minor} for {self.pool_id}"
