"""What each lease still owes, by month from the valuation day."""

from __future__ import annotations

from dataclasses import dataclass

import numba
import numpy as np
import numpy.typing as npt

from origination.domain.schedule import ReceivableKind
from origination.domain.schedule_columns import KIND_CODES, ReceivableColumns

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
_OPTION = KIND_CODES[ReceivableKind.OPTION]


@dataclass(frozen=True, slots=True)
class MonthlyFlows:
    """(n, months + 1) float64 minor units; column t is month t, column 0 stays empty.

    `rent` interest and principal of debts, arrears in month 1; `interest` of it; `option` the
    unguaranteed residual, nobody's debt; `balance` the principal still owed after the month.
    `option_principal` (n,) is the residual's principal, a part of the lease's balance.
    """

    rent: Floats
    interest: Floats
    option: Floats
    balance: Floats
    option_principal: Floats


def remaining_flows(
    receivables: ReceivableColumns,
    *,
    unpaid: Bools,
    part_paid: npt.ArrayLike,
    rows: Ints,
    today: int,
    months: int = 121,
) -> MonthlyFlows:
    """Flows of the leases at positions `rows`, valued on day `today` (days since 1970).

    `unpaid` marks receivables not fully paid; `part_paid` (leases,) is money that paid part of a
    lease's oldest one. Month t holds what falls due from day 30.4375·(t − 1) + 1 to 30.4375·t;
    whatever falls due past the last month is put in the last month.
    """
    shape = (len(rows), months + 1)
    rent, interest = np.zeros(shape), np.zeros(shape)
    option, balance = np.zeros(shape), np.zeros(shape)
    option_principal = np.zeros(len(rows))
    _fill(
        receivables.offsets,
        receivables.due,
        receivables.interest,
        receivables.principal,
        receivables.kind == _OPTION,
        unpaid,
        np.asarray(part_paid, dtype=np.float64),
        np.asarray(rows, dtype=np.int64),
        today,
        rent,
        interest,
        option,
        balance,
        option_principal,
    )
    return MonthlyFlows(rent, interest, option, balance, option_principal)


@numba.njit(cache=True)
def _fill(  # type: ignore[no-untyped-def]
    offsets, due, interest, principal, is_option, unpaid, part_paid, rows, today,
    rent_out, interest_out, option_out, balance_out, option_principal,
):  # fmt: skip
    last = rent_out.shape[1] - 1
    for i in range(len(rows)):
        lease = rows[i]
        part = part_paid[lease]
        for k in range(offsets[lease], offsets[lease + 1]):
            if not unpaid[k]:
                continue
            ahead = due[k] - today
            t = 1 if ahead <= 0 else int(np.ceil(ahead / 30.4375))
            t = min(max(t, 1), last)
            if is_option[k]:
                option_out[i, t] += interest[k] + principal[k]
                option_principal[i] += principal[k]
                continue
            # Money that paid part of the oldest debt paid its interest first.
            from_interest = min(part, float(interest[k]))
            from_principal = min(part - from_interest, float(principal[k]))
            part -= from_interest + from_principal
            left = principal[k] - from_principal
            rent_out[i, t] += interest[k] - from_interest + left
            interest_out[i, t] += interest[k] - from_interest
            for s in range(t):
                balance_out[i, s] += left
