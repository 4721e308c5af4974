"""Leases by what a clerk looks for, and one lease with what its own record says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import QuerySet

from ledger.titles.books import Claim, Subject
from origination.domain.asking import asked
from origination.domain.schedule import Receivable
from origination.domain.servicing.events import EventKind
from origination.domain.servicing.position import Allocation, RentalPosition
from origination.domain.servicing.replay import Replay
from origination.models import Lease, PaymentEvent, RegistryFinding
from origination.search.parts import leases_holding
from origination.selectors.life import with_states
from origination.selectors.servicing import replay_of
from tenants.registry import states_of

#: filter → column
FILTERS = {
    "province": "province",
    "product": "product",
    "energy": "energy",
    "make": "vehicle_make",
    "currency": "currency",
}
LIFE = "life"
TITLE_RIGHTS = ("receivables", "ownership")


def find_leases(*, q: str = "", **chosen: str) -> QuerySet[Lease]:
    """Leases, newest first: `q` is part of number, lessee, VIN, plate; `chosen` of FILTERS."""
    leases = with_states(Lease.objects.defer("record"))
    for name, column in FILTERS.items():
        if value := chosen.get(name):
            leases = leases.filter(**{column: value})
    if state := chosen.get(LIFE):
        leases = leases.filter(life=state)
    wanted = asked(q)
    if wanted.is_enough:
        leases = leases.filter(leases_holding(wanted))
    elif wanted.text:
        leases = leases.filter(contract_number__iexact=wanted.text)
    return leases


def lease_screened(subject_id: UUID) -> Subject | None:
    """An own lease, for which proofs of the title registry may be asked."""
    vin = Lease.objects.filter(rid=subject_id).values_list("vin", flat=True).first()
    if vin is None:
        return None
    return Subject(vin, [Claim(subject_id, TITLE_RIGHTS[0], f"vin:{vin}")])


@dataclass(frozen=True)
class ScheduleRow:
    """A receivable and how it stands; `rental` is None for an option, which nobody owes."""

    receivable: Receivable
    rental: RentalPosition | None
    state: str  # settled | overdue | due | ""

    @property
    def paid_minor(self) -> int:
        """What has been paid on it."""
        return self.rental.paid_minor if self.rental else 0


@dataclass(frozen=True)
class PaymentRow:
    """A bank line, the days its oldest rent was late when it came in, and whether it stands.

    `days_late` is None where the line pays no rent (reversals, reversed lines, recoveries).
    """

    event: PaymentEvent
    days_late: int | None
    reversed: bool


@dataclass(frozen=True)
class LeasePosition:
    """A lease as of a day: derived from its record and its bank lines, nothing of it stored."""

    allocation: Allocation
    rows: Sequence[ScheduleRow]
    payments: Sequence[PaymentRow]
    replay: Replay


def position_of(lease: Lease, *, as_of: date, known_at: datetime) -> LeasePosition:
    """What the lease's bank lines have paid (`origination.domain.servicing`)."""
    events = list(lease.payments.all())
    replay = replay_of(lease, as_of=as_of, known_at=known_at, events=events)
    allocation = replay.allocation()
    receivables = replay.contract.at(as_of).receivables
    return LeasePosition(
        allocation,
        _schedule_rows(receivables, allocation, as_of),
        _payment_rows(events, receivables, allocation),
        replay,
    )


def title_states(rid: UUID) -> dict[str, str]:
    """The state of each claimed right, by right; rights never claimed are left out."""
    states = {right: states_of(claim_ids=[rid], right=right).get(rid) for right in TITLE_RIGHTS}
    return {right: state for right, state in states.items() if state}


def registry_findings(lease: Lease) -> list[RegistryFinding]:
    """What outside registers said of the vehicle, the newest first."""
    return list(lease.registry_findings.all())


def _schedule_rows(
    receivables: Sequence[Receivable], allocation: Allocation, as_of: date
) -> list[ScheduleRow]:
    positions = {rental.receivable.number: rental for rental in allocation.rentals}
    settled = allocation.state.settled_on is not None
    return [
        ScheduleRow(row, positions.get(row.number), _state(row, positions, as_of, settled))
        for row in receivables
    ]


def _state(
    row: Receivable, positions: Mapping[int, RentalPosition], as_of: date, settled: bool
) -> str:
    rental = positions.get(row.number)
    if settled or (rental is not None and not rental.open_minor):
        return "settled"
    if row.due_on < as_of:
        return "overdue"
    return "due" if row.due_on == as_of else ""


def _payment_rows(
    events: Sequence[PaymentEvent], receivables: Sequence[Receivable], allocation: Allocation
) -> list[PaymentRow]:
    due_on = {row.number: row.due_on for row in receivables}
    oldest: dict[str, date] = {}
    for line in allocation.lines:
        if line.receivable:
            oldest.setdefault(line.reference, due_on[line.receivable])
    taken_back = {event.reverses for event in events if event.kind == EventKind.REVERSAL}
    rows = []
    for event in events:
        due = None if event.kind == EventKind.REVERSAL else oldest.get(event.bank_reference)
        late = None if due is None else max(0, (event.effective_at.date() - due).days)
        gone = event.kind != EventKind.REVERSAL and event.bank_reference in taken_back
        rows.append(PaymentRow(event, late, gone))
    return rows
