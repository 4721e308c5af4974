"""`replay` compiled: the same rules on whole numbers of 64 bits, lease after lease.

Days are days since 1970-01-01. A lease that 64 bits or this form cannot hold (a huge sum of late
interest, a settlement that a later payment completes) is flagged in `hard`: the caller replays it
with `replay`, the reference. Parts: 0 penalty, 1 fee, 2 interest, 3 principal.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from origination.domain.servicing.kernel_parts import (
    charged,
    half_up,
    jit,
    move,
    open_part,
    pay_part,
    spend,
    step,
    write,
)
from origination.domain.servicing.layout import (
    ASKED,
    CLOSED,
    CREDIT,
    DUE,
    E_AMOUNT,
    E_DAY,
    E_KIND,
    E_LEFT,
    EXTRA,
    EXTRA_PAID,
    FIRST,
    HARD,
    HEAD,
    LAST,
    LEASE,
    LINES,
    LOW,
    MISSING,
    MOST,
    NEVER,
    OVERDRAWN,
    PAID,
    PAID_BACK,
    PENALTY,
    R_AHEAD_INTEREST,
    R_AHEAD_PRINCIPAL,
    R_COVERED,
    R_DUE,
    R_FEE,
    R_FEE_DAY,
    R_FEE_PAID,
    R_INTEREST,
    R_LATE,
    R_LATE_PAID,
    R_PRINCIPAL,
    R_RAN,
    R_RUN_TO,
    R_WHOLE,
    R_WHOLE_INTEREST,
    RECOVERED,
    RECOVERY,
    REFUND,
    REFUNDED,
    ROWS,
    SETTLED,
    SETTLEMENT,
    SETTLING,
    SHARE,
    STARTED,
    STATE,
    T_AFTER,
    T_CHARGES,
    T_FEE,
    T_INTEREST,
    T_ON_RENT,
    T_SETTLEMENT_FEE,
    VERSION,
    Book,
    Events,
    Ints,
)


@jit
def _pay(
    rows: Ints, ev: Ints, lines: Ints, used: Ints, s: Ints, term: Ints, day: int, limit: int
) -> None:
    """Money pays what is due, in the terms' order; a settlement pays what comes later too."""
    while s[HEAD] < limit and ev[s[HEAD], E_LEFT] == 0:
        s[HEAD] += 1
    if s[HEAD] < limit:
        count = s[DUE] - s[LOW]
        for n in range(4 * count):
            k, part = step(term, s[LOW], count, n)
            pay_part(rows, ev, lines, used, s, term, k, part, day, limit)
            if s[HEAD] >= limit:
                break
        if s[SETTLED] != NEVER:
            for k in range(s[DUE], s[LAST]):
                pay_part(rows, ev, lines, used, s, term, k, 3, day, limit)
    while s[LOW] < s[DUE]:
        low = s[LOW]
        if (
            rows[low, R_INTEREST] + rows[low, R_PRINCIPAL] > 0
            or rows[low, R_FEE] != rows[low, R_FEE_PAID]
        ):
            break
        if open_part(rows, term, s[LOW], 0, day) != 0:
            break
        s[LOW] += 1


@jit
def _run(rows: Ints, s: Ints, term: Ints, day: int) -> None:
    """Until a day: reminders are charged, late interest runs."""
    for k in range(s[LOW], s[DUE]):
        open_ = rows[k, R_INTEREST] + rows[k, R_PRINCIPAL]
        remind = rows[k, R_DUE] + term[T_AFTER]
        if term[T_AFTER] > 0 and open_ > 0 and rows[k, R_FEE_DAY] == NEVER and day >= remind:
            rows[k, R_FEE], rows[k, R_FEE_DAY] = term[T_FEE], remind
        if day > rows[k, R_RUN_TO]:
            base = open_ if term[T_ON_RENT] else rows[k, R_PRINCIPAL]
            rows[k, R_RAN] += base * (day - rows[k, R_RUN_TO])
            rows[k, R_RUN_TO] = day


@jit
def _fall_due(
    rows: Ints, ev: Ints, lines: Ints, used: Ints, s: Ints, term: Ints, day: int, limit: int
) -> None:
    """Rentals fall due until a day, each paid by the credit on its own; then the rest runs."""
    while s[DUE] < s[LAST] and rows[s[DUE], R_DUE] <= day:
        s[DUE] += 1
        _pay(rows, ev, lines, used, s, term, rows[s[DUE] - 1, R_DUE], limit)
    _run(rows, s, term, day)


@jit
def _period_interest(rows: Ints, s: Ints, term: Ints, day: int) -> int:
    """Interest of the period that a day breaks."""
    at = s[DUE]
    if term[T_INTEREST] == 0 or at == s[LAST]:
        return 0
    begins = rows[at - 1, R_DUE] if at > s[FIRST] else s[STARTED]
    if day <= begins:
        return 0
    interest = 0
    for k in range(at, s[LAST]):
        if rows[k, R_DUE] == rows[at, R_DUE]:
            interest += rows[k, R_WHOLE_INTEREST]
    if term[T_INTEREST] == 2:
        return interest
    return half_up(interest * (day - begins), rows[at, R_DUE] - begins)


@jit
def _open_settlement(
    rows: Ints, ev: Ints, until: Ints, rates: Ints, s: Ints, term: Ints, e: int, day: int
) -> None:
    """What settles the lease on a day, before the settlement's own money."""
    later = 0
    for k in range(s[DUE], s[LAST]):
        later += rows[k, R_PRINCIPAL]
    asked = term[T_SETTLEMENT_FEE] if s[LAST] > s[FIRST] else 0
    for c in range(term[T_CHARGES]):
        if day < until[s[LEASE], c]:
            if later > MOST // (2 * SHARE):
                s[HARD] = 1
            else:
                asked += half_up(later * rates[s[VERSION], c], SHARE)
            break
    asked += _period_interest(rows, s, term, day)
    missing = s[OVERDRAWN] + later + asked
    for c in range(s[HEAD], e):
        missing -= ev[c, E_LEFT]
    for k in range(s[LOW], s[DUE]):
        for part in range(4):
            owed = open_part(rows, term, k, part, day)
            if owed < 0:
                s[HARD] = 1
            missing += owed
    s[MISSING], s[SETTLING], s[ASKED] = missing, day, asked


@jit
def _receive(
    rows: Ints, ev: Ints, lines: Ints, used: Ints, until: Ints, rates: Ints, s: Ints, term: Ints,
    e: int,
) -> None:  # fmt: skip
    """Money of an event on a lease that is not settled."""
    day = ev[e, E_DAY]
    if ev[e, E_KIND] == SETTLEMENT:
        _open_settlement(rows, ev, until, rates, s, term, e, day)
    if s[SETTLING] != NEVER:
        s[MISSING] -= ev[e, E_AMOUNT]
        if s[MISSING] <= 0:
            if s[SETTLING] != day or ev[e, E_KIND] != SETTLEMENT:
                s[HARD] = 1  # completed by later money
            s[SETTLED] = s[CLOSED] = day
    s[OVERDRAWN] -= spend(ev, lines, used, s, e + 1, s[OVERDRAWN], day, REFUNDED)
    _pay(rows, ev, lines, used, s, term, day, e + 1)
    if s[SETTLED] != NEVER:
        s[EXTRA_PAID] = s[ASKED]
        spend(ev, lines, used, s, e + 1, s[ASKED], day, EXTRA)


@jit
def _take_back(rows: Ints, lines: Ints, used: Ints, s: Ints, term: Ints, e: int, day: int) -> None:
    """A refund beyond the credit: what was paid last is open again, from that day on."""
    count = s[DUE] - s[FIRST]
    for n in range(4 * count - 1, -1, -1):
        k, part = step(term, s[FIRST], count, n)
        paid = rows[k, R_LATE_PAID] if part == 0 else rows[k, R_FEE_PAID]
        if part == 2:
            paid = rows[k, R_WHOLE_INTEREST] - rows[k, R_INTEREST]
        elif part == 3:
            paid = rows[k, R_WHOLE] - rows[k, R_PRINCIPAL]
        amount = min(s[OVERDRAWN], paid)
        if amount == 0:
            continue
        move(rows, k, part, -amount)
        s[OVERDRAWN] -= amount
        s[LOW] = min(s[LOW], k)
        if rows[k, R_INTEREST] + rows[k, R_PRINCIPAL] > 0:
            rows[k, R_COVERED] = NEVER
        write(lines, used, e, k, day, PENALTY + part, -amount)
    for k in range(s[LOW], s[DUE]):
        rows[k, R_RUN_TO] = max(rows[k, R_RUN_TO], day)


@jit
def _refund(rows: Ints, ev: Ints, lines: Ints, used: Ints, s: Ints, term: Ints, e: int) -> None:
    """Money paid back: of the credit first."""
    day, amount = ev[e, E_DAY], ev[e, E_AMOUNT]
    s[PAID_BACK] += amount
    ev[e, E_LEFT] = 0
    s[OVERDRAWN] += amount
    if s[SETTLING] != NEVER and s[SETTLED] == NEVER:
        s[MISSING] += amount
    s[OVERDRAWN] -= spend(ev, lines, used, s, e, s[OVERDRAWN], day, REFUNDED)
    if s[OVERDRAWN] > 0 and s[SETTLED] == NEVER:
        _take_back(rows, lines, used, s, term, e, day)


@jit
def _cover_ahead(rows: Ints, ev: Ints, s: Ints, end: int) -> None:
    """The credit, laid over the rentals that fall due later."""
    k = s[DUE]
    for e in range(s[HEAD], end):
        amount = ev[e, E_LEFT]
        s[CREDIT] += amount
        while s[SETTLED] == NEVER and amount > 0 and k < s[LAST]:
            interest = min(amount, rows[k, R_INTEREST] - rows[k, R_AHEAD_INTEREST])
            principal = min(amount - interest, rows[k, R_PRINCIPAL] - rows[k, R_AHEAD_PRINCIPAL])
            rows[k, R_AHEAD_INTEREST] += interest
            rows[k, R_AHEAD_PRINCIPAL] += principal
            amount -= interest + principal
            covered = rows[k, R_AHEAD_INTEREST] + rows[k, R_AHEAD_PRINCIPAL]
            if covered == rows[k, R_INTEREST] + rows[k, R_PRINCIPAL]:
                if interest + principal > 0:
                    rows[k, R_COVERED] = ev[e, E_DAY]
                k += 1


@jit
def _begin(rows: Ints, s: Ints, first: int, last: int, head: int) -> None:
    """Nothing has happened yet."""
    s[FIRST] = s[LOW] = s[DUE] = first
    s[LAST], s[HEAD] = last, head
    s[SETTLING] = s[SETTLED] = s[CLOSED] = NEVER
    for k in range(first, last):
        rows[k, R_INTEREST], rows[k, R_PRINCIPAL] = rows[k, R_WHOLE_INTEREST], rows[k, R_WHOLE]
        rows[k, R_RUN_TO] = rows[k, R_DUE]
        rows[k, R_FEE_DAY] = NEVER
        nothing = rows[k, R_WHOLE_INTEREST] + rows[k, R_WHOLE] == 0
        rows[k, R_COVERED] = rows[k, R_DUE] if nothing else NEVER


@jit
def _replay(
    rows: Ints, ev: Ints, lines: Ints, used: Ints, until: Ints, rates: Ints, s: Ints, term: Ints,
    begin: int, end: int, as_of: int,
) -> None:  # fmt: skip
    """One lease to the end of a day."""
    for e in range(begin, end):
        if ev[e, E_KIND] == RECOVERY:
            s[RECOVERED] += ev[e, E_AMOUNT]
            ev[e, E_LEFT] = 0
            continue
        if s[SETTLED] == NEVER:
            _fall_due(rows, ev, lines, used, s, term, ev[e, E_DAY], e)
        if ev[e, E_KIND] == REFUND:
            _refund(rows, ev, lines, used, s, term, e)
            continue
        s[PAID] += ev[e, E_AMOUNT]
        if s[SETTLED] == NEVER:
            _receive(rows, ev, lines, used, until, rates, s, term, e)
        s[OVERDRAWN] -= spend(ev, lines, used, s, e + 1, s[OVERDRAWN], ev[e, E_DAY], REFUNDED)
    if s[SETTLED] == NEVER:
        _fall_due(rows, ev, lines, used, s, term, as_of, end)
    last = as_of if s[SETTLED] == NEVER else s[SETTLED]
    for k in range(s[FIRST], s[DUE]):
        rows[k, R_LATE] = charged(rows, term, k, last)
        if rows[k, R_LATE] < 0:
            s[HARD] = 1
    _cover_ahead(rows, ev, s, end)


@jit
def _replay_all(
    which: Ints, book: Book, starts: Ints, rows: Ints, ev: Ints, lines: Ints, used: Ints,
    leases: Ints, as_of: int,
) -> npt.NDArray[np.bool_]:  # fmt: skip
    offsets, debt, started = book.offsets, book.debt, book.started
    version, terms, until, rates = book.version, book.terms, book.until, book.rates
    s = np.zeros(STATE, np.int64)
    hard = np.zeros(len(offsets) - 1, np.bool_)
    for i in which:
        last = offsets[i + 1]
        while last > offsets[i] and not debt[last - 1]:
            last -= 1
        s[:] = 0
        s[LEASE], s[VERSION], s[STARTED] = i, version[i], started[i]
        _begin(rows, s, offsets[i], last, starts[i])
        term = terms[version[i]]
        _replay(rows, ev, lines, used, until, rates, s, term, starts[i], starts[i + 1], as_of)
        hard[i] = s[HARD] != 0
        leases[i] = s[PAID : PAID + 8]
    return hard


def replay_leases(
    which: Ints, book: Book, events: Events, *, as_of: int, wants_lines: bool
) -> tuple[Ints, Ints, npt.NDArray[np.bool_], Ints]:
    """Replay the leases `which` to the end of `as_of`: (rows, leases, hard, lines).

    `rows` are (receivables, 15), `leases` (n, 8), `lines` (k, 10), see the layout; other leases
    mean nothing. What the credit covers of later rentals is in `R_AHEAD_…` and in `R_COVERED`.
    """
    room = 2 * len(events.day) + len(book.due) if wants_lines else 0
    while True:
        rows = np.zeros((len(book.due), ROWS), np.int64)
        rows[:, R_COVERED] = rows[:, R_FEE_DAY] = NEVER
        rows[:, R_DUE], rows[:, R_WHOLE_INTEREST], rows[:, R_WHOLE] = (
            book.due, book.interest, book.principal
        )  # fmt: skip
        ev = np.stack([events.day, events.amount, events.kind.astype(np.int64), events.amount], 1)
        lines, used = np.empty((room, LINES), np.int64), np.zeros(1, np.int64)
        leases = np.zeros((len(book.offsets) - 1, 8), np.int64)
        hard = _replay_all(which, book, events.starts, rows, ev, lines, used, leases, as_of)
        if not wants_lines or used[0] <= room:
            return rows, leases, hard, lines[: int(used[0])]
        room = int(used[0])
