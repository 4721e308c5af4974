"""How a pool was chosen, for its page: who failed which rule, and each limit as measured."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext

from pools.circular.words import VALUES, word
from pools.eligibility.rules import AverageLimit, GroupLimit, Operator, RuleSet
from pools.models import Pool
from tenants.templatetags.provinces import PROVINCES
from tenants.templatetags.ui import number, percent

#: fields that are fractions, shown in per cent
_FRACTIONS = {"probability_of_default", "annual_nominal_rate", "discount_rate"}


@dataclass(frozen=True, slots=True)
class Failed:
    """One rule and the assets that fail it, as a count and as a share of the candidates."""

    code: str
    reason: str
    assets: int
    share: Decimal


@dataclass(frozen=True, slots=True)
class Held:
    """One limit: the figure against its bound; `fill` is how much of the bound is used, 0…1."""

    code: str
    reason: str
    value: str
    bound: str
    group: str
    holds: bool
    fill: Decimal

    @property
    def tone(self) -> str:
        if not self.holds:
            return "danger"
        return "warning" if self.fill >= Decimal("0.9") else ""


def failures(pool: Pool) -> list[Failed]:
    """Every rule, those that most assets fail first; an asset may fail several."""
    candidates = max(pool.report["candidates"], 1)
    rows = [
        Failed(
            row["rule"],
            gettext(row["reason"]),
            row["count"],
            Decimal(row["count"]) / candidates,
        )
        for row in pool.report["failures"]
    ]
    return sorted(rows, key=lambda row: -row.assets)


def limits(pool: Pool, rules: RuleSet) -> Iterator[Held]:
    """Every limit of the rules as it was measured over the chosen pool."""
    known = {limit.id: limit for limit in (*rules.groups, *rules.averages, *rules.counts)}
    for row in pool.report["limits"]:
        limit = known[row["rule"]]
        value, bound = Decimal(row["value"]), Decimal(row["bound"])
        yield Held(
            limit.id,
            gettext(limit.reason),
            _shown(limit, value),
            _shown(limit, bound),
            _group(limit, row["group"]),
            row["holds"],
            _fill(limit, value, bound),
        )


def _group(limit: object, group: str) -> str:
    """The group that a limit speaks of: a province by name, an obligor's hash not at all."""
    if not isinstance(limit, GroupLimit) or limit.field == "obligor":
        return ""
    if limit.field == "province" and group in PROVINCES:
        return str(PROVINCES[group][3])
    return word(VALUES, group)


def _shown(limit: object, value: Decimal) -> str:
    share = isinstance(limit, GroupLimit)
    if share or (isinstance(limit, AverageLimit) and limit.field in _FRACTIONS):
        return percent(value)
    return number(value, 0 if value == value.to_integral_value() else 1)


def _fill(limit: object, value: Decimal, bound: Decimal) -> Decimal:
    at_most = isinstance(limit, GroupLimit) or (
        isinstance(limit, AverageLimit) and limit.operator is Operator.AT_MOST
    )
    part, whole = (value, bound) if at_most else (bound, value)
    return min(part / whole, Decimal(1)) if whole else Decimal(0)
