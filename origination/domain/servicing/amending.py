"""Changes of a running contract: extension, rate, due day, payment holiday, or several at once.

A change counts from a day: what has fallen due by its end stays as it was, every rental after it is
worked out anew from the principal that is then scheduled. The principals of a lease add up to the
financed amount before and after: nothing is capitalised. Rules (decision 0018):
- Extension and rate: the principal left is repaid by level rents (or equal principal, or a flat fee
  with the fee a rental that was agreed) over the rentals left and those that are added; the last
  takes what rounding leaves. A flat fee has no rate to change.
- Due day: amounts stay; a period that gets longer or shorter bears one month's interest, as a first
  period does. Would the next rental fall on a day that is over, all move a month on.
- Holiday: so many months without principal. Their interest is paid month by month, due with the
  first rental after them, or waived; everything else falls due so many months later.
"""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final

from origination.domain.months import add_months
from origination.domain.schedule import (
    RATE_SCALE,
    TERM_LIMIT,
    LeaseTerms,
    Pattern,
    Receivable,
    ReceivableKind,
    Timing,
    level_rent,
    month_before,
    period_interest,
)
from tenants.money import allocate_minor

Parts = list[tuple[int, int]]  # interest and principal of rentals to come


class HolidayInterest(StrEnum):
    PAID = "paid"
    DEFERRED = "deferred"
    WAIVED = "waived"


@dataclass(frozen=True, slots=True)
class Change:
    """What is agreed; what is left out stays. `rate_scaled` in millionths a year."""

    on: date
    months: int = 0
    rate_scaled: int | None = None
    due_day: int = 0
    holiday_months: int = 0
    holiday_interest: HolidayInterest = HolidayInterest.DEFERRED


class BadChange(ValueError):
    """The change cannot be made; its text is a code: `nothing_left`, `before_first`, `flat_fee`,
    `too_long` or `does_not_fit`."""


@dataclass(frozen=True, slots=True)
class Version:
    """A schedule that counts from a day (`date.min`: from the beginning), whole.

    `income` is that of each receivable's period (`servicing.income`).
    """

    on: date
    receivables: tuple[Receivable, ...]
    income: tuple[int, ...]
    rate_scaled: int
    due_day: int

    @property
    def rent_minor(self) -> int:
        """The rental that is asked for again and again: the last but one, else the last."""
        rents = [row for row in self.receivables if row.kind is ReceivableKind.RENT]
        return rents[-2 if len(rents) > 1 and rents[-2].due_on > self.on else -1].amount_minor

    @property
    def maturity_on(self) -> date:
        return max(row.due_on for row in self.receivables)


NO_INTEREST: Final = 0


def first_version(terms: LeaseTerms, rows: Sequence[Receivable], income: Sequence[int]) -> Version:
    """The contract as it was made."""
    day = terms.first_payment_on.day
    return Version(date.min, tuple(rows), tuple(income), terms.rate_scaled, day)


def revise(version: Version, terms: LeaseTerms, change: Change) -> Version:
    """The schedule that a change makes of the one before it. Raises BadChange."""
    done = [row for row in version.receivables if row.due_on <= change.on]
    later = version.receivables[len(done) :]
    rents = [row for row in later if row.kind is ReceivableKind.RENT]
    tail = next((row for row in later if row.kind is not ReceivableKind.RENT), None)
    if not rents:
        raise BadChange("nothing_left")
    if terms.timing is Timing.ADVANCE and not done:
        raise BadChange("before_first")
    if len(done) + len(rents) + change.months + change.holiday_months > TERM_LIMIT:
        raise BadChange("too_long")
    rate = version.rate_scaled if change.rate_scaled is None else change.rate_scaled
    parts, tail = _parts(version, terms, change, rents, tail, rate)
    rests, parts = _holiday(version, terms, change, rents, tail, parts)
    if any(interest < 0 or principal < 0 for interest, principal in parts):
        raise BadChange("does_not_fit")
    due_day = change.due_day or version.due_day
    days = _days(change, rents[0].due_on, due_day, rests, len(parts))
    rows = [
        Receivable(len(done) + n, day, interest, principal)
        for n, (day, (interest, principal)) in enumerate(zip(days, parts, strict=True), 1)
    ]
    if tail is not None:
        rows.append(
            replace(
                tail, number=len(done) + len(rows) + 1, due_on=_tail_day(tail, rents, days, change)
            )
        )
    receivables = (*done, *rows)
    income = _income(version, terms, len(done), receivables)
    return Version(change.on, receivables, income, rate, due_day)


def _parts(
    version: Version,
    terms: LeaseTerms,
    change: Change,
    rents: Sequence[Receivable],
    tail: Receivable | None,
    rate: int,
) -> tuple[Parts, Receivable | None]:
    """The rentals left by interest and principal, and the residual, under term and rate."""
    if not change.months and rate == version.rate_scaled:
        return [(row.interest_minor, row.principal_minor) for row in rents], tail
    flat = terms.pattern is Pattern.FLAT_FEE
    if flat and rate != version.rate_scaled:
        raise BadChange("flat_fee")
    count = len(rents) + change.months
    balance = sum(row.principal_minor for row in rents) + (tail.principal_minor if tail else 0)
    if tail and terms.timing is Timing.ADVANCE and not flat:
        left = month_before(tail.amount_minor, rate)
        tail = replace(tail, interest_minor=tail.amount_minor - left, principal_minor=left)
    to_repay = balance - (tail.principal_minor if tail else 0)
    if to_repay < 0:
        raise BadChange("does_not_fit")
    if flat:
        fee = rents[0].interest_minor
        return [(fee, part) for part in allocate_minor(to_repay, [1] * count)], tail
    if terms.pattern is Pattern.LEVEL_PRINCIPAL:
        principals = list(allocate_minor(to_repay, [1] * count))
    else:
        principals = _level(balance, balance - to_repay, count, rate)
    parts: Parts = []
    for principal in principals:
        parts.append((period_interest(balance, rate), principal))
        balance -= principal
    return parts, tail


def _level(balance: int, left: int, count: int, rate: int) -> list[int]:
    """Principals of level rents that repay a balance down to what is left; the last the rest."""
    rent = level_rent(
        financed_minor=balance,
        annual_nominal_rate=Decimal(rate) / RATE_SCALE,
        term_months=count,
        residual_minor=left,
    )
    principals: list[int] = []
    for _ in range(count - 1):
        principals.append(rent - period_interest(balance, rate))
        balance -= principals[-1]
    return [*principals, balance - left]


def _holiday(
    version: Version,
    terms: LeaseTerms,
    change: Change,
    rents: Sequence[Receivable],
    tail: Receivable | None,
    parts: Parts,
) -> tuple[int, Parts]:
    """Months without any rental, and the rentals with the interest of a holiday in them."""
    months = change.holiday_months
    if not months:
        return 0, parts
    balance = sum(principal for _, principal in parts) + (tail.principal_minor if tail else 0)
    interest = period_interest(balance, change.rate_scaled or version.rate_scaled)
    if terms.pattern is Pattern.FLAT_FEE:
        interest = rents[0].interest_minor
    if change.holiday_interest is HolidayInterest.PAID:
        return 0, [(interest, NO_INTEREST)] * months + parts
    if change.holiday_interest is HolidayInterest.WAIVED:
        return months, parts
    first, principal = parts[0]
    return months, [(first + months * interest, principal), *parts[1:]]


def _days(change: Change, first: date, due_day: int, rests: int, count: int) -> list[date]:
    """Due days of the rentals left: a month apart, on the due day or a month's last."""
    start = _on_day(first, 0, due_day)
    if start <= change.on:
        rests += 1
    return [_on_day(first, rests + n, due_day) for n in range(count)]


def _on_day(start: date, months: int, due_day: int) -> date:
    year, month0 = divmod(start.year * 12 + start.month - 1 + months, 12)
    return date(year, month0 + 1, min(due_day, calendar.monthrange(year, month0 + 1)[1]))


def _tail_day(
    tail: Receivable, rents: Sequence[Receivable], days: Sequence[date], change: Change
) -> date:
    """With the last rental where it was due with it, else as long after it as it was."""
    if tail.due_on <= rents[-1].due_on:
        return days[-1]
    moved = (days[-1].year - rents[-1].due_on.year) * 12 + days[-1].month - rents[-1].due_on.month
    return max(days[-1], add_months(tail.due_on, moved))


def _income(
    version: Version, terms: LeaseTerms, done: int, receivables: Sequence[Receivable]
) -> tuple[int, ...]:
    """A rental's interest; of a flat fee what is left of it all, in the same proportion."""
    interest = [row.interest_minor for row in receivables]
    if terms.pattern is not Pattern.FLAT_FEE:
        return tuple(interest)
    earned = list(version.income[:done])
    rest = sum(interest) - sum(earned)
    weights = interest[done:] if any(interest[done:]) else [1] * len(interest[done:])
    return (*earned, *allocate_minor(rest, weights))
