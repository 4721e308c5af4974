"""How the kernel lays out what it reads and fills: columns, codes and groups of arrays."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
NEVER: Final = -(2**31)
RENT, SETTLEMENT, RECOVERY, REFUND = 0, 1, 2, 4  # codes of `events.EventKind`
DAILY, SHARE = 10**9, 10**6
MOST: Final = 2**62
# Columns of a line, and of what is kept for each receivable and lease.
EVENT, ROW, DAY, PENALTY, FEE, INTEREST, PRINCIPAL, REFUNDED, EXTRA, CHARGED = range(10)
(R_INTEREST, R_PRINCIPAL, R_LATE, R_LATE_PAID, R_FEE, R_FEE_PAID, R_FEE_DAY, R_COVERED,
 R_AHEAD_INTEREST, R_AHEAD_PRINCIPAL) = range(10)  # fmt: skip
L_PAID, L_RECOVERED, L_REFUNDED, L_OVERDRAWN, L_SETTLED, L_CLOSED, L_CREDIT, L_EXTRA = range(8)
# Columns of terms, one row a version; the first four are the order of the parts.
T_BY_RENTAL, T_RATE, T_GRACE, T_ON_RENT, T_CAP, T_AFTER, T_FEE, T_INTEREST = range(4, 12)
T_SETTLEMENT_FEE, T_CHARGES = 12, 13
# Where one lease stands: rentals FIRST..LAST, of which LOW..DUE are due and not done; money from
# event HEAD on; what was refunded without being there; an open settlement; whether it is settled.
(FIRST, LAST, LOW, DUE, HEAD, OVERDRAWN, MISSING, SETTLING, ASKED, SETTLED, CLOSED,
 HARD) = range(12)  # fmt: skip


class Book(NamedTuple):
    """Contracts: `debt` leaves options out; `until` and `rates` are the charges of settlements."""

    offsets: Ints
    due: Ints
    interest: Ints
    principal: Ints
    debt: npt.NDArray[np.bool_]
    started: Ints
    version: Ints
    terms: Ints
    until: Ints
    rates: Ints


class Events(NamedTuple):
    """Standing events in order of application, lease i's at `starts[i]`..`starts[i + 1]`."""

    starts: Ints
    day: Ints
    amount: Ints
    kind: npt.NDArray[np.int8]


class Work(NamedTuple):
    """What a replay fills: `rows`, `leases`, lines as far as there is room (`used` counts all);
    `left` of each event's money, late interest `ran` (unit-days) and until when (`run_to`)."""

    rows: Ints
    leases: Ints
    lines: Ints
    used: Ints
    left: Ints
    ran: Ints
    run_to: Ints
