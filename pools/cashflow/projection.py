"""Projection of a pool month by month, in the Bond Market Association's order.

Pure, float64. Source: BMA Standard Formulas (02/01/99), SF-16 to SF-28. In each month:

1. default takes MDR of the opening performing balance;
2. scheduled amortisation;
3. voluntary prepayment takes SMM of the opening performing balance after scheduled amortisation,
   not reduced by the month's default;
4. what defaulted `lag` months ago is liquidated; MDR is zero in an asset's last `lag` months.

With principal and interest advanced, expected amortisation and interest run on performing plus
foreclosed balances; a balance liquidated this month leaves before amortisation but still bears
interest. Without advances a defaulted balance stands still until it is liquidated.

Each asset's hazards are a baseline by age (months from its own origination) shifted on the
complementary log-log scale: 1 − (1 − baseline)^multiplier. The kernel never holds a row per asset
and month: every asset is walked once and added to month totals. Assets are cut into a fixed number
of slices which are added up in their order, so that the result does not depend on the threads.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final, TypeVar, cast

import numba
import numpy as np
from numpy.typing import ArrayLike, NDArray

from tenants.problems import FieldError, Invalid

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
_Kernel = TypeVar("_Kernel", bound=Callable[..., Any])

LEVEL: Final = 0  # level rent: principal grows as interest shrinks
LEVEL_PRINCIPAL: Final = 1  # equal principal every month
LONGEST_TERM_MONTHS: Final = 600
_SLICES: Final = 64
#: Columns of a projection, in the kernel's order.
COLUMNS: Final = (
    "performing",
    "new_default",
    "foreclosure",
    "expected_amortisation",
    "prepayment",
    "amortisation_from_default",
    "expected_interest",
    "interest_lost",
    "recovery",
    "loss",
)


def _jit(function: _Kernel) -> _Kernel:
    return cast(_Kernel, numba.njit(cache=True, nogil=True)(function))


@dataclass(frozen=True, slots=True)
class AssetColumns:
    """Assets as columns of one length n.

    `balance` and `balloon` in one unit of money (the balloon falls due with the last rent);
    `annual_rate` nominal, compounded monthly; `remaining` and `age` in months; `pattern` LEVEL or
    LEVEL_PRINCIPAL; multipliers shift the hazards (1 is the baseline).
    """

    balance: Floats
    annual_rate: Floats
    remaining: Ints
    age: Ints
    balloon: Floats
    pattern: Ints
    default_multiplier: Floats
    prepay_multiplier: Floats

    @classmethod
    def of(
        cls,
        *,
        balance: ArrayLike,
        annual_rate: ArrayLike,
        remaining: ArrayLike,
        age: ArrayLike = 0,
        balloon: ArrayLike = 0.0,
        pattern: ArrayLike = LEVEL,
        default_multiplier: ArrayLike = 1.0,
        prepay_multiplier: ArrayLike = 1.0,
    ) -> AssetColumns:
        """Check and bring columns to one length; scalars stand for a whole column.

        Raises `Invalid` naming each column that is wrong and its first wrong row.
        """
        size = len(np.atleast_1d(np.asarray(balance)))

        def floats(values: ArrayLike) -> Floats:
            return np.ascontiguousarray(np.broadcast_to(np.asarray(values, np.float64), size))

        def ints(values: ArrayLike) -> Ints:
            return np.ascontiguousarray(np.broadcast_to(np.asarray(values, np.int64), size))

        made = cls(
            floats(balance),
            floats(annual_rate),
            ints(remaining),
            ints(age),
            floats(balloon),
            ints(pattern),
            floats(default_multiplier),
            floats(prepay_multiplier),
        )
        made._check()
        return made

    def _check(self) -> None:
        rules: list[tuple[str, NDArray[np.bool_]]] = [
            ("balance", np.isfinite(self.balance) & (self.balance >= 0)),
            ("annual_rate", np.isfinite(self.annual_rate) & (np.abs(self.annual_rate) <= 10)),
            ("remaining", (self.remaining >= 1) & (self.remaining <= LONGEST_TERM_MONTHS)),
            ("age", self.age >= 0),
            ("balloon", (self.balloon >= 0) & (self.balloon <= self.balance)),
            ("pattern", (self.pattern == LEVEL) | (self.pattern == LEVEL_PRINCIPAL)),
            ("default_multiplier", self.default_multiplier >= 0),
            ("prepay_multiplier", self.prepay_multiplier >= 0),
        ]
        errors = [
            FieldError(
                field=name,
                code="asset_column_invalid",
                detail="Row %(row)s cannot be projected: its value is %(value)s.",
                mend="Mend the asset or leave it out of the pool.",
                params={"row": int(np.argmin(good)), "value": getattr(self, name)[np.argmin(good)]},
            )
            for name, good in rules
            if not good.all()
        ]
        if errors:
            raise Invalid(code="assets_invalid", errors=errors)

    def __len__(self) -> int:
        return len(self.balance)


@dataclass(frozen=True, slots=True)
class Assumptions:
    """What is assumed of a pool.

    `default_by_age` and `prepay_by_age` are monthly hazards float64[m]: element a is the hazard in
    the month in which an asset turns a + 1 months old; the last element holds ever after.
    `lag_months` from default to recovery; `severity` the share of the defaulted balance lost.
    """

    default_by_age: Floats
    prepay_by_age: Floats
    lag_months: int
    severity: float
    advanced: bool = False

    @classmethod
    def constant(
        cls, *, mdr: float, smm: float, lag_months: int, severity: float, advanced: bool = False
    ) -> Assumptions:
        """The same monthly hazards at every age."""
        return cls(np.array([mdr]), np.array([smm]), lag_months, severity, advanced)

    def __post_init__(self) -> None:
        hazards = np.concatenate([self.default_by_age, self.prepay_by_age])
        if not (len(self.default_by_age) and len(self.prepay_by_age) and self.lag_months >= 1):
            raise Invalid(
                code="assumptions_invalid",
                detail="Hazards need at least one month, and recoveries a lag of one month.",
                mend="Give both curves and a lag of at least 1.",
            )
        if not ((hazards >= 0).all() and (hazards <= 1).all() and 0 <= self.severity <= 1):
            raise Invalid(
                code="assumptions_invalid",
                detail="Hazards and severity are fractions between 0 and 1.",
                mend="Write 0.01 for one per cent.",
            )


@dataclass(frozen=True, slots=True)
class Projection:
    """Month totals of a pool, each float64[months], month 1 first, in the assets' unit of money."""

    performing: Floats
    new_default: Floats
    foreclosure: Floats
    expected_amortisation: Floats
    prepayment: Floats
    amortisation_from_default: Floats
    expected_interest: Floats
    interest_lost: Floats
    recovery: Floats
    loss: Floats
    opening: float

    @property
    def months(self) -> int:
        return len(self.performing)

    @property
    def amortisation(self) -> Floats:
        """Scheduled principal that performing assets pay."""
        return self.expected_amortisation - self.amortisation_from_default

    @property
    def interest(self) -> Floats:
        """Interest that performing assets pay."""
        return self.expected_interest - self.interest_lost

    @property
    def principal(self) -> Floats:
        """Scheduled principal, prepayments and recoveries: what can repay notes."""
        return self.amortisation + self.prepayment + self.recovery

    @property
    def cash(self) -> Floats:
        """Everything that comes in."""
        return self.principal + self.interest


@_jit
def _scheduled_factors(
    balance: float, rate: float, months: int, balloon: float, pattern: int, out: Floats
) -> None:
    """Scheduled balance ÷ balance after 0..months; the balloon is paid with the last rent."""
    share = balloon / balance
    out[0] = 1.0
    if pattern == 1 or rate == 0.0:
        step = (1.0 - share) / months
        for k in range(1, months):
            out[k] = 1.0 - step * k
    else:
        discount = (1.0 + rate) ** -months
        rent = (1.0 - share * discount) * rate / (1.0 - discount)
        for k in range(1, months):
            out[k] = out[k - 1] * (1.0 + rate) - rent
    out[months] = 0.0


@_jit
def _shift(baseline: Floats, age: int, multiplier: float) -> float:
    """The hazard at an age, shifted on the complementary log-log scale."""
    hazard = float(baseline[min(age, len(baseline) - 1)])
    if multiplier == 1.0 or hazard == 0.0:
        return hazard
    if hazard >= 1.0:
        return 1.0 if multiplier > 0.0 else 0.0
    return float(-np.expm1(multiplier * np.log1p(-hazard)))


@_jit
def _project_slice(
    start: int,
    stop: int,
    numbers: Floats,
    counts: Ints,
    default_by_age: Floats,
    prepay_by_age: Floats,
    lag: int,
    severity: float,
    advanced: bool,
    out: Floats,
) -> None:
    """Add the assets of one slice to `out` (10 columns × months), in the module's order of events.

    `numbers` is float64[5, n]: balance, rate, balloon, both multipliers; `counts` int64[3, n]:
    remaining term, age, pattern.
    """
    months = out.shape[1]
    factors = np.empty(months + 1)
    # A default is kept in units of scheduled balance (advanced) or money (not), by month.
    units = np.empty(months + 1)
    for i in range(start, stop):
        performing, annual_rate, balloon, default_times, prepay_times = numbers[:, i]
        term, age, pattern = counts[:, i]
        rate = annual_rate / 12.0
        if performing <= 0.0:
            continue
        _scheduled_factors(performing, rate, term, balloon, pattern, factors)
        held = 0.0
        for t in range(1, term + 1):
            before, after = factors[t - 1], factors[t]
            kept = after / before
            mdr = 0.0
            if t <= term - lag:
                mdr = _shift(default_by_age, age + t - 1, default_times)
            smm = _shift(prepay_by_age, age + t - 1, prepay_times)
            smm = min(smm, 1.0 - mdr)  # competing risks: together no more than what is there
            default = mdr * performing
            prepaid = smm * performing * kept
            units[t] = default / before if advanced else default
            gone = units[t - lag] if t > lag else 0.0
            liquidated = gone * before if advanced else gone
            defaulted = gone * factors[t - lag - 1] if (advanced and t > lag) else gone
            lost = min(severity * defaulted, liquidated)
            bearing = (held * before if advanced else held) + default
            standing = bearing - liquidated
            held += units[t] - gone
            from_default = standing * (1.0 - kept) if advanced else default * (1.0 - kept)
            expected_base = performing + standing - default if advanced else performing
            expected = expected_base * (1.0 - kept)
            interest_base = performing - default + bearing if advanced else performing
            lost_base = bearing if advanced else default
            performing -= default + prepaid + (performing - default) * (1.0 - kept)
            m = t - 1
            out[0, m] += performing
            out[1, m] += default
            out[2, m] += held * after if advanced else held
            out[3, m] += expected
            out[4, m] += prepaid
            out[5, m] += from_default
            out[6, m] += interest_base * rate
            out[7, m] += lost_base * rate
            out[8, m] += liquidated - lost
            out[9, m] += lost


def project_pool(
    assets: AssetColumns,
    assumptions: Assumptions,
    *,
    months: int | None = None,
    threads: int | None = None,
) -> Projection:
    """Project a pool to its last payment, or to `months` if that is later.

    The same columns give the same bits whatever the number of threads.
    """
    last = int(assets.remaining.max()) if len(assets) else 0
    horizon = max(last, months or 0, 1)
    edges = np.linspace(0, len(assets), min(_SLICES, max(len(assets), 1)) + 1).astype(np.int64)
    totals = np.zeros((len(edges) - 1, len(COLUMNS), horizon))
    numbers = np.stack(
        [
            assets.balance,
            assets.annual_rate,
            assets.balloon,
            assets.default_multiplier,
            assets.prepay_multiplier,
        ]
    )
    counts = np.stack([assets.remaining, assets.age, assets.pattern])
    shared = (
        np.ascontiguousarray(assumptions.default_by_age, np.float64),
        np.ascontiguousarray(assumptions.prepay_by_age, np.float64),
        assumptions.lag_months,
        float(assumptions.severity),
        assumptions.advanced,
    )

    def run(k: int) -> None:
        _project_slice(int(edges[k]), int(edges[k + 1]), numbers, counts, *shared, totals[k])

    if len(assets) < 2_000:
        for k in range(len(totals)):
            run(k)
    else:  # the kernel releases the interpreter's lock
        with ThreadPoolExecutor(threads or min(os.cpu_count() or 1, 8)) as pool:
            list(pool.map(run, range(len(totals))))
    columns = dict(zip(COLUMNS, totals.sum(axis=0), strict=True))
    return Projection(**columns, opening=float(assets.balance.sum()))
