"""Money: an exact decimal amount of whole minor units in one currency.

Pure. Booked amounts are rounded half up to the minor unit exactly once (`Money.rounded`); a `Money`
can hold nothing finer, so a second rounding cannot happen unseen. A split always adds up to its
total (largest remainder, also known as the Hare-Niemeyer method).
Minor units follow ISO 4217's exponent; currencies not in `EXPONENTS` have two.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from typing import Final

Weight = int | Decimal | Fraction

#: ISO 4217 currencies whose minor unit is not a hundredth.
_BY_EXPONENT: Final[dict[int, str]] = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
EXPONENTS: Final[dict[str, int]] = {
    code: digits for digits, codes in _BY_EXPONENT.items() for code in codes.split()
}
DEFAULT_CURRENCY: Final = "CNY"
#: Amounts from here on are refused: Decimal's context of 28 digits would round them silently.
LIMIT: Final = Decimal(10) ** 20
_DIGITS: Final = 80


def exponent(currency: str) -> int:
    """Digits after the point of a currency's minor unit: 2 for CNY, 0 for JPY."""
    if len(currency) != 3 or not (currency.isascii() and currency.isalpha() and currency.isupper()):
        raise ValueError(f"{currency!r} is no ISO 4217 code: write three capital letters")
    return EXPONENTS.get(currency, 2)


def round_half_up(value: Decimal, places: int = 0) -> Decimal:
    """Round to decimal places, half up (away from zero at exactly one half)."""
    with localcontext() as context:
        context.prec = _DIGITS
        return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def allocate_minor(total: int, weights: Sequence[Weight]) -> list[int]:
    """Split whole minor units by weights so that the parts add up to `total` exactly.

    Largest remainder; ties go to the earlier part. Weights are non-negative and not all zero.
    A negative total is split as its absolute value, with the sign put back.
    """
    if not weights or any(weight < 0 for weight in weights):
        raise ValueError("weights must be non-negative and at least one must be given")
    shares = [Fraction(weight) for weight in weights]
    whole = sum(shares)
    if whole == 0:
        raise ValueError("at least one weight must be above zero")
    sign, size = (-1, -total) if total < 0 else (1, total)
    exact = [size * share / whole for share in shares]
    parts = [int(part) for part in exact]
    by_remainder = sorted(range(len(parts)), key=lambda i: (parts[i] - exact[i], i))
    for i in by_remainder[: size - sum(parts)]:
        parts[i] += 1
    return [sign * part for part in parts]


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in major units (`Decimal("12.30")`) that is a whole number of minor units."""

    amount: Decimal
    currency: str = DEFAULT_CURRENCY

    def __post_init__(self) -> None:
        if not isinstance(self.amount, Decimal):
            raise TypeError("money is Decimal, never float: write Decimal('12.30')")
        if not self.amount.is_finite() or abs(self.amount) >= LIMIT:
            raise ValueError(f"{self.amount} is no amount of money")
        exact = round_half_up(self.amount, exponent(self.currency))
        if exact != self.amount:
            raise ValueError(
                f"{self.amount} is finer than the minor unit of {self.currency}: "
                "round once with Money.rounded"
            )
        object.__setattr__(self, "amount", exact + 0)  # one form for equality and no minus zero

    @classmethod
    def rounded(cls, amount: Decimal, currency: str = DEFAULT_CURRENCY) -> Money:
        """Round half up to the minor unit: the one place where an amount is rounded."""
        return cls(round_half_up(amount, exponent(currency)), currency)

    @classmethod
    def from_minor(cls, minor: int, currency: str = DEFAULT_CURRENCY) -> Money:
        """From whole minor units: `from_minor(1230)` is CNY 12.30."""
        return cls(Decimal(minor).scaleb(-exponent(currency)), currency)

    @property
    def minor(self) -> int:
        """Whole minor units: 1230 for CNY 12.30."""
        return int(self.amount.scaleb(exponent(self.currency)))

    def _same_currency(self, other: Money) -> None:
        if self.currency != other.currency:
            raise ValueError(f"{self.currency} and {other.currency} do not add up")

    def __add__(self, other: Money) -> Money:
        self._same_currency(other)
        return Money.from_minor(self.minor + other.minor, self.currency)

    def __sub__(self, other: Money) -> Money:
        self._same_currency(other)
        return Money.from_minor(self.minor - other.minor, self.currency)

    def __neg__(self) -> Money:
        return Money.from_minor(-self.minor, self.currency)

    def __mul__(self, times: int) -> Money:
        return Money.from_minor(self.minor * times, self.currency)

    def __lt__(self, other: Money) -> bool:
        self._same_currency(other)
        return self.amount < other.amount

    def __le__(self, other: Money) -> bool:
        self._same_currency(other)
        return self.amount <= other.amount

    def __bool__(self) -> bool:
        return bool(self.amount)

    def __str__(self) -> str:
        return f"{self.currency} {self.amount:,.{exponent(self.currency)}f}"


def allocate(total: Money, weights: Sequence[Weight]) -> list[Money]:
    """Split money by weights; the parts add up to the total exactly (largest remainder)."""
    parts = allocate_minor(total.minor, weights)
    return [Money.from_minor(part, total.currency) for part in parts]
