"""The monthly rate that flows imply, found in whole numbers: none, one or several.

NPV(i) = sum(f_k / (1 + i)^k) is multiplied by (S (1 + i))^n, so that its sign at a rate of so many
S-ths a month (S = 10^10) is a whole number's. A rate is bisected to one S-th.

One rate is proved where the flows change sign once (Descartes: one root at all), or where their
running totals start positive, end negative and change sign once (Norstrom 1972: one positive root;
a lease costs something, so a negative one beside it means nothing). Elsewhere the sign is looked up
on `GRID`, from -50 % to 1000 % a month; several changes are all named. Flows are the lessee's:
where nothing is got at the start, nothing is lent and there is no rate.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Final

from origination.domain.quotes.whole import MILLION, fraction, half_up
from tenants.problems import Problem

SCALE: Final = 10**10
LOWEST, HIGHEST = -SCALE // 2, 10 * SCALE
#: Ten-thousandths a month.
GRID: Final = tuple(
    step * SCALE // 10_000
    for step in (
        *(-5000, -3000, -2000, -1000, -500, -200, -100, 0, 25, 50, 75, 100, 125, 150, 175, 200),
        *(250, 300, 400, 500, 750, 1000, 1500, 2000, 3000, 5000, 10_000, 20_000, 50_000, 100_000),
    )
)


class NoSingleRate(Problem):
    """Flows of a quote have no rate (`quote_without_rate`) or several (`quote_with_rates`)."""

    code = "quote_without_rate"
    title = "This quote has no single annual cost."
    detail = "No rate makes what the lessee gets and pays equal."
    mend = "Lower the fees, the deposit or the first rent: they eat up what is financed."
    status = 422


@dataclass(frozen=True, slots=True)
class AnnualRate:
    """A monthly rate as it is quoted, in millionths: 12 x the rate, and compounded."""

    nominal: int
    effective: int


def annual_rate(flows: Sequence[int]) -> AnnualRate:
    """The one rate of monthly flows, the first of them now; raises `NoSingleRate`."""
    monthly = _single(flows)
    grown = (SCALE + monthly) ** 12
    return AnnualRate(
        half_up(12 * monthly * MILLION, SCALE),
        half_up((grown - SCALE**12) * MILLION, SCALE**12),
    )


def _single(flows: Sequence[int]) -> int:
    if flows[0] <= 0 or _changes(flows) == 0:
        roots = []
    elif _changes(flows) == 1:
        roots = _roots(flows, (LOWEST, HIGHEST))
    elif sum(flows) < 0 and _changes(list(accumulate(flows))) == 1:
        roots = _roots(flows, (0, HIGHEST))
    else:
        roots = _roots(flows, GRID)
    if len(roots) == 1:
        return roots[0]
    if not roots:
        raise NoSingleRate
    named = ", ".join(fraction(half_up(12 * root * MILLION, SCALE)) for root in roots)
    raise NoSingleRate(
        code="quote_with_rates",
        detail="Several annual rates make what the lessee gets and pays equal: %(rates)s.",
        mend="Return the deposit at the end, or pay less of it: the flows change sign too often.",
        params={"rates": named},
    )


def _changes(numbers: Sequence[int]) -> int:
    signs = [number > 0 for number in numbers if number]
    return sum(a != b for a, b in pairwise(signs))


def _sign(flows: Sequence[int], rate: int) -> int:
    total, power, grown = 0, 1, SCALE + rate
    for flow in flows:
        total = total * grown + flow * power
        power *= SCALE
    return (total > 0) - (total < 0)


def _roots(flows: Sequence[int], grid: Sequence[int]) -> list[int]:
    signs = [_sign(flows, rate) for rate in grid]
    roots = [rate for rate, sign in zip(grid, signs, strict=True) if sign == 0]
    for (low, high), (at_low, at_high) in zip(pairwise(grid), pairwise(signs), strict=True):
        if at_low * at_high < 0:
            roots.append(_bisect(flows, low, high, at_low))
    return sorted(roots)


def _bisect(flows: Sequence[int], low: int, high: int, at_low: int) -> int:
    while high - low > 1:
        middle = (low + high) // 2
        sign = _sign(flows, middle)
        if sign == 0:
            return middle
        low, high = (middle, high) if sign == at_low else (low, middle)
    return low
