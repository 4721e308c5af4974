"""The pipeline: every request, facility and pool with what it waits for."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from django.db.models import Prefetch, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from pools.deals import standing
from pools.deals.selectors import USING
from pools.models import Facility, FinancingRequest, Pool, RequestState
from tenants import clock
from tenants.access import permissions_in
from tenants.context import current_tenant
from tenants.models import Tenant, User
from tenants.templatetags.ui import institution

_USING = Pool.objects.filter(state__in=USING).defer("report", "deal")


@dataclass(frozen=True)
class Row:
    """One line of the pipeline and what this person may do with it."""

    item: FinancingRequest | Facility | Pool
    title: str
    url: str
    waits_for: str
    acts: list[standing.Act]
    lessor: Tenant | None = None
    figures: dict[str, int] = field(default_factory=dict)

    @property
    def wanted(self) -> list[standing.Act]:
        """What the list of waiting work offers: to go on, or else to look; never to give up."""
        if not (self.waits_for and self.acts):
            return []
        on = [act for act in self.acts if act.tone != "danger"]
        calls = on or self.item.state == RequestState.RECEIVED
        look = standing.Act("look", _("Look into it"), self.url, "search")
        return (on or [look]) if calls else []


def requests(person: standing.Person, on: date) -> list[Row]:
    """Every request, the newest first; one with a facility waits for nobody any more."""
    found = list(FinancingRequest.objects.prefetch_related("findings", "facilities"))
    lessors = Tenant.objects.in_bulk({asked.source for asked in found})
    rows = []
    for asked in found:
        lessor = lessors.get(asked.source)
        waits = standing.request_waits_for(asked, on)
        acts = standing.request_acts(asked, person, on) if waits else []
        url = reverse("deals-request", args=[asked.pk])
        rows.append(Row(asked, institution(lessor), url, waits, acts, lessor))
    return rows


def facilities(person: standing.Person, on: date) -> list[Row]:
    """Every facility, the newest first, with what its pools use of its limit."""
    found = Facility.objects.select_related("request")
    return facility_rows(found, person, on)


def facility_rows(found: QuerySet[Facility], person: standing.Person, on: date) -> list[Row]:
    """Lines of these facilities."""
    loaded = list(found.prefetch_related("votes", Prefetch("pools", _USING)))
    lessors = Tenant.objects.in_bulk({facility.request.source for facility in loaded})
    rows = []
    for facility in loaded:
        voted = [vote.by for vote in facility.votes.all()]
        rows.append(
            Row(
                facility,
                facility.name,
                reverse("deals-facility", args=[facility.pk]),
                standing.facility_waits_for(facility, len(voted)),
                standing.facility_acts(facility, voted, person, on),
                lessors.get(facility.request.source),
                {"used_minor": sum(pool.price_minor for pool in facility.pools.all())},
            )
        )
    return rows


def pool_rows(found: QuerySet[Pool], person: standing.Person) -> list[Row]:
    """Lines of these pools, the newest first."""
    loaded = found.defer("report", "deal").prefetch_related("approvals", "pledges", "disbursements")
    return [
        Row(
            pool,
            pool.name,
            reverse("deals-pool", args=[pool.pk]),
            standing.pool_waits_for(pool),
            standing.pool_acts(pool, person),
        )
        for pool in loaded
    ]


def every_row(person: standing.Person, on: date) -> dict[str, list[Row]]:
    """All lines of the pipeline."""
    return {
        "requests": requests(person, on),
        "facilities": facilities(person, on),
        "pools": pool_rows(Pool.objects.all(), person),
    }


def waiting_for(user: User) -> int:
    """How many lines of the pipeline wait for this person, for the home page."""
    person = standing.Person(user.pk, permissions_in(user, current_tenant()))
    rows = every_row(person, clock.today()).values()
    return sum(bool(row.wanted) for kind in rows for row in kind)
