"""What a layout and a dialect are: columns and forms; what of a lease is there, what is not."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

import polars as pl

from origination.domain.lease_fields import Finding, Severity
from origination.domain.lease_fields.findings import WORDS
from tenants.problems import FieldError


def gettext_noop(text: str) -> str:
    """Marks an English source for translation, as the rest of the house does."""
    return text


class Form(StrEnum):
    """How a column's text is written in the file."""

    TEXT = "text"
    CODE = "code"
    AMOUNT = "amount"  # major units, at most two decimals: read as minor units
    WHOLE = "whole"
    RATE = "rate"  # a fraction
    MINOR = "minor"  # whole minor units
    DATE = "date"  # 2018-06-23
    MONTH = "month"  # 01/2016: read as the month's first day
    DAY = "day"  # 6/23/2018
    FLAG = "flag"  # 0 or 1


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a file: its header, our name for it, and what its texts may say."""

    source: str
    name: str
    form: Form
    required: bool = False
    low: int | None = None
    high: int | None = None
    codes: Mapping[str, str] = field(default_factory=dict)
    may_be_negative: bool = False  # kept, with a warning
    length: int | None = None  # of a text in one line; None takes others' texts as they are


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of a whole file, as text that is the same in every language."""

    label: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Layout:
    """Columns of a file. `key` names one whose values stand once; `checks` are findings beside
    those of single columns: (field, code, mask over the read table); `empty` are texts for gaps.
    """

    columns: tuple[Column, ...]
    key: str = ""
    checks: tuple[tuple[str, str, pl.Expr], ...] = ()
    empty: tuple[str, ...] = ("",)

    @property
    def required(self) -> list[str]:
        """Headers without which the file is not of this layout."""
        return [column.source for column in self.columns if column.required]

    def missing(self, header: Sequence[str]) -> list[str]:
        """Required columns that are not in the header."""
        names = set(header)
        return [source for source in self.required if source not in names]

    def is_whole(self, header: Sequence[str]) -> bool:
        """Whether every column stands in the header."""
        return {column.source for column in self.columns} <= set(header)

    def column(self, source: str) -> Column | None:
        """The column of that header."""
        return next((column for column in self.columns if column.source == source), None)


@dataclass(frozen=True, kw_only=True)
class Dialect(Layout):
    """A known kind of table of others.

    `gives` maps fields of `lease.recorded` to the columns that hold them, `lacks` names the
    required ones that the source does not have, each with the reason.
    """

    code: str
    title: str
    gives: Mapping[str, str]
    lacks: Mapping[str, str]
    figures: Callable[[pl.DataFrame], list[Figure]]


#: What dialects find beside the findings of leases: (what is wrong, how to mend it).
OWN_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "not_amount": (
        gettext_noop("This is not an amount."),
        gettext_noop("Write digits with at most two decimals: 1234.56."),
    ),
    "not_fraction": (
        gettext_noop("This is not a fraction."),
        gettext_noop("Write a decimal fraction: 7.04 % is 0.0704."),
    ),
    "not_month": (
        gettext_noop("This is not a month."),
        gettext_noop("Write month and year: 01/2016."),
    ),
    "not_day": (
        gettext_noop("This is not a day."),
        gettext_noop("Write month, day and year: 6/23/2018."),
    ),
    "not_flag": (gettext_noop("This is neither 0 nor 1."), gettext_noop("Write 0 or 1.")),
    "below_zero": (
        gettext_noop("The amount is below zero; it is kept as the source has it."),
        gettext_noop(
            "Compare it with the source: overpayments and corrections stand below zero there."
        ),
    ),
    "not_positive": (
        gettext_noop("The amount must be above 0."),
        gettext_noop("Write what was paid; a payment taken back is a line of kind reversal."),
    ),
    "unknown_kind": (
        gettext_noop("This is not a kind of bank line."),
        gettext_noop("Write rent, settlement, recovery, reversal or refund."),
    ),
    "refund_beyond_credit": (
        gettext_noop("The lessee has not so much credit on that day."),
        gettext_noop(
            "Refund what is beyond the rent due; take a wrong payment back by a reversal."
        ),
    ),
    "reversal_of_nothing": (
        gettext_noop("A reversal names the line that it takes back."),
        gettext_noop("Write the bank reference of that line; other kinds leave this field empty."),
    ),
    "before_lease": (
        gettext_noop("This day is before the lease began."),
        gettext_noop("Write the day on which the bank booked it, or the lease that it belongs to."),
    ),
    "known_before": (
        gettext_noop("A line cannot take effect after it became known."),
        gettext_noop("Check the two days: the bank books first, then you learn of it."),
    ),
    "holder_missing": (
        gettext_noop("An encumbrance has a holder, and none is named."),
        gettext_noop("Write who holds it, as the register names them."),
    ),
    "no_such_lease": (
        gettext_noop("There is no lease with this contract number."),
        gettext_noop("Check the number, or import the lease first."),
    ),
    "other_currency": (
        gettext_noop("The lease is in another currency."),
        gettext_noop("Write the lease's own currency and the amount in it."),
    ),
    "booked_already": (
        gettext_noop("A line with this bank reference is booked already."),
        gettext_noop("Remove the line; it counts once."),
    ),
    "unknown_payment": (
        gettext_noop("No payment of this lease has that bank reference."),
        gettext_noop("Write the reference of a line that is booked or stands in this file."),
    ),
    "in_the_future": (
        gettext_noop("The day has not come yet."),
        gettext_noop("Write the day on which it happened."),
    ),
    "no_price": (
        gettext_noop("This is a placeholder, no price."),
        gettext_noop("Leave the advertisement out, or write the price asked."),
    ),
    "outcomes_disagree": (
        gettext_noop("The loan is said to be defaulted and repaid, or neither and not running."),
        gettext_noop("Exactly one of default, repayment and running may be 1."),
    ),
    "months_out_of_order": (
        gettext_noop("The months are out of order."),
        gettext_noop("A lease enters the pool before its observation ends."),
    ),
}
WARNINGS: Final = frozenset({"below_zero"})


def severity(finding: Finding) -> Severity:
    """An error refuses the row; a warning only stands in the report."""
    return Severity.WARNING if finding.code in WARNINGS else Severity.ERROR


def finding_words(layout: Layout, finding: Finding) -> FieldError:
    """A finding in words, with what its column allows."""
    detail, mend = OWN_WORDS.get(finding.code) or WORDS[finding.code]
    column = layout.column(finding.field)
    params: dict[str, object] = {}
    if column is not None:
        given = {
            "codes": ", ".join(column.codes),
            "low": column.low,
            "high": column.high,
            "length": column.length,
        }
        params = {name: value for name, value in given.items() if f"%({name})s" in detail + mend}
    return FieldError(finding.field, finding.code, detail, mend, params)
