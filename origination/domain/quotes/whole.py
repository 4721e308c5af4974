"""Whole-number arithmetic that Python and the phone's BigInt do alike. Divisors are positive."""

from __future__ import annotations

from typing import Final

#: Rates and shares are whole millionths: 0.089512 is 89512.
MILLION: Final = 10**6


def half_up(numerator: int, denominator: int) -> int:
    """numerator / denominator rounded half up (towards plus infinity at exactly one half)."""
    return (2 * numerator + denominator) // (2 * denominator)


def millionths(text: str) -> int:
    """A decimal of at most six places as whole millionths: "0.0895" is 89500."""
    whole, _, part = text.partition(".")
    return int(whole + part.ljust(6, "0"))


def fraction(value: int) -> str:
    """Whole millionths as a decimal of six places: 89500 is "0.089500"."""
    sign, size = ("-", -value) if value < 0 else ("", value)
    return f"{sign}{size // MILLION}.{size % MILLION:06}"
