"""The small steps of the kernel: late interest, money on one part of a rental, lines."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

from origination.domain.servicing.layout import (
    CHARGED,
    DAILY,
    DAY,
    EVENT,
    HARD,
    HEAD,
    MOST,
    PENALTY,
    R_COVERED,
    R_FEE,
    R_FEE_PAID,
    R_INTEREST,
    R_LATE_PAID,
    R_PRINCIPAL,
    ROW,
    SHARE,
    T_BY_RENTAL,
    T_CAP,
    T_GRACE,
    T_RATE,
    Book,
    Events,
    Ints,
    Work,
)

F = TypeVar("F", bound=Callable[..., Any])


def jit(function: F) -> F:
    return cast(F, numba.njit(cache=True)(function))


@jit
def half_up(numerator: int, denominator: int) -> int:
    return (2 * numerator + denominator) // (2 * denominator)


@jit
def charged(book: Book, work: Work, term: Ints, k: int, day: int) -> int:
    """Late interest charged on a rental by a day; -1 where it is too large."""
    rate = term[T_RATE]
    if rate == 0 or day <= book.due[k] + term[T_GRACE]:
        return 0
    if work.ran[k] > MOST // (2 * rate):
        return -1
    late = half_up(work.ran[k] * rate, DAILY)
    if term[T_CAP] == 0:
        return late
    amount = book.interest[k] + book.principal[k]
    if amount > MOST // (2 * term[T_CAP]):
        return -1
    return min(late, half_up(amount * term[T_CAP], SHARE))


@jit
def write(work: Work, event: int, row: int, day: int, column: int, amount: int) -> None:
    """Add to the last line if it is of the same event, rental and day, else begin one."""
    at = work.used[0]
    lines = work.lines
    if (
        at == 0
        or at > len(lines)
        or (lines[at - 1, EVENT] != event or lines[at - 1, ROW] != row or lines[at - 1, DAY] != day)
    ):
        work.used[0] += 1
        if at >= len(lines):
            return
        lines[at] = 0
        lines[at, EVENT], lines[at, ROW], lines[at, DAY] = event, row, day
        at += 1
    lines[at - 1, column] += amount


@jit
def spend(work: Work, s: Ints, limit: int, most: int, day: int, column: int) -> int:
    """Spend up to so much of the credit on what is no rental; how much it was."""
    spent = 0
    while s[HEAD] < limit and spent < most:
        e = s[HEAD]
        part = min(most - spent, work.left[e])
        if part > 0:
            work.left[e] -= part
            spent += part
            write(work, e, -1, day, column, part)
        if work.left[e] == 0:
            s[HEAD] += 1
    return spent


@jit
def open_part(book: Book, work: Work, term: Ints, k: int, part: int, day: int) -> int:
    """What is open on one part of a rental; -1 where late interest is too large."""
    row = work.rows[k]
    if part == 0:
        late = charged(book, work, term, k, day)
        return late - row[R_LATE_PAID] if late >= 0 else -1
    if part == 1:
        return int(row[R_FEE] - row[R_FEE_PAID])
    return int(row[R_INTEREST] if part == 2 else row[R_PRINCIPAL])


@jit
def move(row: Ints, part: int, amount: int) -> None:
    """Pay an amount on a part (below zero: take it back)."""
    if part == 0:
        row[R_LATE_PAID] += amount
    elif part == 1:
        row[R_FEE_PAID] += amount
    elif part == 2:
        row[R_INTEREST] -= amount
    else:
        row[R_PRINCIPAL] -= amount


@jit
def pay_part(
    book: Book, events: Events, work: Work, s: Ints, term: Ints, k: int, part: int, day: int,
    limit: int,
) -> None:  # fmt: skip
    """Money of the events before `limit`, oldest first, pays one part of a rental."""
    owed = open_part(book, work, term, k, part, day)
    if owed < 0:
        s[HARD] = 1
    row = work.rows[k]
    while owed > 0 and s[HEAD] < limit:
        e = s[HEAD]
        amount = min(owed, work.left[e])
        if amount == 0:
            s[HEAD] += 1
            continue
        work.left[e] -= amount
        owed -= amount
        move(row, part, amount)
        if part >= 2 and row[R_INTEREST] + row[R_PRINCIPAL] == 0:
            row[R_COVERED] = events.day[e]
            if day <= book.due[k] + term[T_GRACE]:
                work.ran[k] = 0  # paid within its grace
        write(work, e, k, day, PENALTY + part, amount)
        if part == 0 and work.used[0] <= len(work.lines):
            work.lines[work.used[0] - 1, CHARGED] = row[R_LATE_PAID] + owed


@jit
def step(term: Ints, low: int, count: int, n: int) -> tuple[int, int]:
    """The n-th (rental, part) in the order in which money pays `count` rentals from `low`."""
    if term[T_BY_RENTAL]:
        return low + n // 4, term[n % 4]
    return low + n % count, term[n // count]
