"""Feature rows as of a day, and the live state beside them that valuation needs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

import numba
import numpy as np
import numpy.typing as npt

from origination.domain.months import days_of
from origination.domain.schedule import ReceivableKind
from origination.domain.schedule_columns import KIND_CODES
from pools.features.columns import FEATURES
from pools.features.history import History, end_of, microseconds
from pools.features.paid_days import NEVER, PaidDays

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

DEFAULT_DAYS: Final = 90  # past due for more than this is default
_LATE_GRACE_DAYS: Final = 5
_DAYS_A_MONTH: Final = 30.4375
_STATE: Final = (
    "days_past_due", "worst_days_late_3m", "worst_days_late_12m", "late_rents_12m",
    "mean_days_late_6", "arrears", "principal_left", "principal_total", "default_day",
    "turned_30_day", "debts_left",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Every lease of the history as of `day`; arrays are (n,) by lease position.

    `x` is (n, features) in the order of `columns.FEATURES`. `open` marks assets: originated and
    known, not settled, something left to pay; `defaulted` those of them ever past `DEFAULT_DAYS`.
    Money is float64 minor units.
    """

    day: date
    x: Floats
    open: Bools
    defaulted: Bools
    days_past_due: Ints
    default_day: Ints
    turned_30_day: Ints
    settled_day: Ints
    months_on_book: Ints
    principal: Floats
    arrears: Floats
    paid: PaidDays

    @property
    def performing(self) -> Bools:
        """Assets that can still default: open and never in default."""
        return self.open & ~self.defaulted


def snapshot(history: History, day: date) -> Snapshot:
    """Features and state of every lease on `day`, from entries known by the end of it."""
    paid = history.at(day)
    today = days_of(day)
    state = states(history, paid, today)
    static = history.static
    born = (static.originated <= today) & (static.known <= microseconds(end_of(day)))
    gone = paid.settled <= today
    months = np.floor(np.maximum(today - static.originated, 0) / _DAYS_A_MONTH)
    default_day = np.minimum(state["default_day"].astype(np.int64), paid.recovery_day)
    is_open = born & ~gone & (state["debts_left"] > 0)
    groups = _group_features(history, paid, state["turned_30_day"].astype(np.int64), born, today)
    values = {
        **static.numbers,
        **static.codes,
        **groups,
        "region": static.region,
        "months_on_book": months,
        **{name: state[name] for name in _STATE[:5]},
        "arrears_in_rents": state["arrears"] / np.maximum(history.terms.rent, 1),
        "paid_down_share": 1 - state["principal_left"] / np.maximum(state["principal_total"], 1),
    }
    return Snapshot(
        day=day,
        x=np.column_stack([_in_steps(values[part.name], part.step) for part in FEATURES]),
        open=is_open,
        defaulted=is_open & (default_day <= today),
        days_past_due=np.where(is_open, state["days_past_due"], 0).astype(np.int64),
        default_day=default_day,
        turned_30_day=state["turned_30_day"].astype(np.int64),
        settled_day=paid.settled,
        months_on_book=months.astype(np.int64),
        principal=np.where(is_open, state["principal_left"], 0.0),
        arrears=np.where(is_open, state["arrears"], 0.0),
        paid=paid,
    )


def _in_steps(values: Floats, step: float) -> Floats:
    return np.asarray(np.ceil(values / step) * step if step else values, dtype=np.float64)


def states(history: History, paid: PaidDays, today: int) -> dict[str, Floats]:
    """Columns of `_STATE` for every lease, from the paid days as of `today`."""
    rows = history.receivables
    table = _lease_states(
        rows.offsets,
        rows.due,
        rows.amount,
        rows.principal,
        rows.kind == KIND_CODES[ReceivableKind.OPTION],
        paid.paid,
        paid.settled,
        paid.money,
        today,
    )
    return {name: table[:, place] for place, name in enumerate(_STATE)}


@numba.njit(cache=True)
def _lease_states(  # type: ignore[no-untyped-def]
    offsets, due, amount, principal, option, paid, settled, money, today
):
    n = len(offsets) - 1
    out = np.zeros((n, 11))
    for i in range(n):
        out[i, 8] = NEVER
        out[i, 9] = NEVER
        owed, owed_before_part, late_seen = 0, 0, 0
        late_sum = 0.0
        ended = settled[i] <= today
        found = False
        for k in range(offsets[i], offsets[i + 1]):
            out[i, 7] += principal[k]
            if option[k]:
                out[i, 6] += principal[k]
                continue
            if due[k] <= today:
                owed += amount[k]
            closed = min(paid[k], settled[i])
            if due[k] < today:
                late = min(closed, today) - due[k]
                if late < 0:
                    late = 0
                if closed > due[k] + 30 and due[k] + 31 <= today and out[i, 9] == NEVER:
                    out[i, 9] = due[k] + 31
                if closed > due[k] + 90 and due[k] + 91 <= today and out[i, 8] == NEVER:
                    out[i, 8] = due[k] + 91
                if closed > today - 91 and late > out[i, 1]:
                    out[i, 1] = late
                if closed > today - 365 and late > out[i, 2]:
                    out[i, 2] = late
                if due[k] > today - 365 and late > 5:
                    out[i, 3] += 1
            if closed > today and not ended:
                out[i, 10] += 1
                out[i, 6] += principal[k]
                if not found:
                    found = True
                    if due[k] < today:
                        out[i, 0] = today - due[k]
            else:
                owed_before_part += amount[k]
        # The last six rents that fell due, walking back from today.
        for k in range(offsets[i + 1] - 1, offsets[i] - 1, -1):
            if due[k] < today and not option[k] and late_seen < 6:
                late = min(min(paid[k], settled[i]), today) - due[k]
                late_sum += min(max(late, 0), 90)
                late_seen += 1
        if late_seen > 0:
            out[i, 4] = late_sum / late_seen
        else:
            out[i, 4] = np.nan
        if ended:
            out[i, 6] = 0.0
        else:
            out[i, 5] = max(owed - money[i], 0)
            # Money that paid part of the oldest debt pays interest first, then principal: the part
            # is under one rent, so the balance of whole rents is kept (conservative).
    return out


def _group_features(
    history: History, paid: PaidDays, turned_30: Ints, born: Bools, today: int
) -> dict[str, Floats]:
    """Rates of whole groups as of the day: a dealer's own, and the whole book's of late.

    `dealer_late_rate`: first 30+ days late per lease-year among the dealer's leases, drawn to the
    book's rate by 20 lease-years. `conditions`: ln of the book's rate of the last 182 days ÷ its
    rate since the beginning, both smoothed by 10 events.
    """
    static = history.static
    ended = np.minimum(np.minimum(paid.settled, static.matures), today)
    years = np.where(born, np.maximum(ended - static.originated, 0) / 365.25, 0.0)
    turned = (turned_30 <= today) & born
    overall = (turned.sum() + 1.0) / (years.sum() + 20.0)
    by_turned = np.bincount(static.dealer, turned)
    by_years = np.bincount(static.dealer, years)
    dealer = (by_turned + 20 * overall) / (by_years + 20)
    recent_years = np.where(born, (ended - np.maximum(static.originated, today - 182)) / 365.25, 0)
    recent_turned = turned & (turned_30 > today - 182)
    recent = (recent_turned.sum() + 10) / (np.maximum(recent_years, 0).sum() + 10 / overall)
    conditions = np.full(len(history), np.log(recent / overall))
    return {"dealer_late_rate": dealer[static.dealer], "conditions": conditions}
