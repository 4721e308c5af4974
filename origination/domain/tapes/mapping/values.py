"""What the values of a column are: whether they fit a field, which field they can only be, and
how they are written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import polars as pl

from origination.domain import identifiers
from origination.domain.lease_fields import Kind
from origination.domain.lease_fields.vocabulary import FORMS
from origination.domain.tapes.mapping.codes import code_table
from origination.domain.tapes.mapping.forms import FORMS_OF, Written, in_form
from origination.domain.tapes.reported import TARGETS

_MOST: Final = 0.8
_PLATE: Final = (
    r"^[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-Z][·.-]?[A-Z0-9]{5,6}$"
)
_PHONE: Final = r"^(?:\+?86[- ]?)?1[3-9][0-9]{9}$"
_DAY_FORMS: Final = (Written.DAY, Written.DAY_US, Written.DAY_EU, Written.MONTH, Written.SERIAL)
#: Usual sizes in fen (the middle of a tape), to tell yuan from fen where nothing is written.
_USUAL: Final = {
    "vehicle_price_minor": 15_000_000,
    "financed_amount_minor": 12_000_000,
    "balance_minor": 8_000_000,
    "vehicle_value_minor": 10_000_000,
    "rent_minor": 400_000,
    "lessee_income_monthly_minor": 1_000_000,
    "deposit_minor": 1_000_000,
    "fee_minor": 200_000,
    "residual_minor": 1_000_000,
    "paid_total_minor": 5_000_000,
    "arrears_minor": 400_000,
}


def fits(values: pl.Series, field: str) -> bool:
    """Whether most of the values can be that field, in any of its forms."""
    return max(_share(values, field, form) for form in FORMS_OF[TARGETS[field].kind]) >= 0.5


def fields_by_values(values: pl.Series) -> list[str]:
    """Fields that hardly anything else looks like: check digits, plates, telephones, codes."""
    if len(values) < 2:
        return []
    tests: tuple[tuple[str, Callable[[pl.Series], float]], ...] = (
        ("vin", vins),
        ("lessee_id_number", identities),
        ("plate", lambda texts: _matching(texts, _PLATE)),
        ("lessee_phone", lambda texts: _matching(texts, _PHONE)),
    )
    found = [field for field, share in tests if share(values) >= _MOST]
    if not found and values.n_unique() <= 64 and values.str.len_chars().max() != 1:
        found = [
            spec.name
            for spec in TARGETS.values()
            if spec.kind is Kind.CODE and _share(values, spec.name, Written.CODE) >= 0.95
        ]
    return found


def vins(values: pl.Series) -> float:
    """The share of VINs with the right check digit."""
    texts = values.str.to_uppercase()
    own = texts.filter(texts.str.contains(f"^{identifiers.VIN_PATTERN}$"))
    return float(identifiers.vin_checks(own).sum()) / len(values) if len(own) else 0.0


def identities(values: pl.Series) -> float:
    """The share of resident numbers and social credit codes with the right check digit."""
    texts = values.str.to_uppercase()
    persons = texts.filter(texts.str.contains(f"^{identifiers.RESIDENT_PATTERN}$"))
    right = float(identifiers.resident_checks(persons).sum()) if len(persons) else 0.0
    firms = texts.filter(
        texts.str.contains(f"^{identifiers.CREDIT_CODE_PATTERN}$")
        & ~texts.str.contains(f"^{identifiers.RESIDENT_PATTERN}$")
    )
    right += float(identifiers.credit_code_checks(firms).sum()) if len(firms) else 0.0
    return right / len(values)


def best_form(values: pl.Series, field: str, unit: str, header: str) -> Written:
    """How the values are written; the header's unit decides where it names one."""
    kind = TARGETS[field].kind
    forms = FORMS_OF[kind]
    if kind is Kind.MINOR:
        return _money(values, field, unit or header)
    if kind is Kind.RATE:
        return _rate(values, unit)
    if kind is Kind.WHOLE:
        if "万" in unit:
            return Written.TENS
        years = field in ("term_months", "remaining_months") and (
            unit in ("年", "years") or _matching(values, r"(?i)(年|years?)$") >= _MOST
        )
        return Written.YEARS if years else Written.NUMBER
    return max(forms, key=lambda form: _share(values, field, form))


def _money(values: pl.Series, field: str, unit: str) -> Written:
    if "万" in unit or _matching(values, "万") >= _MOST:
        return Written.WAN
    if unit.endswith(("分", "fen", "cents", "minor")):
        return Written.MINOR
    if unit in ("元", "人民币元", "yuan", "cny", "rmb") or unit.endswith("元"):
        return Written.MAJOR
    if _matching(values, r"\.[0-9]*[1-9]") > 0:
        return Written.MAJOR  # a fraction of a fen there is not
    middle = _middle(values)
    usual = _USUAL.get(field)
    if not middle or usual is None:
        return Written.MAJOR
    return Written.MINOR if middle * 10 >= usual else Written.MAJOR


def _rate(values: pl.Series, unit: str) -> Written:
    if "%" in unit or _matching(values, "[%％]") > 0:
        return Written.PERCENT
    return Written.PERCENT if _middle(values) > 1 else Written.FRACTION


def _middle(values: pl.Series) -> float:
    numbers = values.str.replace_all(r"[,，¥￥%％\s]", "").cast(pl.Float64, strict=False)
    middle = numbers.filter(numbers > 0).median()
    return float(middle) if isinstance(middle, (int, float)) else 0.0


def _share(values: pl.Series, field: str, form: Written) -> float:
    """The share of values that are the field's own once they are read in a form."""
    if not len(values):
        return 0.0
    spec = TARGETS[field]
    texts = pl.DataFrame({"v": values}).select(in_form(pl.col("v"), spec, form)).to_series()
    if spec.kind in (Kind.CODE, Kind.CURRENCY):
        return _mean(texts.is_in(list(set(code_table(field).values()))))
    if spec.kind is Kind.IDENTITY:
        return max(
            _matching(texts, f"^{identifiers.RESIDENT_PATTERN}$"),
            _matching(texts, f"^{identifiers.CREDIT_CODE_PATTERN}$"),
        )
    if spec.kind is Kind.DATE:
        return _mean(texts.str.to_date("%Y-%m-%d", strict=False).is_not_null())
    return _matching(texts, f"^(?:{FORMS[spec.kind]})$")


def _matching(values: pl.Series, pattern: str) -> float:
    return _mean(values.str.contains(pattern))


def _mean(found: pl.Series) -> float:
    share = found.mean()
    return float(share) if isinstance(share, (int, float)) else 0.0
