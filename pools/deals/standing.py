"""Where requests, facilities and pools stand: whom they wait for, what a person may do now.

A button appears only where its act can work; the services decide again when it is pressed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pools.deals.pledging import OPEN
from pools.deals.questions import open_codes
from pools.deals.selectors import is_spoken_for
from pools.deals.services.packaging import APPROVALS
from pools.models import (
    Disbursement,
    Facility,
    FacilityState,
    FinancingRequest,
    PledgeState,
    Pool,
    PoolState,
    RequestState,
)
from tenants.permissions import Permission


@dataclass(frozen=True, slots=True)
class Person:
    """Who looks: their id and what they may do."""

    id: UUID
    held: frozenset[Permission]

    def may(self, permission: Permission) -> bool:
        return permission in self.held


@dataclass(frozen=True, slots=True)
class Act:
    """Something that can be done now, and the page that does it."""

    code: str
    label: Promise | str
    url: str
    icon: str
    tone: str = "primary"


def request_acts(asked: FinancingRequest, person: Person, on: date) -> list[Act]:
    """What the person may do with a request; reads its findings."""
    if not person.may(Permission.CONDUCT_DILIGENCE):
        return []
    if asked.state == RequestState.RECEIVED:
        clear = reverse("deals-close", args=[asked.pk, "clear"])
        decline = reverse("deals-close", args=[asked.pk, "decline"])
        done = not open_codes(asked)
        acts = [Act("clear", _("Clear it"), clear, "check")] if done else []
        return [*acts, Act("decline", _("Decline"), decline, "close", "danger")]
    if _is_open_to_a_facility(asked, on) and person.may(Permission.PACKAGE_POOL):
        url = reverse("deals-propose", args=[asked.pk])
        return [Act("propose", _("Propose a facility"), url, "edit")]
    return []


def _is_open_to_a_facility(asked: FinancingRequest, on: date) -> bool:
    return asked.state == RequestState.CLEARED and not is_spoken_for(asked.facilities.all(), on)


def facility_acts(facility: Facility, voted: Iterable[UUID], person: Person, on: date) -> list[Act]:
    """Vote, or package a pool; `voted` are those whose vote is given."""
    if facility.state == FacilityState.VOTING:
        waits = person.id not in (*voted, facility.proposed_by)
        if not (person.may(Permission.VOTE) and waits):
            return []
        return [Act("vote", _("Vote"), reverse("deals-vote", args=[facility.pk]), "scale")]
    usable = facility.state == FacilityState.APPROVED and facility.expires_on > on
    if not (usable and person.may(Permission.PACKAGE_POOL)):
        return []
    url = reverse("deals-package", args=[facility.pk])
    return [Act("package", _("Package a pool"), url, "pool")]


def pool_acts(pool: Pool, person: Person) -> list[Act]:
    """The next acts on a pool that this person may do; reads its approvals, pledges and cash."""
    acts = []
    if _may_approve(pool, person):
        acts.append(_on_pool(pool, "approve", _("Approve"), "check"))
    if person.may(Permission.PURCHASE_POOL):
        if pool.state == PoolState.APPROVED:
            acts.append(_on_pool(pool, "ask", _("Ask for the receivables"), "signature"))
        elif pool.state == PoolState.REQUESTED and all_accepted(pool):
            acts.append(_on_pool(pool, "purchase", _("Purchase"), "coins"))
        elif pool.state == PoolState.PURCHASED and not pool.disbursements.all():
            acts.append(_on_pool(pool, "instruct", _("Instruct the payment"), "coins"))
        if pool.state in OPEN:
            acts.append(_on_pool(pool, "cancel", _("Give the pool up"), "close", "danger"))
    return acts + [cash_act(paid) for paid in pool.disbursements.all() if _may_pay(paid, person)]


def cash_act(paid: Disbursement) -> Act:
    """The custodian's act on one payment."""
    url = reverse("deals-confirm", args=[paid.pk])
    return Act("confirm", _("Confirm the payment"), url, "check")


def _on_pool(pool: Pool, code: str, label: Promise, icon: str, tone: str = "primary") -> Act:
    return Act(code, label, reverse(f"deals-{code}", args=[pool.pk]), icon, tone)


def _may_approve(pool: Pool, person: Person) -> bool:
    before = {approval.by for approval in pool.approvals.all()} | {pool.packaged_by}
    return (
        pool.state == PoolState.PROPOSED
        and person.may(Permission.APPROVE_POOL)
        and person.id not in before
    )


def _may_pay(paid: Disbursement, person: Person) -> bool:
    return (
        paid.confirmed_at is None
        and person.may(Permission.CONFIRM_CASH)
        and person.id != paid.instructed_by
    )


def all_accepted(pool: Pool) -> bool:
    """Whether every lessor that was asked has accepted."""
    states = [pledge.state for pledge in pool.pledges.all()]
    return bool(states) and set(states) <= {PledgeState.ACCEPTED, PledgeState.PERFECTED}


def request_waits_for(asked: FinancingRequest, on: date) -> str:
    """Whom a request waits for, in words; empty when for nobody."""
    if asked.state == RequestState.RECEIVED:
        return gettext("Analyst: diligence")
    if _is_open_to_a_facility(asked, on):
        return gettext("Analyst: a facility to be proposed")
    return ""


def facility_waits_for(facility: Facility, votes: int) -> str:
    """Whom a facility waits for, in words."""
    if facility.state != FacilityState.VOTING:
        return ""
    counts = {"given": votes, "needed": facility.quorum}
    return gettext("Committee: %(given)s of %(needed)s votes given") % counts


def pool_waits_for(pool: Pool) -> str:
    """Whom a pool waits for, in words."""
    given, pledges = len(pool.approvals.all()), list(pool.pledges.all())
    answered = sum(pledge.state != PledgeState.REQUESTED for pledge in pledges)
    if pool.state == PoolState.PROPOSED:
        counts = {"given": given, "needed": APPROVALS}
        return gettext("Approval: %(given)s of %(needed)s given") % counts
    if pool.state == PoolState.APPROVED:
        return gettext("Portfolio manager: ask for the receivables")
    if pool.state == PoolState.REQUESTED and not all_accepted(pool):
        counts = {"given": answered, "needed": len(pledges)}
        return gettext("Lessors: %(given)s of %(needed)s answered") % counts
    if pool.state == PoolState.REQUESTED:
        return gettext("Portfolio manager: purchase")
    if pool.state == PoolState.PURCHASED and not pool.disbursements.all():
        return gettext("Portfolio manager: instruct the payment")
    return gettext("Custodian: confirm the payment") if pool.state == PoolState.PURCHASED else ""
