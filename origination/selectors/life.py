"""Where a lease stands in its life, how it came there, and which moves lead on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from ledger.core.keys import KeyRole
from ledger.models import Entry, SigningKey
from origination.domain.life.guards import Standing, unasked
from origination.domain.life.machine import MACHINE, Move, State, ways_out
from origination.domain.life.moves import ASKED
from origination.domain.servicing.replay import Replay
from origination.models import Lease, LifeStep, PaymentEvent
from origination.selectors.servicing import (
    changes_of,
    contract_of,
    domain_event,
    replay_of,
    terms_book,
)
from tenants.access import people_named, permissions_in
from tenants.models import Tenant, User


def newest_step(rid: UUID) -> LifeStep | None:
    """The step that a lease's state is the end of; None for one that is active as recorded."""
    return LifeStep.objects.filter(rid=rid).order_by("-number").first()


def state_of(rid: UUID) -> State:
    """The state of a recorded lease."""
    last = newest_step(rid)
    return State(last.state) if last else State.ACTIVE


def with_states(leases: QuerySet[Lease]) -> QuerySet[Lease]:
    """The leases with `life`, the state of each."""
    newest = LifeStep.objects.filter(lease=OuterRef("pk")).order_by("-number").values("state")[:1]
    return leases.annotate(life=Coalesce(Subquery(newest), Value(State.ACTIVE.value)))


def standing_of(lease: Lease, *, on: date, known_at: datetime) -> Standing:
    """How a lease stands at the end of a day, derived from its bank lines."""
    return _standing(lease, replay_of(lease, as_of=on, known_at=known_at), on)


def standings_of(leases: Sequence[Lease], *, on: date, known_at: datetime) -> dict[UUID, Standing]:
    """The same of several leases; three queries, however many."""
    rids = [lease.rid for lease in leases]
    book, changes = terms_book(known_at=known_at), changes_of(rids, known_at=known_at)
    events: dict[UUID, list[PaymentEvent]] = {rid: [] for rid in rids}
    for event in PaymentEvent.objects.filter(lease__in=rids):
        events[event.lease_id].append(event)
    found = {}
    for lease in leases:
        contract = contract_of(lease, book, changes.get(lease.rid, []))
        own = [domain_event(event) for event in events[lease.rid]]
        found[lease.rid] = _standing(lease, Replay(contract, own, as_of=on, known_at=known_at), on)
    return found


def _standing(lease: Lease, replay: Replay, on: date) -> Standing:
    state, payoff = replay.allocation().state, replay.payoff()
    added = payoff.period_interest_minor + payoff.charge_minor
    return Standing(
        day=on,
        currency=lease.currency,
        claim_minor=payoff.total_minor - added,
        payoff_minor=payoff.total_minor,
        arrears_minor=state.arrears_minor,
        days_past_due=state.days_past_due,
        settled_on=replay.settled_on,
        debt_due=not replay.later,
    )


def last_reading(lease: Lease) -> int:
    """The highest odometer reading that is on record of a lease, in kilometres."""
    readings = [lease.record.get("odometer_km", "0")]
    readings += [step.facts.get("odometer_km", "0") for step in lease.steps.all()]
    return max(int(reading or 0) for reading in readings)


@dataclass(frozen=True)
class HistoryRow:
    """One line of a history: what, from when, who, on which device, and the entry that proves it.

    `move` is None for the recording of the lease itself; `signer` is the key that signed the entry.
    """

    move: Move | None
    state: State
    on: date
    at: datetime
    by: str
    client: str
    signer: str
    entry_index: int | None
    facts: dict[str, str] = field(default_factory=dict)


def history_of(lease: Lease) -> list[HistoryRow]:
    """The whole history of a lease, the newest first; four queries however long it is."""
    rows = _rows(lease.rid, lease)
    return rows[::-1]


def history_at_the_desk(lease_rid: UUID) -> list[HistoryRow]:
    """The same of an application, by the id that its lease has or will have."""
    return _rows(lease_rid, None)[::-1]


def histories_of(leases: Sequence[Lease]) -> list[tuple[Lease, HistoryRow]]:
    """The histories of several leases in one, the newest first; four queries however many."""
    steps: dict[UUID, list[LifeStep]] = {lease.rid: [] for lease in leases}
    for step in LifeStep.objects.filter(rid__in=list(steps)):
        steps[step.rid].append(step)
    found = _told(steps, {lease.rid: lease for lease in leases})
    rows = [(lease, row) for lease in leases for row in found[lease.rid]]
    return sorted(rows, key=lambda one: one[1].at, reverse=True)


def _rows(rid: UUID, lease: Lease | None) -> list[HistoryRow]:
    steps = {rid: list(LifeStep.objects.filter(rid=rid))}
    return _told(steps, {rid: lease} if lease else {})[rid]


def _told(
    steps: Mapping[UUID, Sequence[LifeStep]], leases: Mapping[UUID, Lease]
) -> dict[UUID, list[HistoryRow]]:
    """Each history in words, oldest first; a lease that nobody applied for begins as recorded."""
    every = [step for own in steps.values() for step in own]
    people = people_named(
        {step.by for step in every} | {lease.recorded_by for lease in leases.values()}
    )
    recorded = [lease.entry_index or -1 for lease in leases.values()]
    signers = signers_of([*(step.entry_index for step in every), *recorded])
    found = {}
    for rid, own in steps.items():
        is_stock = rid in leases and not any(step.move == Move.ACTIVATE for step in own)
        begun = [_recorded(leases[rid], people, signers)] if is_stock else []
        found[rid] = begun + [_row(step, people, signers) for step in own]
    return found


def _row(step: LifeStep, people: dict[UUID, str], signers: dict[int, str]) -> HistoryRow:
    return HistoryRow(
        Move(step.move),
        State(step.state),
        step.on,
        step.at,
        people.get(step.by, "–"),
        step.client,
        signers.get(step.entry_index, ""),
        step.entry_index,
        step.facts,
    )


def _recorded(lease: Lease, people: dict[UUID, str], signers: dict[int, str]) -> HistoryRow:
    return HistoryRow(
        None,
        State.ACTIVE,
        lease.originated_on,
        lease.recorded_at,
        people.get(lease.recorded_by, "–"),
        "",
        signers.get(lease.entry_index or -1, ""),
        lease.entry_index,
    )


def signers_of(indexes: Sequence[int]) -> dict[int, str]:
    """The keys that signed these entries, in words, by the entries' places."""
    kids = dict(Entry.objects.filter(index__in=indexes).values_list("index", "kid"))
    keys = {
        key.kid: (key.role == KeyRole.DEVICE and key.label) or key.get_role_display()
        for key in SigningKey.objects.filter(kid__in=set(kids.values()))
    }
    return {index: keys.get(kid, kid) for index, kid in kids.items()}


def moves_for(user: User, tenant: Tenant, last: LifeStep | None) -> list[Move]:
    """The moves that a person may make of a recorded lease after its last step."""
    held = permissions_in(user, tenant)
    state = State(last.state) if last else State.ACTIVE
    before, is_own = Move(last.move) if last else None, bool(last) and last.by == user.pk
    return [
        move
        for move in ways_out(state)
        if move in ASKED
        and MACHINE[move].permission in held
        and not unasked(move, before, is_own=is_own)
    ]


def write_offs_asked() -> QuerySet[LifeStep]:
    """Requests for a write-off that wait for a manager, the oldest first, each with its `lease`."""
    later = LifeStep.objects.filter(rid=OuterRef("rid"), number__gt=OuterRef("number"))
    asked = LifeStep.objects.filter(move=Move.ASK_WRITE_OFF.value).exclude(Exists(later))
    return asked.select_related("lease").order_by("at", "rid")
