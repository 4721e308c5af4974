"""One record checked: every finding at once. `columns` finds the same in tapes."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from datetime import date
from decimal import Decimal
from typing import Final

import numpy as np

from origination.domain import identifiers
from origination.domain.lease_fields.findings import (
    BADLY_WRITTEN,
    HOUSE_GUARDS,
    Finding,
    Guards,
    Severity,
    field_error,
)
from origination.domain.lease_fields.sums import Sums, cost_within, rents_fit
from origination.domain.lease_fields.vocabulary import BY_NAME, FIELDS, FORMS, FieldSpec, Kind
from origination.domain.months import months_between
from origination.domain.schedule import terms_of
from origination.domain.schedule_columns import TermColumns
from tenants.problems import Invalid

_Add = Callable[[str, str], None]
_FORMS: Final = {kind: re.compile(form) for kind, form in FORMS.items()}
#: What `rents_fit` and `cost_within` need.
MONEY_FIELDS: Final = (
    "financed_amount_minor",
    "rent_minor",
    "annual_nominal_rate",
    "term_months",
    "first_payment_on",
    "maturity_on",
    "rent_pattern",
    "rent_timing",
    "residual_minor",
    "residual_kind",
)


def find(record: Mapping[str, str], *, guards: Guards = HOUSE_GUARDS) -> list[Finding]:
    """Everything wrong with a record, in the order of `FIELDS`, unknown fields last.

    `record` maps field names to text; an absent field and an empty text are the same.
    """
    found: dict[tuple[str, str], Finding] = {}

    def add(field: str, code: str) -> None:
        found[field, code] = Finding(field, code)

    for spec in FIELDS:
        code = _written(spec, record.get(spec.name, ""), record)
        if code:
            add(spec.name, code)
    bad = {finding.field for finding in found.values() if finding.severity is Severity.ERROR}
    good = {name: text for name, text in record.items() if text and name not in bad}
    _compare_amounts(good, guards, add)
    _compare_dates(good, add)
    _compare_sums(good, guards, add)
    order = {spec.name: i for i, spec in enumerate(FIELDS)}
    for name, text in record.items():
        if name not in BY_NAME and text:
            add(name, "unknown_field")
    return sorted(found.values(), key=lambda f: (order.get(f.field, len(order)), f.field, f.code))


def check(
    record: Mapping[str, str],
    *,
    confirmed: Collection[str] = (),
    guards: Guards = HOUSE_GUARDS,
) -> None:
    """Raise `Invalid` naming every error, and every warning whose field is not in `confirmed`."""
    findings = [
        finding
        for finding in find(record, guards=guards)
        if finding.severity is Severity.ERROR or finding.field not in confirmed
    ]
    if findings:
        raise Invalid(
            code="lease_invalid",
            title="The lease has fields that need to be mended.",
            errors=[field_error(finding) for finding in findings],
        )


def _written(spec: FieldSpec, text: str, record: Mapping[str, str]) -> str:
    """The code of what is wrong with one field's text, or nothing."""
    if not text:
        return "required" if spec.required else ""
    if spec.kind is Kind.CODE:
        return "" if text in spec.codes else "unknown_code"
    if spec.kind is Kind.IDENTITY:
        return _identity(text, record.get("lessee_kind", ""))
    if _FORMS[spec.kind].fullmatch(text) is None:
        return BADLY_WRITTEN[spec.kind]
    if spec.kind in (Kind.MINOR, Kind.WHOLE):
        return _whole(spec, int(text))
    if spec.kind is Kind.RATE:
        rate = Decimal(text)
        return "negative" if rate < 0 else "rate_too_high" if rate > 1 else ""
    if spec.kind is Kind.DATE:
        return "" if _is_date(text) else "not_date"
    if spec.kind is Kind.VIN:
        return _vin(text)
    return "too_long" if spec.kind is Kind.TEXT and len(text) > spec.length else ""


def _whole(spec: FieldSpec, value: int) -> str:
    if value < 0:
        return "negative"
    return "" if spec.low <= value <= spec.high else "out_of_range"


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _vin(text: str) -> str:
    if text[8] == identifiers.vin_check_digit(text):
        return ""
    return "vin_check_digit" if identifiers.vin_must_check(text) else "vin_check_digit_unsure"


def _identity(text: str, lessee_kind: str) -> str:
    if lessee_kind == "person":
        if not identifiers.is_resident_number(text):
            return "not_identity"
        fits = text[-1] == identifiers.resident_check_digit(text)
    elif lessee_kind == "company":
        if not identifiers.is_credit_code(text):
            return "not_identity"
        fits = text[-1] == identifiers.credit_code_check_digit(text)
    else:
        return ""
    return "" if fits else "identity_check_digit"


def _compare_amounts(good: Mapping[str, str], guards: Guards, add: _Add) -> None:
    amounts = {
        name: int(good[name])
        for name in ("vehicle_price_minor", "financed_amount_minor", "residual_minor")
        if name in good
    }
    price, financed = amounts.get("vehicle_price_minor"), amounts.get("financed_amount_minor")
    if price is not None and amounts.get("residual_minor", 0) > price:
        add("residual_minor", "residual_above_price")
    limit = guards.limit(good["product"]) if "product" in good else None
    if (
        price is not None
        and financed is not None
        and limit is not None
        and financed > limit * price
    ):
        add("financed_amount_minor", "financed_above_value")
    if financed is not None and int(good.get("deposit_minor", "0")) > financed:
        add("deposit_minor", "deposit_above_financed")


def _compare_dates(good: Mapping[str, str], add: _Add) -> None:
    originated, first, maturity = (
        date.fromisoformat(good[name]) if name in good else None
        for name in ("originated_on", "first_payment_on", "maturity_on")
    )
    if originated and first and first < originated:
        add("first_payment_on", "dates_out_of_order")
    if first and maturity and maturity < first:
        add("maturity_on", "dates_out_of_order")
    elif first and maturity and "term_months" in good:
        months = months_between(first, maturity)
        if int(good["term_months"]) - months not in (0, 1):
            add("term_months", "term_unlike_dates")


def _compare_sums(good: Mapping[str, str], guards: Guards, add: _Add) -> None:
    if any(name not in good for name in MONEY_FIELDS):
        return
    deposit, fee = (np.array([int(good.get(n, "0"))]) for n in ("deposit_minor", "fee_minor"))
    sums = Sums.of(TermColumns.of_terms([terms_of(good)]), deposit, fee)
    if not rents_fit(sums)[0]:
        add("rent_minor", "rent_unlike_terms")
    elif not cost_within(sums, guards.cost_cap)[0]:
        add("annual_nominal_rate", "cost_above_cap")
