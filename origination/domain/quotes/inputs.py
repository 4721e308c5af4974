"""What a quote is made of: a flat mapping of field name to text, checked all at once.

`FIELDS` is the one list: the phone's form, its script and the server read it. A field belongs to
the products and patterns that its `only` names; given elsewhere it is refused, not ignored.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from origination.domain.quotes.rules import Rules
from origination.domain.quotes.whole import MILLION, half_up, millionths
from origination.domain.quotes.words import field_error
from origination.domain.schedule import TERM_LIMIT
from tenants.problems import Invalid

AMOUNT_LIMIT: Final = 10**11
WEIGHT_LIMIT: Final = 1000  # per cent of the base rent
_PRICED: Final = ("level", "level_principal", "step", "seasonal")
_DIRECT: Final = ("direct_lease",)


@dataclass(frozen=True, slots=True)
class InputField:
    """One input: `only` maps product or pattern to the codes under which the field exists."""

    name: str
    kind: str  # code, minor, rate, months, steps, season, date
    codes: tuple[str, ...] = ()
    default: str | None = None  # None: it must be given
    only: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def _paid(name: str, **only: tuple[str, ...]) -> InputField:
    return InputField(name, "code", ("upfront", "financed"), "upfront", only)


FIELDS: Final = (
    InputField("product", "code", ("direct_lease", "sale_leaseback")),
    InputField("price_minor", "minor"),
    InputField("first_payment_ratio", "rate", default="0"),
    InputField("pattern", "code", ("level", "level_principal", "flat_fee", "step", "seasonal")),
    InputField("timing", "code", ("arrears", "advance")),
    InputField("term_months", "months"),
    InputField("annual_nominal_rate", "rate", only={"pattern": _PRICED}),
    InputField("flat_rate_monthly", "rate", only={"pattern": ("flat_fee",)}),
    InputField("steps", "steps", only={"pattern": ("step",)}),
    InputField("season", "season", only={"pattern": ("seasonal",)}),
    InputField("starts_on", "date"),
    InputField("balloon_minor", "minor", default="0"),
    InputField("purchase_minor", "minor", default="0"),
    InputField("unguaranteed_minor", "minor", default="0", only={"product": _DIRECT}),
    InputField("fee_minor", "minor", default="0"),
    _paid("fee_paid"),
    InputField("gps_minor", "minor", default="0"),
    _paid("gps_paid"),
    InputField("insurance_minor", "minor", default="0"),
    _paid("insurance_paid"),
    InputField("insurance_choice", "code", ("tied", "free"), "tied"),
    InputField("tax_minor", "minor", default="0", only={"product": _DIRECT}),
    _paid("tax_paid", product=_DIRECT),
    InputField("deposit_minor", "minor", default="0"),
    InputField("deposit_use", "code", ("returned", "set_off"), "returned"),
    InputField("late_rate_daily", "rate", default="0"),
    InputField("initial_direct_costs_minor", "minor", default="0"),
)
CHARGES: Final = ("fee", "gps", "insurance", "tax")
#: What the lessor passes on to an insurer or the state: cash that leaves it where it is financed.
PASSED_ON: Final = ("insurance", "tax")
RESIDUALS: Final = ("balloon", "purchase", "unguaranteed")

_MINOR: Final = re.compile(r"0|[1-9][0-9]{0,11}")
_RATE: Final = re.compile(r"[01](\.[0-9]{1,6})?")
_DATE: Final = re.compile(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}")
_MONTHS: Final = re.compile(r"[1-9][0-9]{0,2}")
_STEPS: Final = re.compile(r"[1-9][0-9]{0,2}:[0-9]{1,4}(,[1-9][0-9]{0,2}:[0-9]{1,4}){0,11}")
_SEASON: Final = re.compile(r"[0-9]{1,4}(,[0-9]{1,4}){11}")


@dataclass(frozen=True, slots=True)
class QuoteTerms:
    """Checked inputs. Amounts in minor units, rates in millionths, weights in per cent.

    `weights[k]` is the share of the base rent that falls due in period k; all 100 where the
    pattern has no weights. `charges`, `financed` and `tied` are keyed by the names of `CHARGES`.
    """

    product: str
    pattern: str
    timing: str
    price: int
    down: int
    term: int
    rate: int
    starts_on: date
    weights: tuple[int, ...]
    residuals: Mapping[str, int]
    charges: Mapping[str, int]
    financed: Mapping[str, bool]
    tied: Mapping[str, bool]
    deposit: int
    set_off: bool
    late_rate_daily: int
    initial_direct_costs: int

    @property
    def financed_amount(self) -> int:
        """Price less the first payment, and what is financed along."""
        return self.price - self.down + sum(v for n, v in self.charges.items() if self.financed[n])

    @property
    def residual(self) -> int:
        """All that is due or expected after the last rent."""
        return sum(self.residuals.values())


def parse(inputs: Mapping[str, str], rules: Rules) -> QuoteTerms:
    """The terms inside `inputs`; raises `Invalid` that names every wrong field at once."""
    values, errors = _read(inputs)
    if not errors:
        terms = _terms(values)
        errors = _compare(terms, values, rules)
        if not errors:
            return terms
    raise Invalid(
        code="quote_invalid",
        title="The quote has inputs that need to be mended.",
        errors=[field_error(name, code) for name, code in errors],
    )


def _read(inputs: Mapping[str, str]) -> tuple[dict[str, str], list[tuple[str, str]]]:
    values: dict[str, str] = {}
    errors: list[tuple[str, str]] = []
    for spec in FIELDS:
        text = inputs.get(spec.name, "")
        if any(values.get(name) not in codes for name, codes in spec.only.items()):
            if text:
                errors.append((spec.name, "not_of_product"))
            continue
        if not text:
            if spec.default is None:
                errors.append((spec.name, "required"))
            values[spec.name] = spec.default or ""
            continue
        code = _written(spec, text)
        if code:
            errors.append((spec.name, code))
        values[spec.name] = text
    known = {spec.name for spec in FIELDS}
    return values, errors + [(name, "unknown_field") for name in inputs if name not in known]


def _written(spec: InputField, text: str) -> str:
    if spec.kind == "code":
        return "" if text in spec.codes else "unknown_code"
    if spec.kind == "minor":
        if _MINOR.fullmatch(text) is None:
            return "not_minor"
        low = 1 if spec.default is None else 0
        return "" if low <= int(text) < AMOUNT_LIMIT else "out_of_range"
    if spec.kind == "rate":
        if _RATE.fullmatch(text) is None:
            return "not_rate"
        share = spec.name == "first_payment_ratio"
        return "out_of_range" if millionths(text) > MILLION - share else ""
    if spec.kind == "months":
        return "" if _MONTHS.fullmatch(text) and int(text) <= TERM_LIMIT else "not_term"
    if spec.kind == "date":
        return "" if _is_date(text) else "not_date"
    form = _STEPS if spec.kind == "steps" else _SEASON
    if form.fullmatch(text) is None or any(w > WEIGHT_LIMIT for w in _weights_in(text)):
        return f"not_{spec.kind}"
    return "" if any(_weights_in(text)) else "no_rent"


def _weights_in(text: str) -> list[int]:
    return [int(part.rpartition(":")[2]) for part in text.split(",")]


def _is_date(text: str) -> bool:
    try:
        return _DATE.fullmatch(text) is not None and date.fromisoformat(text) is not None
    except ValueError:
        return False


def _terms(values: Mapping[str, str]) -> QuoteTerms:
    price = int(values["price_minor"])
    flat = values["pattern"] == "flat_fee"
    return QuoteTerms(
        product=values["product"],
        pattern=values["pattern"],
        timing=values["timing"],
        price=price,
        down=half_up(price * millionths(values["first_payment_ratio"]), MILLION),
        term=int(values["term_months"]),
        rate=millionths(values["flat_rate_monthly" if flat else "annual_nominal_rate"]),
        starts_on=date.fromisoformat(values["starts_on"]),
        weights=_weights(values),
        residuals={name: int(values.get(f"{name}_minor", "0")) for name in RESIDUALS},
        charges={name: int(values.get(f"{name}_minor", "0")) for name in CHARGES},
        financed={name: values.get(f"{name}_paid") == "financed" for name in CHARGES},
        # A tax would be paid without the lessor too; insurance only where the lessee is free.
        tied={
            "fee": True,
            "gps": True,
            "insurance": values["insurance_choice"] == "tied",
            "tax": False,
        },
        deposit=int(values["deposit_minor"]),
        set_off=values["deposit_use"] == "set_off",
        late_rate_daily=millionths(values["late_rate_daily"]),
        initial_direct_costs=int(values["initial_direct_costs_minor"]),
    )


def _weights(values: Mapping[str, str]) -> tuple[int, ...]:
    """One weight a period; steps that do not add up to the term are found by `_compare`."""
    term = int(values["term_months"])
    if values["pattern"] == "step":
        runs = [part.split(":") for part in values["steps"].split(",")]
        return tuple(int(weight) for months, weight in runs for _ in range(int(months)))
    if values["pattern"] == "seasonal":
        season = _weights_in(values["season"])
        first = int(values["starts_on"][5:7]) - 1 + (values["timing"] == "arrears")
        return tuple(season[(first + k) % 12] for k in range(term))
    return (100,) * term


def _compare(terms: QuoteTerms, values: Mapping[str, str], rules: Rules) -> list[tuple[str, str]]:
    errors = []
    if len(terms.weights) != terms.term:
        errors.append(("steps", "steps_unlike_term"))
    elif not any(terms.weights):
        errors.append(("season", "no_rent"))
    financed = terms.financed_amount
    if terms.residual > financed:
        name = next(name for name in RESIDUALS if terms.residuals[name])
        errors.append((f"{name}_minor", "residual_above_financed"))
    if terms.deposit > financed:
        errors.append(("deposit_minor", "deposit_above_financed"))
    limit = rules.financed_limit(terms.product, terms.starts_on)
    vat = rules.vat(terms.product, terms.starts_on)
    if limit is None or vat is None or not rules.caps(terms.starts_on):
        errors.append(("starts_on", "no_rule_in_force"))
    elif financed * MILLION > limit * terms.price:
        errors.append(("price_minor", "financed_above_value"))
    return errors
