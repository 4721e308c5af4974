"""The small steps of the kernel: late interest, money on one part of a rental, lines."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

from origination.domain.servicing.layout import (
    CHARGED,
    DAILY,
    DAY,
    E_DAY,
    E_LEFT,
    EVENT,
    HARD,
    HEAD,
    MOST,
    PENALTY,
    R_COVERED,
    R_DUE,
    R_FEE,
    R_FEE_PAID,
    R_INTEREST,
    R_LATE_PAID,
    R_PRINCIPAL,
    R_RAN,
    R_WHOLE,
    R_WHOLE_INTEREST,
    ROW,
    SHARE,
    T_BY_RENTAL,
    T_CAP,
    T_GRACE,
    T_RATE,
    Ints,
)

F = TypeVar("F", bound=Callable[..., Any])


def jit(function: F) -> F:
    return cast(F, numba.njit(cache=True)(function))


@jit
def half_up(numerator: int, denominator: int) -> int:
    return (2 * numerator + denominator) // (2 * denominator)


@jit
def charged(rows: Ints, term: Ints, k: int, day: int) -> int:
    """Late interest charged on a rental by a day; -1 where it is too large."""
    rate = term[T_RATE]
    if rate == 0 or day <= rows[k, R_DUE] + term[T_GRACE]:
        return 0
    if rows[k, R_RAN] > MOST // (2 * rate):
        return -1
    late = half_up(rows[k, R_RAN] * rate, DAILY)
    if term[T_CAP] == 0:
        return late
    amount = rows[k, R_WHOLE_INTEREST] + rows[k, R_WHOLE]
    if amount > MOST // (2 * term[T_CAP]):
        return -1
    return min(late, half_up(amount * term[T_CAP], SHARE))


@jit
def write(
    lines: Ints, used: Ints, event: int, row: int, day: int, column: int, amount: int
) -> None:
    """Add to the last line if it is of the same event, rental and day, else begin one."""
    at = used[0]
    if (
        at == 0
        or at > len(lines)
        or (lines[at - 1, EVENT] != event or lines[at - 1, ROW] != row or lines[at - 1, DAY] != day)
    ):
        used[0] += 1
        if at >= len(lines):
            return
        lines[at] = 0
        lines[at, EVENT], lines[at, ROW], lines[at, DAY] = event, row, day
        at += 1
    lines[at - 1, column] += amount


@jit
def spend(
    ev: Ints, lines: Ints, used: Ints, s: Ints, limit: int, most: int, day: int, column: int
) -> int:
    """Spend up to so much of the credit on what is no rental; how much it was."""
    spent = 0
    while s[HEAD] < limit and spent < most:
        e = s[HEAD]
        part = min(most - spent, ev[e, E_LEFT])
        if part > 0:
            ev[e, E_LEFT] -= part
            spent += part
            write(lines, used, e, -1, day, column, part)
        if ev[e, E_LEFT] == 0:
            s[HEAD] += 1
    return spent


@jit
def open_part(rows: Ints, term: Ints, k: int, part: int, day: int) -> int:
    """What is open on one part of a rental; -1 where late interest is too large."""
    if part == 0:
        late = charged(rows, term, k, day)
        return late - rows[k, R_LATE_PAID] if late >= 0 else -1
    if part == 1:
        return int(rows[k, R_FEE] - rows[k, R_FEE_PAID])
    return int(rows[k, R_INTEREST] if part == 2 else rows[k, R_PRINCIPAL])


@jit
def move(rows: Ints, k: int, part: int, amount: int) -> None:
    """Pay an amount on a part (below zero: take it back)."""
    if part == 0:
        rows[k, R_LATE_PAID] += amount
    elif part == 1:
        rows[k, R_FEE_PAID] += amount
    elif part == 2:
        rows[k, R_INTEREST] -= amount
    else:
        rows[k, R_PRINCIPAL] -= amount


@jit
def pay_part(
    rows: Ints, ev: Ints, lines: Ints, used: Ints, s: Ints, term: Ints, k: int, part: int,
    day: int, limit: int,
) -> None:  # fmt: skip
    """Money of the events before `limit`, oldest first, pays one part of a rental."""
    owed = open_part(rows, term, k, part, day)
    if owed < 0:
        s[HARD] = 1
    while owed > 0 and s[HEAD] < limit:
        e = s[HEAD]
        amount = min(owed, ev[e, E_LEFT])
        if amount == 0:
            s[HEAD] += 1
            continue
        ev[e, E_LEFT] -= amount
        owed -= amount
        move(rows, k, part, amount)
        if part >= 2 and rows[k, R_INTEREST] + rows[k, R_PRINCIPAL] == 0:
            rows[k, R_COVERED] = ev[e, E_DAY]
            if day <= rows[k, R_DUE] + term[T_GRACE]:
                rows[k, R_RAN] = 0  # paid within its grace
        write(lines, used, e, k, day, PENALTY + part, amount)
        if part == 0 and used[0] <= len(lines):
            lines[used[0] - 1, CHARGED] = rows[k, R_LATE_PAID] + owed


@jit
def step(term: Ints, low: int, count: int, n: int) -> tuple[int, int]:
    """The n-th (rental, part) in the order in which money pays `count` rentals from `low`."""
    if term[T_BY_RENTAL]:
        return low + n // 4, term[n % 4]
    return low + n % count, term[n // count]
