"""Whether a facility's terms can be carried out: rules, structure and assumptions as a whole.

Pure. The check tries the terms out: the rules must be evaluable over the fields of a candidate, and
the structure must make a deal over a pool of the facility's limit.
"""

from __future__ import annotations

from dataclasses import fields
from decimal import Decimal
from typing import Final

from pools.eligibility.rules import (
    AverageLimit,
    CountLimit,
    Criterion,
    GroupLimit,
    check_rules,
)
from pools.packaging.propose import PoolTerms
from pools.structure.templates import standard_deal
from tenants.problems import FieldError, Problem

#: Columns of a candidate (`pools.deals.candidates`): what a rule may name.
CANDIDATE_FIELDS: Final = (
    "asset", "source", "balance_minor", "net_value_minor", "annual_nominal_rate",
    "remaining_months", "age_months", "balloon_minor", "probability_of_default", "days_past_due",
    "defaulted", "discount_rate", "financed_to_price", "currency", "obligor", "province",
    "vehicle_make", "make_model", "model_year", "vehicle_use", "energy", "condition", "product",
    "term_months", "maturity_month", "credit_score", "lessee_kind", "searched_days", "encumbered",
    "right_state",
)  # fmt: skip

_SHARES: Final = {
    "price_yield": (Decimal("0"), Decimal("0.5")),
    "annual_default": (Decimal("0"), Decimal("0.5")),
    "annual_prepayment": (Decimal("0"), Decimal("0.9")),
    "severity": (Decimal("0"), Decimal("1")),
}


def gettext_noop(text: str) -> str:
    """Mark for translation, as Django's function of that name."""
    return text


def check_terms(terms: PoolTerms, *, limit_minor: int, currency: str) -> list[FieldError]:
    """Everything that is wrong with the terms; empty when they can be carried out."""
    errors = [_out_of_range(name, low, high) for name, (low, high) in _SHARES.items()
              if not low <= getattr(terms, name) <= high]  # fmt: skip
    if not 0 <= terms.lag_months <= 60:
        errors.append(_out_of_range("lag_months", 0, 60))
    if terms.structure.currency != currency:
        errors.append(
            FieldError("terms.structure.currency", "other_currency",
                       gettext_noop("The structure pays in another currency than was asked for."),
                       gettext_noop("Write the request's currency."))
        )  # fmt: skip
    errors += _unknown_fields(terms)
    errors += _tried(lambda: check_rules(terms.rules), "terms.rules")
    if limit_minor > 0:
        errors += _tried(lambda: standard_deal(terms.structure, limit_minor), "terms.structure")
    return errors


def _out_of_range(name: str, low: Decimal | int, high: Decimal | int) -> FieldError:
    return FieldError(
        f"terms.{name}",
        "out_of_range",
        gettext_noop("This figure must lie from %(low)s to %(high)s."),
        gettext_noop("Rates and shares are fractions: 0.06 is 6 per cent."),
        params={"low": str(low), "high": str(high)},
    )


def _unknown_fields(terms: PoolTerms) -> list[FieldError]:
    rules = terms.rules
    every: tuple[Criterion | GroupLimit | AverageLimit | CountLimit, ...]
    every = (*rules.criteria, *rules.groups, *rules.averages, *rules.counts)
    return [
        FieldError(
            f"terms.rules.{rule.id}",
            "criterion_field_unknown",
            gettext_noop("Assets have no field %(name)s."),
            gettext_noop("Use a field of the asset table."),
            params={"name": rule.field},
        )
        for rule in every
        if rule.field not in CANDIDATE_FIELDS
    ]


def _tried(attempt, where: str) -> list[FieldError]:  # type: ignore[no-untyped-def]
    """The errors of an attempt, each under its place in the terms."""
    try:
        attempt()
    except Problem as problem:
        if not problem.errors:
            return [FieldError(where, problem.code, problem.detail or problem.title, problem.mend)]
        inside = {field.name for field in fields(PoolTerms)}
        return [
            FieldError(
                error.field if error.field.split(".")[0] not in inside else f"terms.{error.field}",
                error.code, error.detail, error.mend, error.params,
            )
            for error in problem.errors
        ]  # fmt: skip
    return []
