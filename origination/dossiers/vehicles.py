"""A vehicle: everything on record under one VIN. Its page is named by its first lease."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.http import Http404
from django.utils.translation import gettext_lazy as _

from ledger.models import Entry
from ledger.problems import PayloadErased
from ledger.selectors import batch_items
from origination.domain.papers import Paper, Standing, standing
from origination.models import Lease, RegistryFinding, VehiclePaper
from origination.selectors.leases import TITLE_RIGHTS
from origination.selectors.life import HistoryRow, histories_of, with_states
from origination.selectors.papers import PaperRow
from origination.selectors.positions import Position, positions_of
from tenants.registry import states_of

ALARMS = {
    "power_cut": _("Power cut"),
    "left_region": _("Left the region"),
    "silent": _("Silent"),
}
PRICES = {
    "appraisal": _("Appraisal"),
    "turn_in_sale": _("Sale after turn-in"),
    "distressed_sale": _("Distressed sale"),
}
SHOWN = 20
TRACKED, PRICED = "telematics.batch", "prices.observed"
_BATCHES = 3  # of each kind, the newest, are opened for what they tell of a vehicle


@dataclass(frozen=True)
class Vehicle:
    """`lease` is the newest; `titles`: (right, state) of each of its leases that claimed any."""

    rid: UUID
    lease: Lease
    leases: Sequence[tuple[Lease, Position | None]]
    titles: Sequence[tuple[Lease, Mapping[str, str]]]
    findings: Sequence[RegistryFinding]
    papers: Sequence[PaperRow]
    odometer: Sequence[tuple[date, int, Lease]]
    history: Sequence[tuple[Lease, HistoryRow]]


@dataclass(frozen=True)
class Told:
    """An item of a batch on the ledger that tells of a vehicle: its fields, and its entry."""

    fields: Mapping[str, str]
    entry_index: int

    @property
    def day(self) -> str:
        """Of what is told: a day of aggregates, or the instant of a position."""
        return _day(self.fields)

    @property
    def kilometres(self) -> str:
        """Driven on the day, or what the odometer says."""
        return self.fields.get("kilometres") or self.fields.get("odometer_km", "")

    @property
    def place(self) -> str:
        """Where it was, in degrees; empty where only the province is told."""
        found = [self.fields.get(name, "") for name in ("latitude", "longitude")]
        return ", ".join(found) if all(found) else ""

    @property
    def alarms(self) -> list[str]:
        """What the tracker warned of, in words."""
        codes = self.fields.get("alarms", "").split(",")
        return [str(ALARMS.get(code, code)) for code in codes if code]

    @property
    def kind(self) -> str:
        """How the price came about, in words."""
        code = self.fields.get("kind", "")
        return str(PRICES.get(code, code))

    @property
    def price_minor(self) -> int:
        return int(self.fields.get("price_minor") or 0)


def vehicle_rid(rid: UUID) -> UUID:
    """The lease by which this vehicle's page is named, or 404."""
    return _leases_of(rid)[0].rid


def vehicle_of(rid: UUID, *, as_of: date, known_at: datetime) -> Vehicle:
    """The vehicle behind a lease, or 404."""
    leases = _leases_of(rid)
    rids = [lease.rid for lease in leases]
    states = {right: states_of(claim_ids=rids, right=right) for right in TITLE_RIGHTS}
    titles = [
        (lease, claimed)
        for lease in leases[::-1]
        if (claimed := {right: of[lease.rid] for right, of in states.items() if lease.rid in of})
    ]
    at = positions_of(rids, as_of=as_of, known_at=known_at)
    history = histories_of(leases)
    return Vehicle(
        rid=rids[0],
        lease=leases[-1],
        leases=[(lease, at.get(lease.rid)) for lease in leases[::-1]],
        titles=titles,
        findings=list(RegistryFinding.objects.filter(lease__in=rids)[:SHOWN]),
        papers=_papers(rids, as_of),
        odometer=_readings(leases, history),
        history=history[:SHOWN],
    )


def told_of(rid: UUID, kind: str) -> list[Told]:
    """What the newest batches of a kind tell of the vehicle behind a lease, the newest first.

    Nothing of it has a row here: batches are sealed in the ledger, and opened to be read.
    """
    leases = {str(lease.rid) for lease in _leases_of(rid)}
    newest = Entry.objects.filter(kind=kind).order_by("-index").values_list("index", flat=True)
    return [one for index in newest[:_BATCHES] for one in _items_of(leases, index)][:SHOWN]


def _items_of(leases: Collection[str], index: int) -> list[Told]:
    try:
        items = batch_items(index)
    except PayloadErased:
        return []
    places = [place for place, of in enumerate(items.columns["lease_rid"]) if of in leases]
    found = [Told(items.record(place), index) for place in places]
    return sorted(found, key=lambda one: _day(one.fields), reverse=True)


def _day(fields: Mapping[str, str]) -> str:
    return fields.get("day") or fields.get("observed_on") or fields.get("at") or ""


def _leases_of(rid: UUID) -> list[Lease]:
    """Every lease of the vehicle of one, oldest first."""
    vin = Lease.objects.filter(rid=rid).values_list("vin", flat=True).first()
    if vin is None:
        raise Http404
    return list(with_states(Lease.objects.filter(vin=vin)).order_by("originated_on", "rid"))


def _papers(rids: Sequence[UUID], today: date) -> list[PaperRow]:
    """Of each kind the paper noted last, under whichever lease."""
    noted = VehiclePaper.objects.filter(lease__in=rids).order_by("pk")
    newest = {row.paper: row for row in noted}
    return [
        PaperRow(
            paper,
            found := newest.get(paper.value),
            standing(found.until_on, today) if found else Standing.MISSING,
        )
        for paper in Paper
    ]


def _readings(
    leases: Sequence[Lease], history: Sequence[tuple[Lease, HistoryRow]]
) -> list[tuple[date, int, Lease]]:
    """Odometer readings on record, in kilometres, the newest first."""
    found = [(lease.originated_on, lease.record.get("odometer_km"), lease) for lease in leases]
    found += [(row.on, row.facts.get("odometer_km"), lease) for lease, row in history]
    read = [(day, int(text), lease) for day, text, lease in found if text]
    return sorted(read, key=lambda one: one[0], reverse=True)
