"""What can be wrong with a lease: codes, words and severities, shared by scalar and columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final

from origination.domain.lease_fields.vocabulary import BY_NAME, Kind
from origination.domain.quotes.rules import SHIPPED, BadRules, load_rules
from tenants.problems import FieldError


class Severity(StrEnum):
    """An error refuses the lease; a warning has to be confirmed by whoever records it.

    A note stands in the report of a tape and refuses nothing.
    """

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found in one field of one record."""

    field: str
    code: str

    @property
    def severity(self) -> Severity:
        return Severity.WARNING if self.code in WARNINGS else Severity.ERROR


@dataclass(frozen=True, slots=True)
class Guards:
    """Dated limits that keep a lease a lease; figures are data, chosen by regime and date.

    A leaseback financed above the appraised value, or a direct lease far above the invoice, is a
    loan in disguise (the courts' and the regulator's 低值高买). `add_ons` is the share of the price
    that insurance, tax and fees may add to a direct lease. `cost_cap` bounds the lessee's all-in
    annual cost (court practice of 24 %, to be checked against the rule in force).
    """

    valid_from: date
    source: str
    direct_lease_limit: Decimal
    leaseback_limit: Decimal
    cost_cap: Decimal

    def limit(self, product: str) -> Decimal:
        """Financed amount ÷ price at most."""
        return self.leaseback_limit if product == "sale_leaseback" else self.direct_lease_limit


_SINCE: Final = date(2020, 1, 1)
_RULES: Final = load_rules()


def _share(millionths: int | None) -> Decimal:
    if millionths is None:
        raise BadRules(f"{SHIPPED.name}: no limit of financing is in force on {_SINCE}")
    return Decimal(millionths).scaleb(-6)


#: Lessor's house rules where no regime says otherwise, from the table that quotes follow.
HOUSE_GUARDS: Final = Guards(
    valid_from=_SINCE,
    source="house rule; leaseback: financed amount within the appraised value",
    direct_lease_limit=_share(_RULES.financed_limit("direct_lease", _SINCE)),
    leaseback_limit=_share(_RULES.financed_limit("sale_leaseback", _SINCE)),
    cost_cap=_share(_RULES.caps(_SINCE)[0].limit),
)

WARNINGS: Final = frozenset({"vin_check_digit_unsure"})

#: code -> (what is wrong, how to mend it), both translatable templates.
WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "required": ("This field is empty.", "Fill it in."),
    "unknown_field": ("There is no such field.", "Remove it or check its spelling."),
    "unknown_code": ("This is not one of the known codes.", "Write one of: %(codes)s."),
    "not_text": (
        "The text has spaces at its ends, a line break or a control character.",
        "Write it in one line without them.",
    ),
    "too_long": ("The text is too long.", "Write at most %(length)s characters."),
    "not_whole": ("This is not a whole number.", "Write digits only, without leading zeros."),
    "not_minor": (
        "This is not a number of minor units.",
        "Write the amount in minor units, digits only: CNY 12.30 is 1230.",
    ),
    "negative": ("The value is negative.", "Write zero or more."),
    "out_of_range": ("The value is out of range.", "Write a value from %(low)s to %(high)s."),
    "not_rate": (
        "This is not a rate.",
        "Write a fraction a year with at most six decimals: 8.95 % is 0.0895.",
    ),
    "rate_too_high": ("The rate is above 100 % a year.", "Write a fraction: 8.95 % is 0.0895."),
    "not_date": ("This is not a date.", "Write year, month and day, 1990 to 2099: 2024-02-29."),
    "not_currency": ("This is not a currency code.", "Write an ISO 4217 code, such as CNY."),
    "not_phone": ("This is not a telephone number.", "Write 6 to 20 digits."),
    "not_sha256": ("This is not a SHA-256 in hex.", "Write 64 hexadecimal digits in lower case."),
    "not_vin": (
        "A VIN has 17 characters: capital letters without I, O and Q, and digits.",
        "Read it again from the vehicle or its papers.",
    ),
    "vin_check_digit": (
        "The VIN's check digit (the ninth character) does not fit the rest.",
        "Read it again: vehicles made in China and North America always carry it.",
    ),
    "vin_check_digit_unsure": (
        "The VIN's check digit does not fit; vehicles made elsewhere need not carry one.",
        "Compare it with the vehicle once more and confirm it.",
    ),
    "not_identity": (
        "This is not an identity number of the kind of lessee named.",
        "Write the 18 characters of the identity card or of the social credit code.",
    ),
    "identity_check_digit": (
        "The identity number's last character does not fit the rest.",
        "Read it again from the document.",
    ),
    "residual_above_price": (
        "The residual is above the vehicle's price.",
        "Write a residual of at most the price.",
    ),
    "financed_above_value": (
        "The financed amount is too high for the vehicle's price.",
        "Finance at most the price (leaseback) or the price with its add-ons (direct lease).",
    ),
    "deposit_above_financed": (
        "The deposit is above the financed amount.",
        "Write a deposit below the financed amount.",
    ),
    "dates_out_of_order": (
        "The dates are out of order.",
        "The lease begins first, then the first payment, then maturity.",
    ),
    "term_unlike_dates": (
        "The term does not lead from the first payment to maturity.",
        "Maturity is the term after the first payment, or one month less in arrears.",
    ),
    "rent_unlike_terms": (
        "The rent does not repay the financed amount at this rate over this term.",
        "Check rent, rate, term, residual and financed amount together.",
    ),
    "cost_above_cap": (
        "What the lessee pays in truth is above the permitted cost.",
        "Lower the rate, the fee or the deposit.",
    ),
    "duplicate": ("Another row of this file has the same value.", "Keep one of the two rows."),
    "already_recorded": (
        "A lease with this value is already recorded.",
        "Look for the recorded lease instead of recording it again.",
    ),
}


def field_error(finding: Finding) -> FieldError:
    """The finding in words, with what its field allows."""
    detail, mend = WORDS[finding.code]
    spec = BY_NAME.get(finding.field)
    params: dict[str, object] = {}
    if spec is not None:
        given = {
            "codes": ", ".join(spec.codes),
            "length": spec.length,
            "low": spec.low,
            "high": spec.high,
        }
        params = {k: v for k, v in given.items() if f"%({k})s" in detail + mend}
    return FieldError(finding.field, finding.code, detail, mend, params)


#: The code for a text that is not written as its kind asks.
BADLY_WRITTEN: Final[dict[Kind, str]] = {
    Kind.TEXT: "not_text",
    Kind.CODE: "unknown_code",
    Kind.MINOR: "not_minor",
    Kind.WHOLE: "not_whole",
    Kind.RATE: "not_rate",
    Kind.DATE: "not_date",
    Kind.CURRENCY: "not_currency",
    Kind.VIN: "not_vin",
    Kind.IDENTITY: "not_identity",
    Kind.PHONE: "not_phone",
    Kind.SHA256: "not_sha256",
}
