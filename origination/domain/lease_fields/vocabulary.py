"""The fields of `lease.recorded`, each once: docs/entries.md as data.

Labels and code labels are English sources for translation (`gettext(spec.label)`); the phone page,
the tape reader, the tables and the tests all read this list.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """How a field's text is written."""

    TEXT = "text"
    CODE = "code"
    MINOR = "minor"  # whole minor units, decimal text
    WHOLE = "whole"  # a whole number
    RATE = "rate"  # a fraction a year, at most six decimals
    DATE = "date"  # YYYY-MM-DD
    CURRENCY = "currency"
    VIN = "vin"
    IDENTITY = "identity"  # of a person or a company, as lessee_kind says
    PHONE = "phone"
    SHA256 = "sha256"


class Group(StrEnum):
    """The part of the form a field stands in."""

    CONTRACT = "Contract"
    LESSEE = "Lessee"
    VEHICLE = "Vehicle"
    MONEY = "Money"
    DATES = "Dates"


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One field: `low` and `high` bound whole numbers, `codes` maps each code to its label."""

    name: str
    label: str
    kind: Kind
    group: Group
    required: bool = False
    codes: Mapping[str, str] = field(default_factory=dict)
    low: int = 0
    high: int = 10**12 - 1
    length: int = 80


PROVINCES: Final[dict[str, str]] = {
    "11": "Beijing",
    "12": "Tianjin",
    "13": "Hebei",
    "14": "Shanxi",
    "15": "Inner Mongolia",
    "21": "Liaoning",
    "22": "Jilin",
    "23": "Heilongjiang",
    "31": "Shanghai",
    "32": "Jiangsu",
    "33": "Zhejiang",
    "34": "Anhui",
    "35": "Fujian",
    "36": "Jiangxi",
    "37": "Shandong",
    "41": "Henan",
    "42": "Hubei",
    "43": "Hunan",
    "44": "Guangdong",
    "45": "Guangxi",
    "46": "Hainan",
    "50": "Chongqing",
    "51": "Sichuan",
    "52": "Guizhou",
    "53": "Yunnan",
    "54": "Tibet",
    "61": "Shaanxi",
    "62": "Gansu",
    "63": "Qinghai",
    "64": "Ningxia",
    "65": "Xinjiang",
}
LESSEE_KINDS: Final = {"person": "Person", "company": "Company"}
EMPLOYMENTS: Final = {
    "salaried": "Salaried",
    "self_employed": "Self-employed",
    "ride_hailing": "Ride-hailing driver",
    "company": "Company",
}
ENERGIES: Final = {
    "petrol": "Petrol",
    "diesel": "Diesel",
    "hybrid": "Hybrid",
    "phev": "Plug-in hybrid",
    "bev": "Battery electric",
}
CONDITIONS: Final = {"new": "New", "used": "Used"}
USES: Final = {"private": "Private", "ride_hailing": "Ride-hailing", "commercial": "Commercial"}
PRODUCTS: Final = {"direct_lease": "Direct lease", "sale_leaseback": "Sale and leaseback"}
RESIDUALS: Final = {
    "nominal_purchase": "Nominal purchase price",
    "balloon": "Balloon",
    "unguaranteed": "Unguaranteed residual",
}
PATTERNS: Final = {
    "level": "Level rent",
    "level_principal": "Level principal",
    "flat_fee": "Flat fee",
}
TIMINGS: Final = {"arrears": "In arrears", "advance": "In advance"}

_C, _L, _V, _M, _D = Group.CONTRACT, Group.LESSEE, Group.VEHICLE, Group.MONEY, Group.DATES
_K = Kind

FIELDS: Final[tuple[FieldSpec, ...]] = (
    FieldSpec("contract_number", "Contract number", _K.TEXT, _C, True, length=40),
    FieldSpec("lessee_kind", "Kind of lessee", _K.CODE, _L, True, LESSEE_KINDS),
    FieldSpec("lessee_name", "Lessee's name", _K.TEXT, _L, True),
    FieldSpec("lessee_id_number", "Identity number", _K.IDENTITY, _L, True),
    FieldSpec("lessee_phone", "Telephone", _K.PHONE, _L),
    FieldSpec("lessee_group", "Related obligors' group", _K.TEXT, _L, length=40),
    FieldSpec("lessee_income_monthly_minor", "Monthly income", _K.MINOR, _L),
    FieldSpec("credit_score", "Credit score", _K.WHOLE, _L, low=300, high=900),
    FieldSpec("employment", "Employment", _K.CODE, _L, codes=EMPLOYMENTS),
    FieldSpec("province", "Province", _K.CODE, _L, True, PROVINCES),
    FieldSpec("dealer_code", "Dealer", _K.TEXT, _C, length=40),
    FieldSpec("vin", "VIN", _K.VIN, _V, True),
    FieldSpec("vehicle_make", "Make", _K.TEXT, _V, True),
    FieldSpec("vehicle_model", "Model", _K.TEXT, _V, True),
    FieldSpec("model_year", "Model year", _K.WHOLE, _V, True, low=1980, high=2100),
    FieldSpec("energy", "Energy", _K.CODE, _V, True, ENERGIES),
    FieldSpec("condition", "Condition", _K.CODE, _V, True, CONDITIONS),
    FieldSpec("vehicle_use", "Use", _K.CODE, _V, True, USES),
    FieldSpec("odometer_km", "Odometer, km", _K.WHOLE, _V, high=2_000_000),
    FieldSpec("plate", "Number plate", _K.TEXT, _V, length=16),
    FieldSpec("vehicle_price_minor", "Vehicle price", _K.MINOR, _M, True, low=1),
    FieldSpec("currency", "Currency", _K.CURRENCY, _M, True),
    FieldSpec("product", "Product", _K.CODE, _C, True, PRODUCTS),
    FieldSpec("financed_amount_minor", "Financed amount", _K.MINOR, _M, True, low=1),
    FieldSpec("deposit_minor", "Deposit", _K.MINOR, _M),
    FieldSpec("fee_minor", "Fee", _K.MINOR, _M),
    FieldSpec("residual_minor", "Residual", _K.MINOR, _M, True),
    FieldSpec("residual_kind", "Kind of residual", _K.CODE, _M, True, RESIDUALS),
    FieldSpec("rent_pattern", "Rent pattern", _K.CODE, _M, True, PATTERNS),
    FieldSpec("rent_timing", "Rent timing", _K.CODE, _M, True, TIMINGS),
    FieldSpec("rent_minor", "First rent", _K.MINOR, _M, True, low=1),
    FieldSpec("annual_nominal_rate", "Annual nominal rate", _K.RATE, _M, True),
    FieldSpec("term_months", "Term, months", _K.WHOLE, _M, True, low=1, high=120),
    FieldSpec("originated_on", "Originated on", _K.DATE, _D, True),
    FieldSpec("first_payment_on", "First payment on", _K.DATE, _D, True),
    FieldSpec("maturity_on", "Maturity on", _K.DATE, _D, True),
    FieldSpec("photo_sha256", "Photo", _K.SHA256, _C),
)
BY_NAME: Final = {spec.name: spec for spec in FIELDS}

_INNER: Final = r"[^\x00-\x1f\x7f-\x9f]"
_OUTER: Final = r"[^\s\x00-\x1f\x7f-\x9f]"
#: Written forms by kind, matched whole; the same in Python's and in Rust's (polars') syntax.
FORMS: Final[dict[Kind, str]] = {
    Kind.TEXT: f"{_OUTER}(?:{_INNER}*{_OUTER})?",
    Kind.MINOR: r"0|-?[1-9][0-9]{0,17}",
    Kind.WHOLE: r"0|-?[1-9][0-9]{0,8}",
    Kind.RATE: r"-?(?:0|[1-9][0-9]{0,2})(?:\.[0-9]{1,6})?",
    Kind.DATE: r"(?:199[0-9]|20[0-9][0-9])-[0-9]{2}-[0-9]{2}",
    Kind.CURRENCY: r"[A-Z]{3}",
    Kind.VIN: r"[A-HJ-NPR-Z0-9]{17}",
    Kind.PHONE: r"\+?[0-9][0-9 -]{4,18}[0-9]",
    Kind.SHA256: r"[0-9a-f]{64}",
}
