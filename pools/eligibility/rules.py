"""Criteria and limits as data.

Pure. Thresholds are exact text (`"0.05"`); a criterion's `reason` is an English sentence that pages
translate. A missing value fails every criterion on its field: what is not known is not eligible.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from tenants.problems import FieldError, Invalid


class Operator(StrEnum):
    """How a field is held against a criterion's value."""

    EQUAL = "eq"
    NOT_EQUAL = "ne"
    AT_LEAST = "ge"
    AT_MOST = "le"
    ABOVE = "gt"
    BELOW = "lt"
    ONE_OF = "in"
    NONE_OF = "not_in"


NUMERIC = frozenset({Operator.AT_LEAST, Operator.AT_MOST, Operator.ABOVE, Operator.BELOW})


@dataclass(frozen=True, slots=True)
class Criterion:
    """An asset passes when `field` `operator` `values` holds; `reason` says why it does not."""

    id: str
    field: str
    operator: Operator
    values: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class GroupLimit:
    """The `top` largest groups of equal `field` together hold at most `share` of the pool.

    With `only`, just the groups of these values are limited (each by itself when `top` is 1).
    """

    id: str
    field: str
    share: Decimal
    reason: str
    top: int = 1
    only: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AverageLimit:
    """The balance-weighted mean of a numeric `field` lies on the right side of `bound`."""

    id: str
    field: str
    operator: Operator  # at most or at least
    bound: Decimal
    reason: str


@dataclass(frozen=True, slots=True)
class CountLimit:
    """The pool holds at least so many different values of `field`."""

    id: str
    field: str
    at_least: int
    reason: str


@dataclass(frozen=True, slots=True)
class RuleSet:
    """A dated set of rules with its source."""

    id: str
    source: str
    valid_from: date
    criteria: tuple[Criterion, ...]
    groups: tuple[GroupLimit, ...] = ()
    averages: tuple[AverageLimit, ...] = ()
    counts: tuple[CountLimit, ...] = ()


def check_rules(rules: RuleSet) -> None:
    """Raise `Invalid` naming every rule that cannot be evaluated."""
    errors: list[FieldError] = []

    def wrong(rule_id: str, detail: str, mend: str) -> None:
        errors.append(
            FieldError(field=f"rules.{rule_id}", code="rule_invalid", detail=detail, mend=mend)
        )

    every: tuple[Criterion | GroupLimit | AverageLimit | CountLimit, ...]
    every = (*rules.criteria, *rules.groups, *rules.averages, *rules.counts)
    ids = [str(rule.id) for rule in every]
    for rule_id in sorted({x for x in ids if ids.count(x) > 1}):
        wrong(rule_id, "Two rules have one id.", "Give each rule its own id.")
    for criterion in rules.criteria:
        if not criterion.values:
            wrong(criterion.id, "The rule has no value to compare with.", "Give it one.")
        elif criterion.operator in NUMERIC and not _is_number(criterion.values[0]):
            wrong(criterion.id, "The rule compares sizes with a text.", "Give it a number.")
    for group in rules.groups:
        if not 0 < group.share <= 1 or group.top < 1:
            wrong(group.id, "A share lies above 0 and at most at 1.", "0.2 is 20 per cent.")
    for average in rules.averages:
        if average.operator not in (Operator.AT_LEAST, Operator.AT_MOST):
            wrong(average.id, "A mean is at least or at most a bound.", "Use ge or le.")
    if errors:
        raise Invalid(code="rules_invalid", errors=errors)


def _is_number(text: str) -> bool:
    try:
        return Decimal(text).is_finite()
    except InvalidOperation:
        return False
