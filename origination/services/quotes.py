"""Quotes and caps: the dated rules of this installation, a signed quote into the ledger, a breach.

A breach of a cap blocks: neither a quote nor a phone's lease above it is written.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.utils.translation import get_language

from ledger.drafts import Draft
from ledger.services import Accepted, submit_entry
from origination.domain.quotes import FIELDS, Quote, Rules, calculate, load_rules
from origination.domain.quotes.rate import NoSingleRate, annual_rate
from origination.domain.quotes.rules import SHIPPED, BadRules, Cap
from origination.domain.quotes.whole import fraction
from origination.domain.rates import lessee_flows
from origination.domain.schedule import terms_of
from origination.problems import CostAboveCap, LateChargeAboveCap, QuoteDiffers
from tenants.problems import FieldError, Translate

_INPUTS = frozenset(spec.name for spec in FIELDS)
_RATE_STEP = 100  # millionths: the mend names a rate to a hundredth of a per cent
_DIFFERS = ("This is not what the server works out: %(expected)s.", "Sign the quote again.")


def quote_rules() -> Rules:
    """Caps, LPR, VAT and limits: the operator's file and regime, or those that ship with us."""
    named = settings.QUOTE_RULES_FILE
    return load_rules(Path(named) if named else SHIPPED, settings.COST_REGIME)


def require_rules() -> None:
    """Refuse to start on a table or a regime that cannot be used."""
    try:
        quote_rules()
    except BadRules as wrong:
        raise ImproperlyConfigured(f"LL_QUOTE_RULES, LL_COST_REGIME: {wrong}.") from wrong


@dataclass(frozen=True)
class RuleTitle:
    """A cap's name in the reader's language; it comes with the data, not with a catalogue."""

    cap: Cap

    def worded(self, translate: Translate) -> str:
        return self.cap.title["zh" if (get_language() or "").startswith("zh") else "en"]


def quote_fields(inputs: Mapping[str, str], quote: Quote) -> dict[str, str]:
    """The fields of `quote.recorded`: the inputs and the figures that the lessee was shown."""
    record = quote.as_record()
    shown = (
        *("financed_minor", "rent_minor", "total_minor", "cost_minor", "paid_minor"),
        *("maturity_on", "method"),
    )
    return {
        **{name: text for name, text in inputs.items() if text},
        **{name: str(record[name]) for name in shown},
        "all_in_nominal": fraction(quote.cost.nominal),
        "all_in_effective": fraction(quote.cost.effective),
        "implicit_nominal": fraction(quote.implicit.nominal),
        "cap_rule": quote.caps[0].cap.id,
        "cap_limit": fraction(quote.caps[0].cap.limit),
    }


@transaction.atomic
def record_quote(*, draft: Draft) -> Accepted:
    """Write a signed `quote.recorded` draft, once worked out anew.

    Raises `Invalid` (inputs), `QuoteDiffers` (figures), `CostAboveCap` or what the ledger refuses.
    """
    signed = dict(draft.payload.fields)
    expected = expected_fields(signed)
    names = sorted(signed.keys() | expected.keys())
    differ = [name for name in names if signed.get(name) != expected.get(name)]
    if differ:
        raise QuoteDiffers(
            errors=[
                FieldError(name, "quote_differs", *_DIFFERS, {"expected": expected.get(name, "–")})
                for name in differ
            ]
        )
    return submit_entry(draft=draft)


def expected_fields(signed: Mapping[str, str]) -> dict[str, str]:
    """What a quote of these inputs must say; `CostAboveCap` where it may not be made at all."""
    inputs = {name: text for name, text in signed.items() if name in _INPUTS}
    rules = quote_rules()
    quote = calculate(inputs, rules)
    refuse_breach(inputs, quote, rules)
    return quote_fields(inputs, quote)


def refuse_breach(inputs: Mapping[str, str], quote: Quote, rules: Rules) -> None:
    """Raise for the lowest cap that the quote breaks, with a rate that would keep within it."""
    for test in quote.caps:
        if test.within:
            continue
        params = cap_params(test.cap, test.figure, inputs["starts_on"])
        if test.covers == "late_charges":
            raise LateChargeAboveCap(params=params)
        name = "flat_rate_monthly" if quote.terms.pattern == "flat_fee" else "annual_nominal_rate"
        within = _highest_rate(inputs, name, quote.terms.rate, rules)
        if within is None:
            raise CostAboveCap(
                params=params, mend="Lower the fees or the deposit: no rate is low enough."
            )
        raise CostAboveCap(
            params=params | {"rate": fraction(within)},
            mend="At these terms a rate of %(rate)s is within; or lower the fees or the deposit.",
        )


def _highest_rate(inputs: Mapping[str, str], name: str, above: int, rules: Rules) -> int | None:
    """The highest rate, in steps of 0.01 %, that breaks no cap on the cost; bisected."""

    def fits(step: int) -> bool:
        quote = calculate({**inputs, name: fraction(step * _RATE_STEP)}, rules)
        return all(test.within for test in quote.caps if test.covers == "rent_and_fees")

    low, high = 0, above // _RATE_STEP + 1
    if not fits(low):
        return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if fits(middle) else (low, middle)
    return low * _RATE_STEP


def cap_params(cap: Cap, figure: int, on: str) -> dict[str, object]:
    """What a refusal by a cap names: figures in millionths."""
    return {
        "figure": fraction(figure),
        "limit": fraction(cap.limit),
        "rule": RuleTitle(cap),
        "source": cap.source,
        "on": on,
    }


def refuse_costly_lease(record: Mapping[str, str]) -> None:
    """Raise `CostAboveCap` where a valid lease record breaks a cap in force when it begins."""
    flows = lessee_flows(
        terms_of(record),
        deposit_minor=int(record.get("deposit_minor", "0")),
        fee_minor=int(record.get("fee_minor", "0")),
    )
    try:
        cost = annual_rate(flows)
    except NoSingleRate:
        return  # `lease_fields` compared present values at the house's cap already
    for cap in quote_rules().caps(date.fromisoformat(record["originated_on"])):
        figure = cost.nominal if cap.basis == "nominal" else cost.effective
        if "rent_and_fees" in cap.covers and figure > cap.limit:
            raise CostAboveCap(params=cap_params(cap, figure, record["originated_on"]))
