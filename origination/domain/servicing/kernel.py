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
    DUE,
    EXTRA,
    FIRST,
    HARD,
    HEAD,
    L_CLOSED,
    L_CREDIT,
    L_EXTRA,
    L_OVERDRAWN,
    L_PAID,
    L_RECOVERED,
    L_REFUNDED,
    L_SETTLED,
    LAST,
    LOW,
    MISSING,
    MOST,
    NEVER,
    OVERDRAWN,
    PENALTY,
    R_AHEAD_INTEREST,
    R_AHEAD_PRINCIPAL,
    R_COVERED,
    R_FEE,
    R_FEE_DAY,
    R_FEE_PAID,
    R_INTEREST,
    R_LATE,
    R_LATE_PAID,
    R_PRINCIPAL,
    RECOVERY,
    REFUND,
    REFUNDED,
    SETTLED,
    SETTLEMENT,
    SETTLING,
    SHARE,
    T_AFTER,
    T_CHARGES,
    T_FEE,
    T_INTEREST,
    T_ON_RENT,
    T_SETTLEMENT_FEE,
    Book,
    Events,
    Ints,
    Work,
)


@jit
def _pay(book: Book, events: Events, work: Work, s: Ints, term: Ints, day: int, limit: int) -> None:
    """Money pays what is due, in the terms' order; a settlement pays what comes later too."""
    while s[HEAD] < limit and work.left[s[HEAD]] == 0:
        s[HEAD] += 1
    if s[HEAD] < limit:
        count = s[DUE] - s[LOW]
        for n in range(4 * count):
            k, part = step(term, s[LOW], count, n)
            pay_part(book, events, work, s, term, k, part, day, limit)
            if s[HEAD] >= limit:
                break
        if s[SETTLED] != NEVER:
            for k in range(s[DUE], s[LAST]):
                pay_part(book, events, work, s, term, k, 3, day, limit)
    while s[LOW] < s[DUE]:
        row = work.rows[s[LOW]]
        if row[R_INTEREST] + row[R_PRINCIPAL] > 0 or row[R_FEE] != row[R_FEE_PAID]:
            break
        if open_part(book, work, term, s[LOW], 0, day) != 0:
            break
        s[LOW] += 1


@jit
def _run(book: Book, work: Work, s: Ints, term: Ints, day: int) -> None:
    """Until a day: reminders are charged, late interest runs."""
    for k in range(s[LOW], s[DUE]):
        row = work.rows[k]
        open_ = row[R_INTEREST] + row[R_PRINCIPAL]
        remind = book.due[k] + term[T_AFTER]
        if term[T_AFTER] > 0 and open_ > 0 and row[R_FEE_DAY] == NEVER and day >= remind:
            row[R_FEE], row[R_FEE_DAY] = term[T_FEE], remind
        if day > work.run_to[k]:
            base = open_ if term[T_ON_RENT] else row[R_PRINCIPAL]
            work.ran[k] += base * (day - work.run_to[k])
            work.run_to[k] = day


@jit
def _fall_due(
    book: Book, events: Events, work: Work, s: Ints, term: Ints, day: int, limit: int
) -> None:
    """Rentals fall due until a day, each paid by the credit on its own; then the rest runs."""
    while s[DUE] < s[LAST] and book.due[s[DUE]] <= day:
        s[DUE] += 1
        _pay(book, events, work, s, term, book.due[s[DUE] - 1], limit)
    _run(book, work, s, term, day)


@jit
def _period_interest(book: Book, s: Ints, term: Ints, i: int, day: int) -> int:
    """Interest of the period that a day breaks."""
    at = s[DUE]
    if term[T_INTEREST] == 0 or at == s[LAST]:
        return 0
    begins = book.due[at - 1] if at > s[FIRST] else book.started[i]
    if day <= begins:
        return 0
    interest = 0
    for k in range(at, s[LAST]):
        if book.due[k] == book.due[at]:
            interest += book.interest[k]
    if term[T_INTEREST] == 2:
        return interest
    return half_up(interest * (day - begins), book.due[at] - begins)


@jit
def _open_settlement(book: Book, work: Work, s: Ints, term: Ints, i: int, e: int, day: int) -> None:
    """What settles the lease on a day, before the settlement's own money."""
    later = 0
    for k in range(s[DUE], s[LAST]):
        later += work.rows[k, R_PRINCIPAL]
    asked = term[T_SETTLEMENT_FEE] if s[LAST] > s[FIRST] else 0
    for c in range(term[T_CHARGES]):
        if day < book.until[i, c]:
            if later > MOST // (2 * SHARE):
                s[HARD] = 1
            else:
                asked += half_up(later * book.rates[book.version[i], c], SHARE)
            break
    asked += _period_interest(book, s, term, i, day)
    missing = s[OVERDRAWN] + later + asked
    for c in range(s[HEAD], e):
        missing -= work.left[c]
    for k in range(s[LOW], s[DUE]):
        for part in range(4):
            owed = open_part(book, work, term, k, part, day)
            if owed < 0:
                s[HARD] = 1
            missing += owed
    s[MISSING], s[SETTLING], s[ASKED] = missing, day, asked


@jit
def _receive(book: Book, events: Events, work: Work, s: Ints, term: Ints, i: int, e: int) -> None:
    """Money of an event on a lease that is not settled."""
    day = events.day[e]
    if events.kind[e] == SETTLEMENT:
        _open_settlement(book, work, s, term, i, e, day)
    if s[SETTLING] != NEVER:
        s[MISSING] -= events.amount[e]
        if s[MISSING] <= 0:
            if s[SETTLING] != day or events.kind[e] != SETTLEMENT:
                s[HARD] = 1  # completed by later money
            s[SETTLED] = s[CLOSED] = day
    s[OVERDRAWN] -= spend(work, s, e + 1, s[OVERDRAWN], day, REFUNDED)
    _pay(book, events, work, s, term, day, e + 1)
    if s[SETTLED] != NEVER:
        work.leases[i, L_EXTRA] = s[ASKED]
        spend(work, s, e + 1, s[ASKED], day, EXTRA)


@jit
def _take_back(work: Work, book: Book, s: Ints, term: Ints, e: int, day: int) -> None:
    """A refund beyond the credit: what was paid last is open again, from that day on."""
    count = s[DUE] - s[FIRST]
    for n in range(4 * count - 1, -1, -1):
        k, part = step(term, s[FIRST], count, n)
        row = work.rows[k]
        paid = row[R_LATE_PAID] if part == 0 else row[R_FEE_PAID]
        if part == 2:
            paid = book.interest[k] - row[R_INTEREST]
        elif part == 3:
            paid = book.principal[k] - row[R_PRINCIPAL]
        amount = min(s[OVERDRAWN], paid)
        if amount == 0:
            continue
        move(row, part, -amount)
        s[OVERDRAWN] -= amount
        s[LOW] = min(s[LOW], k)
        if row[R_INTEREST] + row[R_PRINCIPAL] > 0:
            row[R_COVERED] = NEVER
        write(work, e, k, day, PENALTY + part, -amount)
    for k in range(s[LOW], s[DUE]):
        work.run_to[k] = max(work.run_to[k], day)


@jit
def _refund(book: Book, events: Events, work: Work, s: Ints, term: Ints, i: int, e: int) -> None:
    """Money paid back: of the credit first."""
    day, amount = events.day[e], events.amount[e]
    work.leases[i, L_REFUNDED] += amount
    work.left[e] = 0
    s[OVERDRAWN] += amount
    if s[SETTLING] != NEVER and s[SETTLED] == NEVER:
        s[MISSING] += amount
    s[OVERDRAWN] -= spend(work, s, e, s[OVERDRAWN], day, REFUNDED)
    if s[OVERDRAWN] > 0 and s[SETTLED] == NEVER:
        _take_back(work, book, s, term, e, day)


@jit
def _cover_ahead(events: Events, work: Work, s: Ints, i: int, end: int) -> None:
    """The credit, laid over the rentals that fall due later."""
    k = s[DUE]
    for e in range(s[HEAD], end):
        amount = work.left[e]
        work.leases[i, L_CREDIT] += amount
        while s[SETTLED] == NEVER and amount > 0 and k < s[LAST]:
            row = work.rows[k]
            interest = min(amount, row[R_INTEREST] - row[R_AHEAD_INTEREST])
            principal = min(amount - interest, row[R_PRINCIPAL] - row[R_AHEAD_PRINCIPAL])
            row[R_AHEAD_INTEREST] += interest
            row[R_AHEAD_PRINCIPAL] += principal
            amount -= interest + principal
            covered = row[R_AHEAD_INTEREST] + row[R_AHEAD_PRINCIPAL]
            if covered == row[R_INTEREST] + row[R_PRINCIPAL]:
                if interest + principal > 0:
                    row[R_COVERED] = events.day[e]
                k += 1


@jit
def _begin(book: Book, events: Events, work: Work, s: Ints, i: int) -> None:
    """Nothing has happened yet."""
    s[:] = 0
    s[FIRST], s[LAST] = book.offsets[i], book.offsets[i + 1]
    while s[LAST] > s[FIRST] and not book.debt[s[LAST] - 1]:
        s[LAST] -= 1
    s[LOW] = s[DUE] = s[FIRST]
    s[HEAD] = events.starts[i]
    s[SETTLING] = s[SETTLED] = s[CLOSED] = NEVER
    for k in range(s[FIRST], s[LAST]):
        work.rows[k, R_INTEREST], work.rows[k, R_PRINCIPAL] = book.interest[k], book.principal[k]
        if book.interest[k] + book.principal[k] == 0:
            work.rows[k, R_COVERED] = book.due[k]


@jit
def _replay(book: Book, events: Events, work: Work, s: Ints, i: int, as_of: int) -> None:
    """One lease to the end of a day."""
    term, end = book.terms[book.version[i]], events.starts[i + 1]
    _begin(book, events, work, s, i)
    for e in range(events.starts[i], end):
        if events.kind[e] == RECOVERY:
            work.leases[i, L_RECOVERED] += events.amount[e]
            work.left[e] = 0
            continue
        if s[SETTLED] == NEVER:
            _fall_due(book, events, work, s, term, events.day[e], e)
        if events.kind[e] == REFUND:
            _refund(book, events, work, s, term, i, e)
            continue
        work.leases[i, L_PAID] += events.amount[e]
        if s[SETTLED] == NEVER:
            _receive(book, events, work, s, term, i, e)
        s[OVERDRAWN] -= spend(work, s, e + 1, s[OVERDRAWN], events.day[e], REFUNDED)
    if s[SETTLED] == NEVER:
        _fall_due(book, events, work, s, term, as_of, end)
    until = as_of if s[SETTLED] == NEVER else s[SETTLED]
    for k in range(s[FIRST], s[DUE]):
        work.rows[k, R_LATE] = charged(book, work, term, k, until)
        if work.rows[k, R_LATE] < 0:
            s[HARD] = 1
    _cover_ahead(events, work, s, i, end)
    lease = work.leases[i]
    lease[L_OVERDRAWN], lease[L_SETTLED], lease[L_CLOSED] = s[OVERDRAWN], s[SETTLED], s[CLOSED]


@jit
def _replay_all(
    which: Ints, book: Book, events: Events, work: Work, as_of: int
) -> npt.NDArray[np.bool_]:
    s = np.zeros(12, np.int64)
    hard = np.zeros(len(book.offsets) - 1, np.bool_)
    for i in which:
        _replay(book, events, work, s, i, as_of)
        hard[i] = s[HARD] != 0
    return hard


def replay_leases(
    which: Ints, book: Book, events: Events, *, as_of: int, wants_lines: bool
) -> tuple[Ints, Ints, npt.NDArray[np.bool_], Ints]:
    """Replay the leases `which` to the end of `as_of`: (rows, leases, hard, lines).

    `rows` are (receivables, 10), `leases` (n, 8), `lines` (k, 10), see the columns above; other
    leases stay zero. What the credit covers of later rentals is in the last two columns of `rows`
    and in `R_COVERED`.
    """
    room = 2 * len(events.day) + len(book.due) if wants_lines else 0
    while True:
        rows = np.zeros((len(book.due), 10), np.int64)
        rows[:, R_COVERED] = rows[:, R_FEE_DAY] = NEVER
        work = Work(
            rows=rows,
            leases=np.zeros((len(book.offsets) - 1, 8), np.int64),
            lines=np.empty((room, 10), np.int64),
            used=np.zeros(1, np.int64),
            left=events.amount.copy(),
            ran=np.zeros(len(book.due), np.int64),
            run_to=book.due.copy(),
        )
        hard = _replay_all(which, book, events, work, as_of)
        used = int(work.used[0])
        if not wants_lines or used <= room:
            return rows, work.leases, hard, work.lines[:used]
        room = used
