"""Days, amounts and directions as banks write them."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Final

from tenants.money import exponent

_DAY: Final = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[ T].*)?")
_COMPACT: Final = re.compile(r"(\d{4})(\d{2})(\d{2})(?:\s*\d{6}| .*)?")
_GROUPED: Final = re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?")
_IN: Final = {"c", "cr", "crdt", "credit", "in", "贷", "贷方", "收", "收入", "转入", "+"}
_OUT: Final = {"d", "dr", "dbit", "debit", "out", "借", "借方", "支", "支出", "转出", "-"}


class Unreadable(ValueError):
    """`code` of `lines.FAULTS`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def read_day(text: str) -> date:
    """2026-01-31, 2026/1/31, 2026.1.31, 20260131 or 2026年1月31日, with or without a time."""
    text = text.strip()
    found = _DAY.fullmatch(text) or _COMPACT.fullmatch(text)
    try:
        if found is None:
            raise ValueError
        day = date(*(int(part) for part in found.groups()))
    except ValueError:
        raise Unreadable("no_date") from None
    if not 1990 <= day.year <= 2099:
        raise Unreadable("date_range")
    return day


def read_amount(text: str, currency: str) -> int:
    """Minor units, with the sign that the text has; thousands may be grouped by commas."""
    plain = text.strip().replace("，", ",").replace("−", "-")
    plain = plain.removeprefix("￥").removeprefix("¥").removeprefix(currency).strip()
    if not _GROUPED.fullmatch(plain):
        raise Unreadable("no_amount")
    try:
        figure = Decimal(plain.replace(",", "")).scaleb(exponent(currency))
    except InvalidOperation:
        raise Unreadable("no_amount") from None
    if abs(figure) >= 10**12:
        raise Unreadable("too_large")
    if figure != int(figure):
        raise Unreadable("fraction")
    return int(figure)


def read_direction(text: str) -> int:
    """1 for money in, −1 for money out."""
    word = text.strip().lower()
    if word in _IN:
        return 1
    if word in _OUT:
        return -1
    raise Unreadable("direction")


def read_currency(text: str, otherwise: str) -> str:
    """An ISO 4217 code; RMB and 人民币 are CNY."""
    word = text.strip().upper()
    if not word:
        return otherwise
    word = {"RMB": "CNY", "人民币": "CNY", "人民币元": "CNY"}.get(word, word)
    if not re.fullmatch(r"[A-Z]{3}", word):
        raise Unreadable("no_currency")
    return word
