"""Papers of vehicles: those of a lease, and those that run out."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Exists, OuterRef, QuerySet

from origination.domain.life.machine import State
from origination.domain.papers import WARN_DAYS, Paper, Standing, standing
from origination.models import Lease, LifeStep, VehiclePaper


@dataclass(frozen=True)
class PaperRow:
    """The paper of a kind that counts, or that there is none."""

    paper: Paper
    noted: VehiclePaper | None
    standing: Standing


def papers_of(lease: Lease, today: date) -> list[PaperRow]:
    """One row for each kind of paper."""
    newest = {row.paper: row for row in reversed(lease.papers.all())}
    return [
        PaperRow(
            paper,
            found := newest.get(paper.value),
            standing(found.until_on, today) if found else Standing.MISSING,
        )
        for paper in Paper
    ]


def running_out(today: date) -> QuerySet[VehiclePaper]:
    """Newest papers that have expired or do so soon, of leases that are not closed; soonest first.

    A paper that a newer one of its kind follows is none of them.
    """
    newer = VehiclePaper.objects.filter(
        lease=OuterRef("lease"), paper=OuterRef("paper"), pk__gt=OuterRef("pk")
    )
    closed = LifeStep.objects.filter(lease=OuterRef("lease"), state=State.CLOSED.value)
    return (
        VehiclePaper.objects.filter(
            ~Exists(newer), ~Exists(closed), until_on__lte=today + timedelta(days=WARN_DAYS)
        )
        .select_related("lease")
        .order_by("until_on", "pk")
    )
