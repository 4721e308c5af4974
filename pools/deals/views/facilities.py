"""Facilities: the proposal, its terms in words, the vote, and the pools under it."""

from datetime import timedelta
from itertools import count

from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from pools.confirming import Confirmation, blame, confirm
from pools.deals import overview, standing
from pools.deals.clauses import terms_in_words
from pools.deals.forms import FacilityForm, VoteForm
from pools.deals.problems import AlreadyProposed
from pools.deals.selectors import headroom_minor, is_spoken_for, terms_of, used_minor
from pools.deals.services import cast_vote, propose_facility
from pools.deals.views.shared import facts_of, person_of
from pools.models import Facility, FacilityState, FinancingRequest, Pool, RequestState
from pools.structure.templates import standard_deal
from tenants import clock
from tenants.access import people_named
from tenants.models import Tenant
from tenants.money import Money
from tenants.permissions import Permission
from tenants.problems import Problem
from tenants.templatetags.ui import institution
from tenants.web import require

#: fields of the service's refusals that the form calls otherwise
_FIELDS = {"limit_minor": "limit"} | {
    f"terms.{name}": name for name in ("price_yield", "annual_default", "annual_prepayment")
}


@require(Permission.PACKAGE_POOL)
def propose(request, rid):
    """The form, then the terms in words, then the proposal."""
    asked = get_object_or_404(FinancingRequest, pk=rid)
    lessor, today = Tenant.objects.get(pk=asked.source), clock.today()
    first = {
        "limit": Money.from_minor(asked.amount_minor, asked.currency).amount,
        "name": _free_name(f"{institution(lessor)} {today.year}"),
        "expires_on": today + timedelta(days=365),
    }
    form = FacilityForm(request.POST or None, initial=first, currency=asked.currency, today=today)
    context = {"asked": asked, "form": form, "lessor": lessor}
    status = 200
    if request.method == "POST" and form.is_valid() and "change" not in request.POST:
        try:
            terms = form.terms()
            standard_deal(terms.structure, form.limit_minor)
            if is_spoken_for(asked.facilities.all(), clock.today()):
                raise AlreadyProposed
            if "confirmed" in request.POST:
                return redirect("deals-facility", _propose(request, asked, form, terms).pk)
            context["terms"] = terms_in_words(terms)
            return render(request, "pools/deals/propose_review.html", context)
        except Problem as refused:
            context["problem"] = blame(form, refused, _FIELDS)
            status = refused.status
    elif form.errors and "change" not in request.POST:
        status = 422
    context["is_cleared"] = asked.state == RequestState.CLEARED
    return render(request, "pools/deals/propose.html", context, status=status)


def _free_name(name):
    """The name, with a number if it is taken."""
    taken = set(Facility.objects.filter(name__startswith=name).values_list("name", flat=True))
    numbered = (f"{name} ({number})" for number in count(2))
    return name if name not in taken else next(each for each in numbered if each not in taken)


def _propose(request, asked, form, terms):
    data = form.cleaned_data
    return propose_facility(
        request=asked,
        name=data["name"],
        limit_minor=form.limit_minor,
        expires_on=data["expires_on"],
        terms=terms,
        quorum=data["quorum"],
        by=request.user.pk,
        at=clock.now(),
    )


@require(Permission.VIEW_DEALS)
def facility(request, facility_id):
    """Terms, recourse, votes, decision, pools and what is left of the limit."""
    found = get_object_or_404(Facility.objects.select_related("request"), pk=facility_id)
    person, votes = person_of(request), list(found.votes.order_by("at"))
    pools = overview.pool_rows(Pool.objects.filter(facility=found), person)
    context = {
        "facility": found,
        "lessor": Tenant.objects.filter(pk=found.request.source).first(),
        "terms": terms_in_words(terms_of(found)),
        "votes": votes,
        "names": people_named({vote.by for vote in votes} | {found.proposed_by}),
        "pools": pools,
        "used_minor": used_minor(found),
        "left_minor": headroom_minor(found),
        "waits_for": standing.facility_waits_for(found, len(votes)),
        "acts": standing.facility_acts(found, [vote.by for vote in votes], person, clock.today()),
    }
    return render(request, "pools/deals/facility.html", context)


@require(Permission.VOTE)
def vote(request, facility_id):
    """One member's vote, given once."""
    found = get_object_or_404(Facility.objects.select_related("request"), pk=facility_id)
    voted = set(found.votes.values_list("by", flat=True))
    form = VoteForm(request.POST or None)
    page = Confirmation(
        title=_("Vote on %(facility)s") % {"facility": found.name},
        facts=facts_of(found),
        consequences=[
            _("Your vote is given once and cannot be changed or taken back."),
            _("When %(quorum)s have voted, the majority decides; a tie refuses.")
            % {"quorum": found.quorum},
            _("The decision goes on the ledger with every vote and the terms' hash."),
        ],
        button=_("Give the vote"),
        done=_("Your vote is given."),
        back=reverse("deals-facility", args=[found.pk]),
        form=form,
        refusal=_vote_refusal(found, voted, request.user.pk),
    )

    def act():
        cast_vote(
            facility=found,
            approves=form.cleaned_data["approves"] == "yes",
            reason=form.cleaned_data["reason"],
            by=request.user.pk,
            at=clock.now(),
        )

    return confirm(request, page, act)


def _vote_refusal(found, voted, by):
    if found.state != FacilityState.VOTING:
        return _("The committee has decided.")
    if by in voted:
        return _("You have voted on it.")
    return _("You proposed it: others vote on it.") if by == found.proposed_by else ""
