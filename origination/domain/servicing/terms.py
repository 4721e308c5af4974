"""Terms of servicing: what money pays first, late interest, reminder fees, early settlement.

Dated data, never constants: a version governs, for life, the leases originated from its `from` day
until the next version's. `read_terms` checks the whole at once. The JSON of a version::

    {"from": "2024-01-01", "order": "penalty,fee,interest,principal", "across": "rental",
     "late_interest": {"daily_rate": "0.0005", "grace_days": 3, "base": "rent", "cap": "0.24"},
     "reminder_fee": {"after_days": 10, "amount_minor": 5000},
     "settlement": {"interest": "daily", "charges": [{"months": 12, "rate": "0.05"},
                    {"months": null, "rate": "0.03"}], "fee_minor": 0}}

`across` "rental": the oldest rental in all its parts first; "part": the first part of all rentals
first. `cap`: late interest on a rental never exceeds this share of the rental. `charges`: the first
row whose `months` since origination are not over is taken, on the principal not yet due.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, Final

#: A daily rate has at most nine decimals; other shares at most six.
DAILY_SCALE: Final = 10**9
SHARE_SCALE: Final = 10**6
_MOST_DAILY: Final = Decimal("0.01")
_MOST_DAYS: Final = 3660
_MOST_MINOR: Final = 10**12


class Part(StrEnum):
    PENALTY = "penalty"
    FEE = "fee"
    INTEREST = "interest"
    PRINCIPAL = "principal"


class LateBase(StrEnum):
    RENT = "rent"  # interest and principal of the rental that are open
    PRINCIPAL = "principal"


class SettlementInterest(StrEnum):
    """Interest of the period in which a lease is settled."""

    NONE = "none"
    DAILY = "daily"  # by days, of the next rental's interest
    WHOLE = "whole"  # the next rental's interest


class BadTerms(ValueError):
    """The terms cannot be used; `problems` says where, what and how to mend it."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = list(problems)


@dataclass(frozen=True, slots=True)
class LateInterest:
    """`daily_rate` in billionths, `cap` in millionths of the rental (0: no cap).

    A rental paid within `grace_days` after its due day bears none; later it bears it from the due
    day on, for each day until it is paid (the day of payment not counted).
    """

    daily_rate: int
    grace_days: int = 0
    base: LateBase = LateBase.RENT
    cap: int = 0


@dataclass(frozen=True, slots=True)
class ReminderFee:
    """Charged once on a rental that is still open when its day `after_days` past due begins."""

    after_days: int
    amount_minor: int


@dataclass(frozen=True, slots=True)
class SettlementRule:
    """`charges`: (months since origination, None for the rest; millionths of later principal)."""

    interest: SettlementInterest = SettlementInterest.NONE
    charges: tuple[tuple[int | None, int], ...] = ()
    fee_minor: int = 0


@dataclass(frozen=True, slots=True)
class ServicingTerms:
    """One version. The default charges nothing."""

    starts_on: date = date.min
    order: tuple[Part, ...] = (Part.PENALTY, Part.FEE, Part.INTEREST, Part.PRINCIPAL)
    by_rental: bool = True
    late_interest: LateInterest | None = None
    reminder_fee: ReminderFee | None = None
    settlement: SettlementRule = field(default_factory=SettlementRule)

    @property
    def is_plain(self) -> bool:
        """Whether a lease under it depends on nothing but the total of its money."""
        return (
            self.late_interest is None
            and self.reminder_fee is None
            and self.settlement == SettlementRule()
            and self.order.index(Part.INTEREST) < self.order.index(Part.PRINCIPAL)
            and self.by_rental
        )


NO_CHARGES: Final = ServicingTerms()


@dataclass(frozen=True, slots=True)
class TermsBook:
    """Versions in the order of their days."""

    versions: tuple[ServicingTerms, ...] = ()

    def of(self, originated_on: date) -> ServicingTerms:
        """The version that governs a lease originated on a day; before the first: no charges."""
        found = NO_CHARGES
        for version in self.versions:
            if version.starts_on <= originated_on:
                found = version
        return found


def read_terms(rows: Any) -> TermsBook:
    """Versions from their JSON (see the module). Raises BadTerms naming every fault at once."""
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise BadTerms(["versions: expected a list of objects, one for each version"])
    reader = _Reader()
    versions = [reader.version(row, f"version {n}") for n, row in enumerate(rows, 1)]
    days = [version.starts_on for version in versions]
    if len(set(days)) != len(days):
        reader.problems.append("from: two versions start on one day: leave one of them out")
    if reader.problems:
        raise BadTerms(reader.problems)
    return TermsBook(tuple(sorted(versions, key=lambda version: version.starts_on)))


class _Reader:
    """Reads versions and collects what is wrong with them."""

    def __init__(self) -> None:
        self.problems: list[str] = []

    def _wrong(self, place: str, value: object, mend: str) -> None:
        self.problems.append(f"{place}: {value!r}: {mend}")

    def version(self, row: Mapping[str, Any], place: str) -> ServicingTerms:
        self._known(row, place, "from order across late_interest reminder_fee settlement")
        across = row.get("across", "rental")
        if across not in ("rental", "part"):
            self._wrong(f"{place}.across", across, "write rental or part")
        return ServicingTerms(
            starts_on=self._day(row.get("from"), f"{place}.from"),
            order=self._order(row.get("order", ",".join(Part)), f"{place}.order"),
            by_rental=across == "rental",
            late_interest=self._late(row.get("late_interest"), f"{place}.late_interest"),
            reminder_fee=self._reminder(row.get("reminder_fee"), f"{place}.reminder_fee"),
            settlement=self._settlement(row.get("settlement"), f"{place}.settlement"),
        )

    def _known(self, row: Mapping[str, Any], place: str, names: str) -> None:
        for name in sorted(set(row) - set(names.split())):
            self._wrong(f"{place}.{name}", row[name], f"there is no such setting: {names}")

    def _object(self, value: Any, place: str, names: str) -> Mapping[str, Any] | None:
        if value is None:
            return None
        if not isinstance(value, dict):
            self._wrong(place, value, "write an object, or leave it out")
            return None
        self._known(value, place, names)
        return value

    def _day(self, value: Any, place: str) -> date:
        try:
            return date.fromisoformat(value)
        except (TypeError, ValueError):
            self._wrong(place, value, "write a day as YYYY-MM-DD")
            return date.min

    def _order(self, value: Any, place: str) -> tuple[Part, ...]:
        names = [name.strip() for name in value.split(",")] if isinstance(value, str) else []
        if sorted(names) != sorted(Part):
            self._wrong(place, value, "name penalty, fee, interest and principal, each once")
            return NO_CHARGES.order
        return tuple(Part(name) for name in names)

    def _late(self, value: Any, place: str) -> LateInterest | None:
        row = self._object(value, place, "daily_rate grace_days base cap")
        if row is None:
            return None
        base = row.get("base", LateBase.RENT.value)
        if base not in list(LateBase):
            self._wrong(f"{place}.base", base, "write rent or principal")
            base = LateBase.RENT
        rate = self._scaled(row.get("daily_rate"), f"{place}.daily_rate", DAILY_SCALE, _MOST_DAILY)
        cap = self._scaled(row.get("cap", "0"), f"{place}.cap", SHARE_SCALE, Decimal(10))
        grace = self._whole(row.get("grace_days", 0), f"{place}.grace_days", _MOST_DAYS)
        return LateInterest(rate, grace, LateBase(base), cap)

    def _reminder(self, value: Any, place: str) -> ReminderFee | None:
        row = self._object(value, place, "after_days amount_minor")
        if row is None:
            return None
        after = self._whole(row.get("after_days"), f"{place}.after_days", _MOST_DAYS, low=1)
        return ReminderFee(
            after, self._whole(row.get("amount_minor"), f"{place}.amount_minor", _MOST_MINOR)
        )

    def _settlement(self, value: Any, place: str) -> SettlementRule:
        row = self._object(value, place, "interest charges fee_minor")
        if row is None:
            return SettlementRule()
        interest = row.get("interest", "none")
        if interest not in list(SettlementInterest):
            self._wrong(f"{place}.interest", interest, "write none, daily or whole")
            interest = SettlementInterest.NONE
        charges = self._charges(row.get("charges", []), f"{place}.charges")
        fee = self._whole(row.get("fee_minor", 0), f"{place}.fee_minor", _MOST_MINOR)
        return SettlementRule(SettlementInterest(interest), charges, fee)

    def _charges(self, value: Any, place: str) -> tuple[tuple[int | None, int], ...]:
        if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
            self._wrong(place, value, "write a list of objects with months and rate")
            return ()
        charges: list[tuple[int | None, int]] = []
        for n, row in enumerate(value, 1):
            at = f"{place}[{n}]"
            self._known(row, at, "months rate")
            months = row.get("months")
            if months is not None:
                months = self._whole(months, f"{at}.months", 600, low=1)
            rate = self._scaled(row.get("rate"), f"{at}.rate", SHARE_SCALE, Decimal(1))
            charges.append((months, rate))
        bounds = [601 if months is None else months for months, _ in charges]
        if bounds != sorted(set(bounds)):
            self._wrong(place, bounds, "months rise from row to row; null comes last")
        return tuple(charges)

    def _scaled(self, value: Any, place: str, scale: int, most: Decimal) -> int:
        try:
            figure = Decimal(value) if isinstance(value, str) else Decimal("NaN")
        except InvalidOperation:
            figure = Decimal("NaN")
        if figure.is_nan() or not 0 <= figure <= most or figure * scale != int(figure * scale):
            decimals = len(str(scale)) - 1
            mend = f"write a decimal as text, from 0 to {most}, with at most {decimals} decimals"
            self._wrong(place, value, mend)
            return 0
        return int(figure * scale)

    def _whole(self, value: Any, place: str, most: int, low: int = 0) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= most:
            self._wrong(place, value, f"write a whole number from {low} to {most}")
            return low
        return value
