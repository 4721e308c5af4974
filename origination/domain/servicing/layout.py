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
LINES: Final = 10
(R_INTEREST, R_PRINCIPAL, R_LATE, R_LATE_PAID, R_FEE, R_FEE_PAID, R_FEE_DAY, R_COVERED,
 R_AHEAD_INTEREST, R_AHEAD_PRINCIPAL) = range(10)  # fmt: skip
# What the contract says of a receivable; late interest: unit-days, and until when it ran.
R_DUE, R_WHOLE_INTEREST, R_WHOLE, R_RAN, R_RUN_TO = range(10, 15)
ROWS: Final = 15
E_DAY, E_AMOUNT, E_KIND, E_LEFT = range(4)  # of an event; what of its money has paid nothing yet
L_PAID, L_RECOVERED, L_REFUNDED, L_OVERDRAWN, L_SETTLED, L_CLOSED, L_CREDIT, L_EXTRA = range(8)
# Columns of terms, one row a version; the first four are the order of the parts.
T_BY_RENTAL, T_RATE, T_GRACE, T_ON_RENT, T_CAP, T_AFTER, T_FEE, T_INTEREST = range(4, 12)
T_SETTLEMENT_FEE, T_CHARGES = 12, 13
# Where one lease stands: the columns of `leases` first; rentals FIRST..LAST, of which LOW..DUE are
# due and not done; money from event HEAD on; an open settlement (since when, what is missing, what
# it asks beside rent).
PAID, RECOVERED, PAID_BACK, OVERDRAWN, SETTLED, CLOSED, CREDIT, EXTRA_PAID = range(8)
(FIRST, LAST, LOW, DUE, HEAD, MISSING, SETTLING, ASKED, HARD, LEASE, VERSION,
 STARTED) = range(8, 20)  # fmt: skip
STATE: Final = 20


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
