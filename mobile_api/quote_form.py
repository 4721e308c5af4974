"""The calculator's form on the phone page: groups of controls over `origination.domain.quotes`."""

from dataclasses import asdict, dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ledger.field_words import FieldWords, Form
from mobile_api.phone_form import Control
from origination.domain.quotes import FIELDS, Rules
from origination.domain.quotes.words import WORDS

#: title -> fields in order
GROUPS: tuple[tuple[Promise, tuple[str, ...]], ...] = (
    (_("Product"), ("product", "price_minor", "first_payment_ratio", "starts_on")),
    (
        _("Rent"),
        (
            "pattern",
            "timing",
            "term_months",
            "annual_nominal_rate",
            "flat_rate_monthly",
            "steps",
            "season",
        ),
    ),
    (_("At the end"), ("balloon_minor", "purchase_minor", "unguaranteed_minor")),
    (_("Deposit"), ("deposit_minor", "deposit_use")),
    (
        _("Fees, insurance and tax"),
        (
            *("fee_minor", "fee_paid", "gps_minor", "gps_paid"),
            *("insurance_minor", "insurance_paid", "insurance_choice", "tax_minor", "tax_paid"),
        ),
    ),
    (_("Late charge and own costs"), ("late_rate_daily", "initial_direct_costs_minor")),
)
#: Groups that stand open when the calculator is opened.
OPEN = 2
LABELS: dict[str, Promise] = {
    "product": _("Product"),
    "price_minor": _("Price of the vehicle"),
    "first_payment_ratio": _("Down payment ratio"),
    "pattern": _("Rent pattern"),
    "timing": _("Rent due"),
    "term_months": _("Term, months"),
    "annual_nominal_rate": _("Rate a year"),
    "flat_rate_monthly": _("Flat fee a month"),
    "steps": _("Steps of rent"),
    "season": _("Rent in each month, per cent of the base rent"),
    "starts_on": _("Lease begins"),
    "balloon_minor": _("Balloon"),
    "purchase_minor": _("Purchase price at the end"),
    "unguaranteed_minor": _("Unguaranteed residual"),
    "fee_minor": _("Fee"),
    "fee_paid": _("Fee is paid"),
    "gps_minor": _("Tracker (GPS)"),
    "gps_paid": _("Tracker is paid"),
    "insurance_minor": _("Insurance"),
    "insurance_paid": _("Insurance is paid"),
    "insurance_choice": _("Insurer"),
    "tax_minor": _("Purchase tax"),
    "tax_paid": _("Tax is paid"),
    "deposit_minor": _("Deposit"),
    "deposit_use": _("Deposit at the end"),
    "late_rate_daily": _("Late charge a day"),
    "initial_direct_costs_minor": _("Initial direct costs of the lessor"),
}
#: What a kept quote says beside its inputs.
FIGURES: dict[str, Promise] = {
    "financed_minor": _("Financed"),
    "rent_minor": _("First rent"),
    "total_minor": _("Rents and final payments"),
    "cost_minor": _("Total cost to the lessee"),
    "paid_minor": _("Cash paid in all"),
    "maturity_on": _("Matures"),
    "method": _("Method"),
    "all_in_nominal": _("All-in annual cost"),
    "all_in_effective": _("All-in annual cost, compounded"),
    "implicit_nominal": _("Implicit rate, VAT included"),
    "cap_rule": _("Cap that applies"),
    "cap_limit": _("Cap"),
}
_PAID = {"upfront": _("at once"), "financed": _("with the rents")}
CODES: dict[str, dict[str, Promise]] = {
    "product": {"direct_lease": _("Direct lease"), "sale_leaseback": _("Sale and leaseback")},
    "pattern": {
        "level": _("Level rent"),
        "level_principal": _("Level principal"),
        "flat_fee": _("Flat fee"),
        "step": _("Step rents"),
        "seasonal": _("Seasonal rents"),
    },
    "timing": {
        "arrears": _("in arrears"),
        "advance": _("in advance"),
    },
    "fee_paid": _PAID,
    "gps_paid": _PAID,
    "insurance_paid": _PAID,
    "tax_paid": _PAID,
    "insurance_choice": {"tied": _("named by us"), "free": _("free choice")},
    "deposit_use": {"returned": _("paid back"), "set_off": _("against last rents")},
    "method": {"irr_monthly": _("Internal rate of monthly flows")},
}
#: How the ledger's pages read them.
WORDS_OF_ENTRIES = FieldWords(
    kinds=("quote.recorded",),
    labels=LABELS | FIGURES,
    codes=CODES,
    forms=dict.fromkeys(
        (
            *("first_payment_ratio", "annual_nominal_rate", "flat_rate_monthly"),
            *("late_rate_daily", "all_in_nominal", "all_in_effective", "implicit_nominal"),
            "cap_limit",
        ),
        Form.PERCENT,
    ),
)
HELP: dict[str, Promise] = {
    "price_minor": _("Invoice, or appraised value of a leaseback"),
    "first_payment_ratio": _("Share of the price"),
    "annual_nominal_rate": _("Nominal, paid monthly"),
    "flat_rate_monthly": _("On the original amount, every month"),
    "steps": _("Months and per cent of the base rent, first step first"),
    "balloon_minor": _("The lessee's debt on the last day"),
    "unguaranteed_minor": _("What the vehicle should be worth when it comes back"),
    "insurance_choice": _("Tied insurance counts in the all-in cost"),
}
#: What the calculator opens with.
INITIAL = {
    "product": "direct_lease",
    "first_payment_ratio": "20",
    "pattern": "level",
    "timing": "arrears",
    "term_months": "36",
    "purchase_minor": "100.00",
    "insurance_choice": "tied",
    "deposit_use": "returned",
}
MONTHS = range(1, 13)
STEPS = range(4)
SHARES = (0, 50, 100, 150, 200)
_SEGMENTS = 2  # so many codes fit side by side at 360 px


@dataclass(frozen=True)
class Group:
    """One part of the form; the first ones stand open."""

    title: str
    controls: tuple[Control, ...]
    open: bool


def groups() -> list[Group]:
    """The form in the reader's language."""
    by_name = {spec.name: spec for spec in FIELDS}
    return [
        Group(str(title), tuple(_control(by_name[name]) for name in names), place < OPEN)
        for place, (title, names) in enumerate(GROUPS)
    ]


def facts(rules: Rules) -> dict[str, object]:
    """What the script works with: fields, the dated table, words of errors and of codes."""
    return {
        "fields": [asdict(spec) for spec in FIELDS],
        "table": {"data": rules.data, "regime": rules.regime},
        "errors": {
            code: [gettext(detail), gettext(mend)] for code, (detail, mend) in WORDS.items()
        },
        "labels": {name: str(label) for name, label in (LABELS | FIGURES).items()},
        "codes": {
            name: {code: str(label) for code, label in codes.items()}
            for name, codes in CODES.items()
        },
    }


def _control(spec) -> Control:
    codes = CODES.get(spec.name, {})
    widget = {"date": "date", "steps": "steps", "season": "season"}.get(spec.kind, "text")
    if spec.kind == "code":
        widget = "segments" if len(codes) <= _SEGMENTS else "select"
    first = spec.codes[0] if spec.codes and spec.default is not None else ""
    return Control(
        name=spec.name,
        label=str(LABELS[spec.name]),
        widget=widget,
        kind=spec.kind,
        required=spec.default is None or spec.kind == "code",
        initial=INITIAL.get(spec.name, first),
        help=str(HELP.get(spec.name, "")),
        input_mode="numeric" if spec.kind == "months" else "decimal",
        choices=tuple((code, str(label)) for code, label in codes.items()),
        unit={"minor": "¥", "rate": "%"}.get(spec.kind, ""),
        length=3 if spec.kind == "months" else 20,
    )
