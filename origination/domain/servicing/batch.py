"""Many leases replayed at once: the compiled kernel, and the reference for what it cannot hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt

from origination.domain.months import add_months_columns, date_of, days_of
from origination.domain.schedule import Receivable, ReceivableKind
from origination.domain.schedule_columns import KIND_CODES, Bools, Ints, ReceivableColumns
from origination.domain.servicing import layout
from origination.domain.servicing.events import EventKind, PaymentEvent
from origination.domain.servicing.payment_columns import EVENT_CODES, PaymentColumns
from origination.domain.servicing.payoff import Contract
from origination.domain.servicing.replay import Replay
from origination.domain.servicing.terms import (
    NO_CHARGES,
    LateBase,
    Part,
    ServicingTerms,
    SettlementInterest,
    TermsBook,
)

_OPTION: Final = KIND_CODES[ReceivableKind.OPTION]
_REVERSAL: Final = EVENT_CODES[EventKind.REVERSAL]
_FOR_EVER: Final = 2**40
_KINDS: Final = tuple(EventKind)
_RECEIVABLES: Final = tuple(ReceivableKind)


class EventColumns(Protocol):
    """What `standing` reads; `payment_columns.PaymentColumns` is one."""

    @property
    def kind(self) -> npt.NDArray[np.int8]: ...
    @property
    def effective(self) -> npt.NDArray[np.integer[Any]]: ...
    @property
    def known(self) -> Ints: ...
    @property
    def cancels(self) -> Ints: ...


@dataclass(frozen=True, slots=True)
class TermsColumns:
    """Which version of the terms governs each of n leases, and the day on which each started."""

    versions: tuple[ServicingTerms, ...]
    version: Ints
    started: Ints

    @classmethod
    def of(cls, book: TermsBook, started: npt.NDArray[np.integer]) -> TermsColumns:
        """By the leases' first days (since 1970)."""
        begins = [days_of(v.starts_on) for v in book.versions]
        version = np.searchsorted(np.array(begins, np.int64), started, side="right")
        return cls((NO_CHARGES, *book.versions), version.astype(np.int64), started.astype(np.int64))

    @classmethod
    def none(cls, leases: int) -> TermsColumns:
        """No charges on any of them."""
        return cls.of(TermsBook(), np.zeros(leases, np.int64))

    @property
    def plain(self) -> Bools:
        """Leases on which nothing is ever charged."""
        found: Bools = np.array([v.is_plain for v in self.versions])[self.version]
        return found

    def table(self) -> Ints:
        """The versions as the kernel reads them, one row each."""
        rows = np.zeros((len(self.versions), 14), np.int64)
        for row, terms in zip(rows, self.versions, strict=True):
            row[:4] = [list(Part).index(part) for part in terms.order]
            row[4] = terms.by_rental
            if late := terms.late_interest:
                row[5:9] = late.daily_rate, late.grace_days, late.base is LateBase.RENT, late.cap
            if fee := terms.reminder_fee:
                row[9:11] = fee.after_days, fee.amount_minor
            rule = terms.settlement
            row[11] = list(SettlementInterest).index(rule.interest)
            row[12:14] = rule.fee_minor, len(rule.charges)
        return rows

    def charges(self) -> tuple[Ints, Ints]:
        """By lease the day until which each charge holds, by version its rate."""
        widest = max(len(v.settlement.charges) for v in self.versions)
        until = np.full((len(self.version), widest), _FOR_EVER, np.int64)
        rates = np.zeros((len(self.versions), widest), np.int64)
        started = self.started.astype(np.int32)
        for at, terms in enumerate(self.versions):
            own = self.version == at
            for place, (months, rate) in enumerate(terms.settlement.charges):
                rates[at, place] = rate
                if months is not None:
                    added = np.full(int(own.sum()), months)
                    until[own, place] = add_months_columns(started[own], added)
        return until, rates


@dataclass(frozen=True, slots=True)
class Standing:
    """Payments that count and stand, by lease in order of application.

    `starts[i]`..`starts[i + 1]` are lease i's; `row` is the place in the events they are taken of.
    """

    starts: Ints
    day: Ints
    amount: Ints
    kind: npt.NDArray[np.int8]
    row: Ints

    @classmethod
    def of(cls, events: PaymentColumns, leases: int, *, day: int, known: int) -> Standing:
        """Events that took effect by a day and were known by an instant (µs since 1970).

        Events of one day and instant are applied in the order of their rows.
        """
        return cls.sorted(events, np.flatnonzero(standing(events, day=day, known=known)), leases)

    @classmethod
    def sorted(cls, events: PaymentColumns, rows: Ints, leases: int) -> Standing:
        """These rows of the events in order of application."""
        keys = (rows, events.known[rows], events.effective[rows], events.lease[rows])
        rows = rows[np.lexsort(keys)]
        counts = np.bincount(events.lease[rows], minlength=leases)
        return cls(
            starts=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
            day=events.effective[rows].astype(np.int64),
            amount=events.amount[rows].astype(np.int64),
            kind=events.kind[rows].astype(np.int8),
            row=rows.astype(np.int64),
        )


def standing(events: EventColumns, *, day: int, known: int) -> Bools:
    """Payments that count and are not cancelled by a reversal that counts."""
    counts = (events.effective <= day) & (events.known <= known)
    reversal = events.kind == _REVERSAL
    targets = events.cancels[counts & reversal]
    found: Bools = counts & ~reversal
    found[targets[targets >= 0]] = False
    return found


@dataclass(frozen=True, slots=True)
class Replayed:
    """Columns of `layout`: `rows` by receivable, `leases` by lease, `lines` by event and row.

    `lines[:, EVENT]` are places in the `Standing` that was replayed.
    """

    rows: Ints
    leases: Ints
    lines: Ints


def replay_many(
    receivables: ReceivableColumns,
    events: Standing,
    *,
    terms: TermsColumns,
    as_of: int,
    which: Ints | None = None,
    lines: bool = False,
) -> Replayed:
    """The leases `which` (all, if None) to the end of a day (since 1970); others stay zero."""
    from origination.domain.servicing import kernel  # numba: only where it is needed

    until, rates = terms.charges()
    everyone = np.arange(receivables.leases, dtype=np.int64)
    book = layout.Book(
        offsets=receivables.offsets.astype(np.int64),
        due=receivables.due.astype(np.int64),
        interest=receivables.interest,
        principal=receivables.principal,
        debt=receivables.kind != _OPTION,
        started=terms.started,
        version=terms.version,
        terms=terms.table(),
        until=until,
        rates=rates,
    )
    rows, leases, hard, found = kernel.replay_leases(
        everyone if which is None else which.astype(np.int64),
        book,
        layout.Events(events.starts, events.day, events.amount, events.kind),
        as_of=as_of,
        wants_lines=lines,
    )
    if hard.any():
        places = np.flatnonzero(hard)
        own = np.repeat(np.arange(len(everyone)), np.diff(events.starts))
        found = found[~hard[own[found[:, layout.EVENT]]]] if lines else found
        parts = [found]
        for lease in places:
            parts.append(_by_reference(receivables, events, terms, as_of, int(lease), rows, leases))
        found = np.concatenate(parts) if lines else found
    return Replayed(rows, leases, found)


def contract_of(receivables: ReceivableColumns, terms: TermsColumns, lease: int) -> Contract:
    """One lease of the columns as the reference takes it."""
    span = range(int(receivables.offsets[lease]), int(receivables.offsets[lease + 1]))
    rows: Sequence[Receivable] = [
        Receivable(
            n,
            date_of(int(receivables.due[k])),
            int(receivables.interest[k]),
            int(receivables.principal[k]),
            _RECEIVABLES[int(receivables.kind[k])],
        )
        for n, k in enumerate(span, 1)
    ]
    started = date_of(int(terms.started[lease]))
    return Contract(rows, started, terms.versions[int(terms.version[lease])])


def replay_one(contract: Contract, events: Standing, lease: int, *, as_of: int) -> Replay:
    """The lease at a place of the columns, replayed by the reference under a contract."""
    at = datetime(1970, 1, 1, tzinfo=UTC)
    span = range(int(events.starts[lease]), int(events.starts[lease + 1]))
    own = [
        PaymentEvent(
            f"{e:012}",
            _KINDS[int(events.kind[e])],
            int(events.amount[e]),
            datetime.combine(date_of(int(events.day[e])), at.timetz()),
            at,
        )
        for e in span
    ]
    return Replay(contract, own, as_of=date_of(as_of), known_at=at)


def _by_reference(
    receivables: ReceivableColumns, events: Standing, terms: TermsColumns, as_of: int, lease: int,
    rows: Ints, leases: Ints,
) -> Ints:  # fmt: skip
    """Replay one lease by the reference and put its figures in place; its lines."""
    replay = replay_one(contract_of(receivables, terms, lease), events, lease, as_of=as_of)
    return _put(replay, int(receivables.offsets[lease]), lease, rows, leases)


def _put(replay: Replay, first: int, lease: int, rows: Ints, leases: Ints) -> Ints:
    def day(ordinal: int) -> int:
        return days_of(date.fromordinal(ordinal)) if ordinal else layout.NEVER

    found = replay.allocation()
    ahead: dict[int, tuple[int, int]] = {}
    for line in found.lines:
        if line.ahead:
            one = ahead.get(line.receivable, (0, 0))
            ahead[line.receivable] = (
                one[0] + line.interest_minor, one[1] + line.principal_minor
            )  # fmt: skip
    for place, (rental, position) in enumerate(zip(replay.rentals, found.rentals, strict=True)):
        covered = position.covered_on
        rows[first + place, :10] = (
            rental.interest_open, rental.principal_open, position.late_interest_minor,
            rental.late_paid, rental.fee, rental.fee_paid, day(rental.fee_day),
            days_of(covered) if covered else layout.NEVER,
            *ahead.get(rental.receivable.number, (0, 0)),
        )  # fmt: skip
    state = found.state
    leases[lease] = (
        state.paid_minor, state.recovered_minor, state.refunded_minor, state.overdrawn_minor,
        day(replay.settled_day), day(replay.closed_day), state.credit_minor,
        state.settlement_minor,
    )  # fmt: skip
    lines = [
        (
            int(line.reference), first + line.receivable - 1 if line.receivable else -1,
            days_of(line.on), line.penalty_minor, line.fee_minor, line.interest_minor,
            line.principal_minor, line.refunded_minor, line.settlement_minor, line.charged_minor,
        )
        for line in replay.lines
    ]  # fmt: skip
    return np.array(lines, np.int64).reshape(-1, 10)


def microseconds(instant: datetime) -> int:
    """Microseconds since 1970 of an aware instant."""
    return int(instant.timestamp() * 1_000_000)


__all__ = [
    "Replayed",
    "Standing",
    "TermsColumns",
    "contract_of",
    "microseconds",
    "replay_many",
    "replay_one",
    "standing",
]
