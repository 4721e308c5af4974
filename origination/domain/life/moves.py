"""What each move of a lease's end asks for: the fields that its ledger entry carries."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import Final

from origination.domain.life.machine import Move
from tenants.problems import FieldError

MOST_KM: Final = 3_000_000
MOST_TEXT: Final = 200
MOST_WORDS: Final = 1000


class Sort(StrEnum):
    TEXT = "text"
    WHOLE = "whole"
    CODE = "code"
    SHA256 = "sha256"
    RATE = "rate"


@dataclass(frozen=True, slots=True)
class Asked:
    """One field of a move; what it is called stands in `wording_life`."""

    name: str
    sort: Sort = Sort.TEXT
    required: bool = True
    codes: tuple[str, ...] = ()
    most: int = MOST_TEXT  # characters of a text, the highest whole number
    least: int = 0


CONDITIONS: Final = ("good", "worn", "damaged", "not_driving")
HOLIDAY_INTEREST: Final = ("deferred", "paid", "waived")
VEHICLE: Final = ("lessee", "sold", "stock", "lost")
_PLACE = Asked("place")
_REASON = Asked("reason")
_REMARK = Asked("reason", required=False)

_MONTHS = Asked("months", Sort.WHOLE, least=1, most=60)
_RATE_ASKED = Asked("annual_nominal_rate", Sort.RATE)
_DUE_DAY = Asked("due_day", Sort.WHOLE, least=1, most=28)
_HOLIDAY = Asked("holiday_months", Sort.WHOLE, least=1, most=12)
_INTEREST = Asked("holiday_interest", Sort.CODE, codes=HOLIDAY_INTEREST)
#: Of an application, before there is a lease.
ASKED_AT_THE_DESK: Final[dict[Move, tuple[Asked, ...]]] = {
    Move.ASK: (Asked("question", most=MOST_WORDS),),
    Move.APPROVE: (_REMARK,),
    Move.DECLINE: (_REASON,),
    Move.WITHDRAW: (_REASON,),
    Move.SIGN: (Asked("contract_sha256", Sort.SHA256), _REMARK),
    Move.ACTIVATE: (),
}
#: Of a lease.
ASKED: Final[dict[Move, tuple[Asked, ...]]] = {
    Move.EXTEND: (_MONTHS, _REASON),
    Move.CHANGE_RATE: (_RATE_ASKED, _REASON),
    Move.CHANGE_DUE_DAY: (_DUE_DAY, _REASON),
    Move.PAUSE: (_HOLIDAY, _INTEREST, _REASON),
    Move.RESTRUCTURE: (
        replace(_MONTHS, required=False),
        replace(_RATE_ASKED, required=False),
        replace(_DUE_DAY, required=False),
        replace(_HOLIDAY, required=False),
        replace(_INTEREST, required=False),
        _REASON,
    ),
    Move.TRANSFER: (
        Asked("lessee_kind", Sort.CODE, codes=("person", "company")),
        Asked("lessee_name", most=80),
        Asked("lessee_id_number", most=24),
        Asked("lessee_phone", required=False, most=20),
        _REASON,
    ),
    Move.SETTLE: (_REMARK,),
    Move.REINSTATE: (_REASON,),
    Move.TURN_IN: (
        _PLACE,
        Asked("odometer_km", Sort.WHOLE, most=MOST_KM),
        Asked("condition", Sort.CODE, codes=CONDITIONS),
        _REMARK,
    ),
    Move.REPOSSESS: (
        _PLACE,
        Asked("odometer_km", Sort.WHOLE, required=False, most=MOST_KM),
        _REASON,
    ),
    Move.HAND_BACK: (_PLACE, _REMARK),
    Move.ASK_WRITE_OFF: (_REASON,),
    Move.DROP_WRITE_OFF: (_REASON,),
    Move.WRITE_OFF: (_REMARK,),
    Move.CLOSE: (Asked("vehicle", Sort.CODE, codes=VEHICLE), _REMARK),
}

_MISSING = ("This is left out.", "Fill it in.")
_LONG = ("This is longer than %(most)s characters.", "Say it shorter.")
_NO_WHOLE = ("This is no whole number from %(least)s to %(most)s.", "Write digits only.")
_NO_RATE = (
    "This is no rate from 0 to 100 per cent with four decimals at most.",
    "Write per cent a year on the page, a fraction over the API: 6.85, or 0.0685.",
)
_RATE = re.compile(r"[01](?:\.[0-9]{1,6})?")
_HIGHEST: Final = Decimal(1)
_NO_CODE = ("%(value)s is no answer to choose.", "Choose one of: %(codes)s.")
_NO_HASH = ("This is no SHA-256 hash.", "Choose the file of the signed contract.")
_HASH = re.compile("[0-9a-f]{64}")
_UNKNOWN = ("This move has no such field.", "Leave it out.")


def read_fields(move: Move, given: Mapping[str, str]) -> tuple[dict[str, str], list[FieldError]]:
    """The move's fields, trimmed, the empty left out; everything that is wrong with them."""
    asked = {spec.name: spec for spec in (ASKED | ASKED_AT_THE_DESK)[move]}
    errors = [
        FieldError(name, "unknown_field", *_UNKNOWN) for name in sorted(given.keys() - asked.keys())
    ]
    fields: dict[str, str] = {}
    for name, spec in asked.items():
        value = given.get(name, "").strip()
        if not value:
            if spec.required:
                errors.append(FieldError(name, "required", *_MISSING))
            continue
        wrong = _wrong(spec, value)
        if wrong is None:
            fields[name] = str(int(value)) if spec.sort is Sort.WHOLE else value
        else:
            errors.append(wrong)
    return fields, errors


def _wrong(spec: Asked, value: str) -> FieldError | None:
    if spec.sort is Sort.CODE and value not in spec.codes:
        params = {"value": value[:40], "codes": ", ".join(spec.codes)}
        return FieldError(spec.name, "unknown_code", *_NO_CODE, params)
    if spec.sort is Sort.WHOLE and not (
        value.isascii()
        and value.isdigit()
        and len(value) < 9
        and spec.least <= int(value) <= spec.most
    ):
        bounds = {"least": spec.least, "most": spec.most}
        return FieldError(spec.name, "not_whole", *_NO_WHOLE, bounds)
    if spec.sort is Sort.RATE and not (_RATE.fullmatch(value) and Decimal(value) <= _HIGHEST):
        return FieldError(spec.name, "not_rate", *_NO_RATE)
    if spec.sort is Sort.SHA256 and not _HASH.fullmatch(value):
        return FieldError(spec.name, "not_hash", *_NO_HASH)
    if spec.sort is Sort.TEXT and len(value) > spec.most:
        return FieldError(spec.name, "too_long", *_LONG, {"most": spec.most})
    return None
