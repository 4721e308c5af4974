"""Papers of a leased vehicle: insurance, registration, mortgage; what is noted of them, and whether
they are about to expire. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from tenants.problems import FieldError

#: Days before its last day from which on a paper is said to expire.
WARN_DAYS: Final = 30
_FIRST, _LAST = date(1990, 1, 1), date(2099, 12, 31)
_LENGTHS: Final = {"number": 60, "party": 120}


class Paper(StrEnum):
    COMPULSORY = "compulsory_insurance"  # 交强险
    COMMERCIAL = "commercial_insurance"  # 商业险
    REGISTRATION = "registration"  # 行驶证, with its inspection
    MORTGAGE = "mortgage"  # 抵押登记 at the vehicle office


#: What runs out by a day; a mortgage stands until it is released.
DATED: Final = frozenset({Paper.COMPULSORY, Paper.COMMERCIAL, Paper.REGISTRATION})


class Standing(StrEnum):
    MISSING = "missing"
    VALID = "valid"
    EXPIRING = "expiring"
    EXPIRED = "expired"


def standing(until_on: date | None, today: date) -> Standing:
    """Of a paper that is on record; its last day counts."""
    if until_on is None or until_on > today + timedelta(days=WARN_DAYS):
        return Standing.VALID
    return Standing.EXPIRED if until_on < today else Standing.EXPIRING


_SAID = {
    "required": ("This is left out.", "Fill it in."),
    "unknown_code": ("%(value)s is no paper.", "Choose one of: %(codes)s."),
    "too_long": ("This is longer than %(most)s characters.", "Say it shorter."),
    "not_date": ("This is no day.", "Write year, month and day, 1990 to 2099: 2024-02-29."),
    "ends_before": ("It ends before it begins.", "Check both days."),
    "unknown_field": ("A paper has no such field.", "Leave it out."),
}


def read_paper(given: Mapping[str, str]) -> tuple[dict[str, str], list[FieldError]]:
    """The fields of a paper, trimmed, the empty left out; everything that is wrong with them."""
    names = ("paper", "number", "party", "from_on", "until_on")
    fields = {name: given.get(name, "").strip() for name in names}
    errors = [_error(name, "unknown_field") for name in sorted(given.keys() - set(names))]
    kind = fields["paper"]
    if kind not in list(Paper):
        errors.append(_error("paper", "unknown_code", value=kind[:40], codes=", ".join(Paper)))
    needed = ["number", "party", "from_on", *(["until_on"] if kind in DATED else [])]
    errors += [_error(name, "required") for name in needed if not fields[name]]
    errors += [
        _error(name, "too_long", most=most)
        for name, most in _LENGTHS.items()
        if len(fields[name]) > most
    ]
    days = {name: _day(fields[name]) for name in ("from_on", "until_on") if fields[name]}
    errors += [_error(name, "not_date") for name, day in days.items() if day is None]
    begins, ends = days.get("from_on"), days.get("until_on")
    if begins and ends and ends < begins:
        errors.append(_error("until_on", "ends_before"))
    return {name: text for name, text in fields.items() if text}, errors


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if len(text) == 10 and _FIRST <= day <= _LAST else None


def _error(field: str, code: str, **params: object) -> FieldError:
    detail, mend = _SAID[code]
    return FieldError(field, code, detail, mend, params)
