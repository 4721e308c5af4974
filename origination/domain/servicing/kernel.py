"""`replay` compiled: the same rules on whole numbers of 64 bits, lease after lease.

Days are days since 1970-01-01. A lease that 64 bits or this form cannot hold (a huge sum of late
interest, a settlement that a later payment completes) is flagged in `hard`: the caller replays it
with `replay`, the reference. Parts: 0 penalty, 1 fee, 2 interest, 3 principal.
"""

from __future__ import annotations

from typing import Final

import numba
import numpy as np

NEVER: Final = -(2**31)
RENT, SETTLEMENT, RECOVERY, REFUND = 0, 1, 2, 4  # codes of `events.EventKind`
DAILY, SHARE = 10**9, 10**6
_MOST: Final = 2**62
# Columns of a line, and of what is kept for each receivable and lease.
EVENT, ROW, DAY, PENALTY, FEE, INTEREST, PRINCIPAL, REFUNDED, EXTRA, CHARGED = range(10)
(R_INTEREST, R_PRINCIPAL, R_LATE, R_LATE_PAID, R_FEE, R_FEE_PAID, R_FEE_DAY, R_COVERED,
 R_AHEAD_INTEREST, R_AHEAD_PRINCIPAL) = range(10)  # fmt: skip
L_PAID, L_RECOVERED, L_REFUNDED, L_OVERDRAWN, L_SETTLED, L_CLOSED, L_CREDIT, L_EXTRA = range(8)
# Columns of terms, one row a version.
(T_ORDER, _, _, _, T_BY_RENTAL, T_RATE, T_GRACE, T_ON_RENT, T_CAP, T_AFTER, T_FEE, T_INTEREST,
 T_SETTLEMENT_FEE, T_CHARGES) = range(14)  # fmt: skip


@numba.njit(cache=True)
def _half_up(numerator, denominator):  # type: ignore[no-untyped-def]
    return (2 * numerator + denominator) // (2 * denominator)


@numba.njit(cache=True)
def _charged(ran, day, due, amount, term):  # type: ignore[no-untyped-def]
    """Late interest charged by a day on so many unit-days; -1 where it is too large."""
    rate = term[T_RATE]
    if rate == 0 or day <= due + term[T_GRACE]:
        return 0
    if ran > _MOST // (2 * rate):
        return -1
    late = _half_up(ran * rate, DAILY)
    if term[T_CAP] == 0:
        return late
    if amount > _MOST // (2 * term[T_CAP]):
        return -1
    return min(late, _half_up(amount * term[T_CAP], SHARE))


@numba.njit(cache=True)
def _grown(lines):  # type: ignore[no-untyped-def]
    more = np.empty((2 * len(lines), lines.shape[1]), np.int64)
    more[: len(lines)] = lines
    return more


@numba.njit(cache=True)
def replay_leases(  # type: ignore[no-untyped-def]
    which, offsets, due, interest, principal, debt, started, version, terms, charge_until,
    charge_rate, starts, event_day, event_amount, event_kind, as_of, wants_lines
):  # fmt: skip
    """Replay the leases `which` to the end of `as_of`; (rows, leases, hard, lines).

    `starts[i]`..`starts[i + 1]` are lease i's standing events in order of application. `rows` are
    (receivables, 10), `leases` (n, 8), `lines` (k, 10), see the columns above. What the credit
    covers of later rentals is in the two last columns of `rows`, in `covered` too.
    """
    n = len(offsets) - 1
    rows = np.zeros((len(due), 10), np.int64)
    rows[:, R_COVERED] = NEVER
    rows[:, R_FEE_DAY] = NEVER
    leases = np.zeros((n, 8), np.int64)
    hard = np.zeros(n, np.bool_)
    lines = np.empty((1024 if wants_lines else 1, 10), np.int64)
    used = 0
    left = event_amount.copy()
    ran = np.zeros(len(due), np.int64)
    run_to = due.astype(np.int64)
    for i in which:
        first, last, term = offsets[i], offsets[i + 1], terms[version[i]]
        while last > first and not debt[last - 1]:
            last -= 1
        for k in range(first, last):
            rows[k, R_INTEREST], rows[k, R_PRINCIPAL] = interest[k], principal[k]
            if interest[k] + principal[k] == 0:
                rows[k, R_COVERED] = due[k]
        lo, to = first, first  # rentals due and not done: lo..to
        head = starts[i]
        overdrawn, missing, settling, extra = 0, 0, NEVER, 0
        settled, closed = NEVER, NEVER
        end = starts[i + 1]
        for e in range(starts[i], end + 1):
            final = e == end
            day = as_of if final else event_day[e]
            kind = RECOVERY if final else event_kind[e]
            if not final and kind == RECOVERY:
                leases[i, L_RECOVERED] += event_amount[e]
                left[e] = 0
                continue
            # rentals fall due, each paid by the credit on its day; then this day's own step
            money = not final and kind != REFUND
            if settled == NEVER:
                while True:
                    step = day
                    falling = to < last and due[to] <= day
                    if falling:
                        step = due[to]
                        to += 1
                    else:
                        for k in range(lo, to):
                            open_ = rows[k, R_INTEREST] + rows[k, R_PRINCIPAL]
                            after = term[T_AFTER]
                            if (
                                after > 0 and open_ > 0 and rows[k, R_FEE_DAY] == NEVER
                                and day >= due[k] + after
                            ):  # fmt: skip
                                rows[k, R_FEE], rows[k, R_FEE_DAY] = term[T_FEE], due[k] + after
                            if day > run_to[k]:
                                base = open_ if term[T_ON_RENT] else rows[k, R_PRINCIPAL]
                                ran[k] += base * (day - run_to[k])
                                run_to[k] = day
                        if not final:
                            leases[i, L_PAID] += event_amount[e] if money else 0
                        if not money:
                            break
                        if kind == SETTLEMENT:
                            credit = 0
                            for c in range(head, e):
                                credit += left[c]
                            later = 0
                            for k in range(to, last):
                                later += rows[k, R_PRINCIPAL]
                            extra = term[T_SETTLEMENT_FEE] if last > first else 0
                            for c in range(term[T_CHARGES]):
                                if day < charge_until[i, c]:
                                    rate = charge_rate[version[i], c]
                                    if later > _MOST // (2 * SHARE):
                                        hard[i] = True
                                    else:
                                        extra += _half_up(later * rate, SHARE)
                                    break
                            if term[T_INTEREST] and to < last:
                                begins = due[to - 1] if to > first else started[i]
                                if day > begins:
                                    part = 0
                                    for k in range(to, last):
                                        if due[k] == due[to]:
                                            part += rows[k, R_INTEREST]
                                    if term[T_INTEREST] == 1:
                                        part = _half_up(part * (day - begins), due[to] - begins)
                                    extra += part
                            missing = overdrawn - credit + later + extra
                            for k in range(lo, to):
                                late = _charged(
                                    ran[k], day, due[k], interest[k] + principal[k], term
                                )
                                hard[i] |= late < 0
                                missing += late - rows[k, R_LATE_PAID]
                                missing += rows[k, R_FEE] - rows[k, R_FEE_PAID]
                                missing += rows[k, R_INTEREST] + rows[k, R_PRINCIPAL]
                            settling = day
                        if settling != NEVER:
                            missing -= event_amount[e]
                            if missing <= 0:
                                if settling != day or kind != SETTLEMENT:
                                    hard[i] = True
                                settled = closed = day
                    # what is due, by the terms' order; a settlement pays what comes later too
                    limit = e if falling or final else e + 1
                    if not falling and overdrawn > 0:
                        for c in range(head, limit):
                            part = min(overdrawn, left[c])
                            if part > 0:
                                overdrawn -= part
                                left[c] -= part
                                if wants_lines:
                                    if used == len(lines):
                                        lines = _grown(lines)
                                    lines[used] = 0
                                    lines[used, EVENT], lines[used, ROW] = c, -1
                                    lines[used, DAY], lines[used, REFUNDED] = step, part
                                    used += 1
                    while head < limit and left[head] == 0:
                        head += 1
                    if head < limit:
                        count = to - lo
                        steps = 4 * count + (last - to if settled != NEVER else 0)
                        for s in range(steps):
                            if s >= 4 * count:
                                k, part_of = to + s - 4 * count, 3
                            elif term[T_BY_RENTAL]:
                                k, part_of = lo + s // 4, term[T_ORDER + s % 4]
                            else:
                                k, part_of = lo + s % count, term[T_ORDER + s // count]
                            amount = interest[k] + principal[k]
                            late = 0
                            if part_of == 0:
                                late = _charged(ran[k], step, due[k], amount, term)
                                if late < 0:
                                    hard[i] = True
                                    break
                                owed = late - rows[k, R_LATE_PAID]
                            elif part_of == 1:
                                owed = rows[k, R_FEE] - rows[k, R_FEE_PAID]
                            elif part_of == 2:
                                owed = rows[k, R_INTEREST]
                            else:
                                owed = rows[k, R_PRINCIPAL]
                            while owed > 0 and head < limit:
                                if left[head] == 0:
                                    head += 1
                                    continue
                                part = min(owed, left[head])
                                left[head] -= part
                                owed -= part
                                if part_of == 0:
                                    rows[k, R_LATE_PAID] += part
                                elif part_of == 1:
                                    rows[k, R_FEE_PAID] += part
                                else:
                                    if part_of == 2:
                                        rows[k, R_INTEREST] -= part
                                    else:
                                        rows[k, R_PRINCIPAL] -= part
                                    if rows[k, R_INTEREST] + rows[k, R_PRINCIPAL] == 0:
                                        rows[k, R_COVERED] = event_day[head]
                                        if step <= due[k] + term[T_GRACE]:
                                            ran[k] = 0
                                if wants_lines:
                                    same = (
                                        used > 0 and lines[used - 1, EVENT] == head
                                        and lines[used - 1, ROW] == k
                                        and lines[used - 1, DAY] == step
                                    )  # fmt: skip
                                    if not same:
                                        if used == len(lines):
                                            lines = _grown(lines)
                                        lines[used] = 0
                                        lines[used, EVENT], lines[used, ROW] = head, k
                                        lines[used, DAY] = step
                                        used += 1
                                    lines[used - 1, PENALTY + part_of] += part
                                    if part_of == 0:
                                        lines[used - 1, CHARGED] = late
                            if head >= limit:
                                break
                    while lo < to and rows[lo, R_INTEREST] + rows[lo, R_PRINCIPAL] == 0:
                        late = _charged(ran[lo], step, due[lo], interest[lo] + principal[lo], term)
                        if late != rows[lo, R_LATE_PAID] or rows[lo, R_FEE] != rows[lo, R_FEE_PAID]:
                            break
                        rows[lo, R_LATE] = late
                        lo += 1
                    if settled != NEVER:
                        owed = extra
                        leases[i, L_EXTRA] = extra
                        for c in range(head, limit):
                            part = min(owed, left[c])
                            if part > 0:
                                owed -= part
                                left[c] -= part
                                if wants_lines:
                                    if used == len(lines):
                                        lines = _grown(lines)
                                    lines[used] = 0
                                    lines[used, EVENT], lines[used, ROW] = c, -1
                                    lines[used, DAY], lines[used, EXTRA] = step, part
                                    used += 1
                        break
                    if not falling:
                        break
            elif money:
                leases[i, L_PAID] += event_amount[e]
            if not final and kind == REFUND:
                leases[i, L_REFUNDED] += event_amount[e]
                left[e] = 0
                overdrawn += event_amount[e]
                if settling != NEVER and settled == NEVER:
                    missing += event_amount[e]
            if overdrawn > 0 and not final:
                for c in range(head, e + 1):
                    part = min(overdrawn, left[c])
                    if part > 0:
                        overdrawn -= part
                        left[c] -= part
                        if wants_lines:
                            if used == len(lines):
                                lines = _grown(lines)
                            lines[used] = 0
                            lines[used, EVENT], lines[used, ROW] = c, -1
                            lines[used, DAY], lines[used, REFUNDED] = day, part
                            used += 1
            if overdrawn > 0 and not final and kind == REFUND and settled == NEVER:
                # beyond the credit: what was paid last is open again
                count = to - first
                for s in range(4 * count - 1, -1, -1):
                    if term[T_BY_RENTAL]:
                        k, part_of = first + s // 4, term[T_ORDER + s % 4]
                    else:
                        k, part_of = first + s % count, term[T_ORDER + s // count]
                    if part_of == 0:
                        part = min(overdrawn, rows[k, R_LATE_PAID])
                        rows[k, R_LATE_PAID] -= part
                    elif part_of == 1:
                        part = min(overdrawn, rows[k, R_FEE_PAID])
                        rows[k, R_FEE_PAID] -= part
                    elif part_of == 2:
                        part = min(overdrawn, interest[k] - rows[k, R_INTEREST])
                        rows[k, R_INTEREST] += part
                    else:
                        part = min(overdrawn, principal[k] - rows[k, R_PRINCIPAL])
                        rows[k, R_PRINCIPAL] += part
                    if part == 0:
                        continue
                    overdrawn -= part
                    lo = min(lo, k)
                    if rows[k, R_INTEREST] + rows[k, R_PRINCIPAL] > 0:
                        rows[k, R_COVERED] = NEVER
                    if wants_lines:
                        if used == len(lines):
                            lines = _grown(lines)
                        lines[used] = 0
                        lines[used, EVENT], lines[used, ROW] = e, k
                        lines[used, DAY], lines[used, PENALTY + part_of] = day, -part
                        used += 1
                for k in range(lo, to):
                    run_to[k] = max(run_to[k], day)
        until = as_of if settled == NEVER else settled
        for k in range(first, to):
            late = _charged(ran[k], until, due[k], interest[k] + principal[k], term)
            hard[i] |= late < 0
            rows[k, R_LATE] = late
        # the credit, laid over what falls due later
        k = to
        for c in range(head, end):
            leases[i, L_CREDIT] += left[c]
            amount = left[c]
            while settled == NEVER and amount > 0 and k < last:
                in_interest = min(amount, rows[k, R_INTEREST] - rows[k, R_AHEAD_INTEREST])
                in_principal = min(
                    amount - in_interest, rows[k, R_PRINCIPAL] - rows[k, R_AHEAD_PRINCIPAL]
                )
                rows[k, R_AHEAD_INTEREST] += in_interest
                rows[k, R_AHEAD_PRINCIPAL] += in_principal
                amount -= in_interest + in_principal
                done = rows[k, R_AHEAD_INTEREST] + rows[k, R_AHEAD_PRINCIPAL]
                if done == rows[k, R_INTEREST] + rows[k, R_PRINCIPAL]:
                    if in_interest + in_principal > 0:
                        rows[k, R_COVERED] = event_day[c]
                    k += 1
        leases[i, L_OVERDRAWN] = overdrawn
        leases[i, L_SETTLED], leases[i, L_CLOSED] = settled, closed
    return rows, leases, hard, lines[:used]
