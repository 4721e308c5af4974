"""The facility: what an analyst proposes and the committee votes on."""

from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_noop

from ledger.drafts import Draft
from ledger.services import append_entry
from pools.deals.problems import (
    AlreadyProposed,
    FacilityInvalid,
    NotCleared,
    VoteInvalid,
    VoteRefused,
)
from pools.deals.selectors import is_spoken_for, voters
from pools.deals.terms import check_terms
from pools.models import CommitteeVote, Facility, FacilityState, FinancingRequest, RequestState
from pools.packaging.propose import PoolTerms, tally
from pools.structure.plain import digest, to_plain
from tenants.problems import FieldError

_SMALLEST_QUORUM = 2  # nobody decides alone


@transaction.atomic
def propose_facility(
    *,
    request: FinancingRequest,
    name: str,
    limit_minor: int,
    expires_on: date,
    terms: PoolTerms,
    quorum: int,
    by: UUID,
    at: datetime,
) -> Facility:
    """Put limit, form and terms before the committee; from here on they are fixed.

    A request has one facility: another may be proposed only after a refusal, and never exceeds
    what was asked for.
    The target and cut-off in `terms` are the facility's; each pool under it sets its own.
    """
    request = FinancingRequest.objects.select_for_update().get(pk=request.pk)
    if request.state != RequestState.CLEARED:
        raise NotCleared
    if is_spoken_for(request.facilities.all(), at.date()):
        raise AlreadyProposed
    name = name.strip()
    errors = _wrong_fields(request, name, limit_minor, expires_on, quorum, by, at)
    errors += check_terms(terms, limit_minor=limit_minor, currency=request.currency)
    if errors:
        raise FacilityInvalid(errors=errors)
    return Facility.objects.create(
        request=request,
        name=name,
        form=terms.structure.form.value,
        currency=request.currency,
        limit_minor=limit_minor,
        expires_on=expires_on,
        terms=to_plain(terms),
        terms_sha256=digest(terms),
        quorum=quorum,
        proposed_by=by,
        proposed_at=at,
    )


def _wrong_fields(
    request: FinancingRequest,
    name: str,
    limit_minor: int,
    expires_on: date,
    quorum: int,
    by: UUID,
    at: datetime,
) -> list[FieldError]:
    may_vote = len(voters() - {by})
    found = [
        (0 < len(name) <= 80, "name", "length",
         gettext_noop("The name must be given, in at most 80 characters."),
         gettext_noop("Name the facility."), {}),
        (0 < limit_minor <= request.amount_minor, "limit_minor", "out_of_range",
         gettext_noop("The limit must be above zero and at most what was asked for."),
         gettext_noop("Lower the limit."), {}),
        (expires_on > at.date(), "expires_on", "in_the_past",
         gettext_noop("The facility would have expired already."),
         gettext_noop("Choose a later day."), {}),
        (_SMALLEST_QUORUM <= quorum <= max(may_vote, _SMALLEST_QUORUM), "quorum", "out_of_range",
         gettext_noop("The quorum must be at least 2, and %(count)s people may vote."),
         gettext_noop("Choose a quorum that the committee can reach."), {"count": may_vote}),
    ]  # fmt: skip
    return [FieldError(where, code, detail, mend, params)
            for good, where, code, detail, mend, params in found if not good]  # fmt: skip


@transaction.atomic
def cast_vote(
    *, facility: Facility, approves: bool, reason: str = "", by: UUID, at: datetime
) -> CommitteeVote:
    """One member's vote. The vote that fills the quorum decides: `committee.decided`."""
    facility = Facility.objects.select_for_update().get(pk=facility.pk)
    reason = reason.strip()
    _check_vote(facility, approves=approves, reason=reason, by=by, at=at)
    vote = CommitteeVote.objects.create(
        facility=facility, by=by, approves=approves, reason=reason, at=at
    )
    votes = dict(facility.votes.values_list("by", "approves"))
    outcome = tally({str(one): yes for one, yes in votes.items()}, quorum=facility.quorum)
    if outcome is not None:
        _decide(facility, approved=outcome, votes=votes, at=at)
    return vote


def _check_vote(facility: Facility, *, approves: bool, reason: str, by: UUID, at: datetime) -> None:
    if facility.state != FacilityState.VOTING:
        raise VoteRefused(detail=gettext_noop("The committee has decided already."))
    if facility.expires_on <= at.date():
        raise VoteRefused(detail=gettext_noop("The facility has expired before it was decided."))
    if by == facility.proposed_by:
        raise VoteRefused(detail=gettext_noop("Who proposed a facility does not vote on it."))
    if facility.votes.filter(by=by).exists():
        raise VoteRefused(detail=gettext_noop("You have voted; a vote is given once."))
    if len(reason) > 400 or (not approves and not reason):
        what = gettext_noop("A no needs a reason; a reason has at most 400 characters.")
        mend = gettext_noop("Say why.")
        raise VoteInvalid(errors=[FieldError("reason", "length", what, mend)])


def _decide(facility: Facility, *, approved: bool, votes: dict[UUID, bool], at: datetime) -> None:
    facility.state = FacilityState.APPROVED if approved else FacilityState.REFUSED
    facility.decided_at = at
    fields = {
        "request": str(facility.request_id),
        "lessor": str(facility.request.source),
        "decision": facility.state.value,
        "votes": votes_text(votes),
        "quorum": str(facility.quorum),
        "name": facility.name,
        "form": facility.form,
        "currency": facility.currency,
        "limit_minor": str(facility.limit_minor),
        "expires_on": facility.expires_on.isoformat(),
        "terms_sha256": facility.terms_sha256,
    }
    draft = Draft.service(kind="committee.decided", rid=facility.pk, fields=fields, ts=at)
    facility.ledger_index = append_entry(draft=draft).index
    facility.save(update_fields=["state", "decided_at", "ledger_index"])


def votes_text(votes: dict[UUID, bool]) -> str:
    """`person:yes` or `person:no`, comma-joined, in the order of the persons' ids."""
    return ",".join(f"{by}:{'yes' if yes else 'no'}" for by, yes in sorted(votes.items()))
