"""How figures read in a circular, in the language that is active while it is composed."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from django.utils.translation import get_language

from tenants import formatting, pdfkit
from tenants.money import Money
from tenants.pdfkit.charts import Formatter


def in_chinese() -> bool:
    """Whether the active language is Chinese."""
    return (get_language() or "").startswith("zh")


def full(minor: int, currency: str) -> str:
    """An amount to the minor unit, without its sign of currency: for table cells."""
    money = Money.from_minor(minor, currency)
    return formatting.full_money(money).replace(formatting.symbol(currency), "", 1)


def short(minor: int, currency: str) -> str:
    """An amount for a key figure."""
    return formatting.short_money(Money.from_minor(minor, currency), chinese=in_chinese())


def percent(fraction: Decimal | float, places: int = 2) -> str:
    """A fraction as per cent."""
    return formatting.percent(Decimal(str(fraction)), places)


def count(number: int) -> str:
    """A whole number with thousands separated."""
    return f"{number:,}"


def money_axis() -> Formatter:
    """Axis labels for amounts in major units."""
    return pdfkit.compact_wan if in_chinese() else pdfkit.compact


def to_major(currency: str) -> Callable[[int], float]:
    """Minor units to major ones, as floats for drawing."""
    scale = float(Money.from_minor(1, currency).amount)
    return lambda minor: minor * scale
