"""How figures read on a page or in a document: money, percentages, hashes. Pure.

Nothing here rounds an amount that is booked: full money is printed to the minor unit, and only
`short_money` shortens, for key figures and axes. Chinese counts in ten thousands (万) and hundred
millions (亿), English in thousands, millions and billions.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from tenants.money import Money, round_half_up

#: A no-break space, so that a sign and its figure stay on one line.
NBSP: Final = "\u00a0"
MINUS: Final = "\u2212"
SYMBOLS: Final[dict[str, str]] = {"CNY": "¥", "USD": "US$", "EUR": "€", "GBP": "£", "HKD": "HK$"}
_SCALES_EN: Final = ((Decimal(10) ** 9, "bn"), (Decimal(10) ** 6, "m"), (Decimal(10) ** 3, "k"))
_SCALES_ZH: Final = ((Decimal(10) ** 8, "亿"), (Decimal(10) ** 4, "万"))


def symbol(currency: str) -> str:
    """The sign before an amount: ¥ for CNY; the code and a space where there is no common sign."""
    return SYMBOLS.get(currency, f"{currency}{NBSP}")


def full_money(money: Money) -> str:
    """`Money` to its minor unit with thousands separated: ``¥1,234.50``, ``−¥0.01``."""
    digits = -_exponent_of(money.amount)
    sign = MINUS if money.amount < 0 else ""
    return f"{sign}{symbol(money.currency)}{abs(money.amount):,.{digits}f}"


def short_money(money: Money, *, chinese: bool = False) -> str:
    """`Money` to three or four significant figures: ``¥1.23 bn`` or ``¥12.3亿``."""
    sign = MINUS if money.amount < 0 else ""
    return f"{sign}{symbol(money.currency)}{short_number(abs(money.amount), chinese=chinese)}"


def short_number(value: Decimal, *, chinese: bool = False) -> str:
    """A non-negative quantity, three figures in the reader's scale: ``50.2 k``, ``5.02万``."""
    for size, unit in _SCALES_ZH if chinese else _SCALES_EN:
        if value >= size:
            scaled = value / size
            rounded = next(
                (
                    r
                    for r in (round_half_up(scaled, 2), round_half_up(scaled, 1))
                    if _figures(r) <= 3
                ),
                round_half_up(scaled),
            )
            return f"{rounded:,}{'' if chinese else NBSP}{unit}"
    return f"{round_half_up(value, 0 if value == value.to_integral() else 2):,}"


def percent(fraction: Decimal, places: int = 2) -> str:
    """A decimal fraction as per cent: ``0.0425`` → ``4.25%``."""
    scaled = round_half_up(fraction * 100, places)
    return f"{MINUS if scaled < 0 else ''}{abs(scaled):,.{places}f}%"


def short_hash(text: str, keep: int = 6) -> str:
    """The two ends of a long hash or identifier, for tables: ``a1b2c3…d4e5f6``."""
    return text if len(text) <= 2 * keep + 1 else f"{text[:keep]}…{text[-keep:]}"


def _figures(value: Decimal) -> int:
    return len(value.as_tuple().digits)


def _exponent_of(amount: Decimal) -> int:
    exponent = amount.as_tuple().exponent
    return exponent if isinstance(exponent, int) else 0
