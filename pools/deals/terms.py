"""Whether a facility's terms can be carried out: rules, structure and assumptions as a whole.

Pure. The check tries the terms out: the rules must be evaluable over the fields of a candidate, and
the structure must make a deal over a pool of the facility's limit.
"""

from __future__ import annotations

from collections.abc import Iterator
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

#: What a committee may be asked to vote on, by field, as fractions; outside of it lies a slip of
#: the pen. No yield or loss is nought, no lease pays above 24 % (court practice), a reserve of
#: more than a tenth would be lent to nobody.
BOUNDS: Final = {
    "price_yield": (Decimal("0.01"), Decimal("0.24")),
    "annual_default": (Decimal("0.0005"), Decimal("0.3")),
    "annual_prepayment": (Decimal("0"), Decimal("0.6")),
    "severity": (Decimal("0.1"), Decimal("1")),
    "senior_share": (Decimal("0.05"), Decimal("0.95")),
    "senior_rate": (Decimal("0.005"), Decimal("0.24")),
    "mezzanine_share": (Decimal("0"), Decimal("0.5")),
    "mezzanine_rate": (Decimal("0"), Decimal("0.24")),
    "reserve_share": (Decimal("0"), Decimal("0.1")),
}
#: The least that is subordinated: somebody has to bear the first loss and to complete the price.
LEAST_SUBORDINATED: Final = Decimal("0.05")


def gettext_noop(text: str) -> str:
    """Mark for translation, as Django's function of that name."""
    return text


def check_terms(terms: PoolTerms, *, limit_minor: int, currency: str) -> list[FieldError]:
    """Everything that is wrong with the terms; empty when they can be carried out."""
    errors = list(_bounded(terms))
    if not 0 <= terms.lag_months <= 60:
        errors.append(_out_of_range("lag_months", 0, 60))
    if terms.structure.currency != currency:
        errors.append(
            FieldError("terms.structure.currency", "other_currency",
                       gettext_noop("The structure pays in another currency than was asked for."),
                       gettext_noop("Write the request's currency."))
        )  # fmt: skip
    if not errors:
        errors += _structure_errors(terms, limit_minor)
    errors += _unknown_fields(terms)
    errors += _tried(lambda: check_rules(terms.rules), "terms.rules")
    if limit_minor > 0 and not any(one.field.startswith("terms.structure") for one in errors):
        errors += _tried(lambda: standard_deal(terms.structure, limit_minor), "terms.structure")
    return errors


def _bounded(terms: PoolTerms) -> Iterator[FieldError]:
    for name, (low, high) in BOUNDS.items():
        inside = hasattr(terms, name)
        if not low <= getattr(terms if inside else terms.structure, name) <= high:
            yield _out_of_range(name if inside else f"structure.{name}", low, high)


def _structure_errors(terms: PoolTerms, limit_minor: int) -> Iterator[FieldError]:
    """What single figures do not show: support above the amount, nothing subordinated."""
    structure = terms.structure
    if structure.support_minor > limit_minor > 0:
        yield FieldError(
            "terms.structure.support_minor", "support_above_limit",
            gettext_noop("The support is more than the limit itself."),
            gettext_noop("Agree at most the limit, or leave it out."),
        )  # fmt: skip
    if structure.senior_share + structure.mezzanine_share > 1 - LEAST_SUBORDINATED:
        yield FieldError(
            "terms.structure.mezzanine_share", "too_little_subordinated",
            gettext_noop("Less than 5 % of the pool would be subordinated."),
            gettext_noop("Lower the senior or the mezzanine share to 95 % together."),
        )  # fmt: skip
    if structure.mezzanine_share > 0 and structure.mezzanine_rate <= structure.senior_rate:
        yield FieldError(
            "terms.structure.mezzanine_rate", "mezzanine_below_senior",
            gettext_noop("Mezzanine notes bear more risk and would earn no more than senior ones."),
            gettext_noop("Give them a rate above the senior rate."),
        )  # fmt: skip


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
