"""One line of a bank statement, and what is wrong with a file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from typing import Final

REFERENCE_LENGTH: Final = 64
MOST_MINOR: Final = 10**12 - 1
FIRST_DAY, LAST_DAY = date(1990, 1, 1), date(2099, 12, 31)


@dataclass(frozen=True, slots=True)
class StatementLine:
    """A booked movement of the lessor's account: above zero what came in, in minor units.

    `place` is the line of the file (or the entry of the message), from 1. `reference` is the
    bank's, "" where it gives none; `returns` the reference of a payment that came back.
    """

    place: int
    account: str
    booked_on: date
    amount_minor: int
    currency: str
    reference: str = ""
    payer_name: str = ""
    payer_account: str = ""
    remittance: str = ""
    returns: str = ""
    is_return: bool = False
    key: str = ""


@dataclass(frozen=True, slots=True)
class LineFault:
    """What is wrong: the line, the column as the file calls it, the value, a code of `FAULTS`."""

    place: int
    column: str
    value: str
    code: str


#: Code → (what is wrong, how to mend it); English sources for translation.
FAULTS: Final[dict[str, tuple[str, str]]] = {
    "no_date": ("This is no day.", "Write it as 2026-01-31, 2026/1/31, 20260131 or 2026年1月31日."),
    "date_range": ("The day lies too far off.", "Write a day between 1990 and 2099."),
    "in_the_future": ("The day has not come yet.", "Send booked lines only."),
    "no_amount": ("This is no amount.", "Write figures with a point, such as 1,234.56."),
    "zero_amount": ("The amount is zero.", "Leave the line out."),
    "fraction": ("The currency has no such fraction.", "Write it to its minor unit."),
    "too_large": ("The amount is too large.", "Write less than 10,000,000,000.00."),
    "both_sides": ("Money both in and out.", "Fill one of the two columns."),
    "no_side": ("Neither in nor out.", "Fill the amount, or one of the two columns."),
    "direction": ("This says neither in nor out.", "Write credit or debit, 贷 or 借."),
    "no_currency": ("This is no currency.", "Write its ISO 4217 code, such as CNY."),
    "too_long": ("The text is too long.", "Shorten the bank reference to 64 characters."),
    "ragged": ("The line has not as many fields as the header.", "Export the file again."),
    "parts": ("The parts of the entry do not add up to it.", "Ask the bank for the message again."),
    "missing": ("The entry has no such element.", "Ask the bank for the message again."),
    "same_reference": (
        "Two different lines of the file carry this reference.",
        "Ask the bank for the message again.",
    ),
}


class BadStatement(ValueError):
    """A file that cannot be read as a statement at all; `code` of `FILES`."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code)
        self.code, self.params = code, params


FILES: Final[dict[str, str]] = {
    "empty": "The file is empty.",
    "no_header": "No line names a day and an amount: the columns are not known.",
    "not_text": "The text is neither UTF-8 nor GB 18030.",
    "no_lines": "It has a header and no lines.",
    "no_statement": "The XML is no CAMT.053 statement.",
    "breaks_off": "The file breaks off or is not well formed (line %(line)s).",
    "entities": "The XML declares a document type or an entity, which no statement needs.",
    "large": "The file is larger than %(limit)s MiB.",
}


def with_keys(lines: Iterable[StatementLine]) -> Sequence[StatementLine]:
    """Each line with what it is known by, so that a statement sent twice is taken once.

    The account and the bank's reference; without one the account, day, amount, payer and text,
    counted where a day has several alike. Parts of one entry share a reference and are counted.
    """
    seen: Counter[str] = Counter()
    keyed = []
    for line in lines:
        told = [
            line.account, line.currency, line.booked_on.isoformat(), str(line.amount_minor),
            line.reference or "\x1f".join((line.payer_name, line.payer_account, line.remittance)),
        ]  # fmt: skip
        text = "\x1e".join(told)
        seen[text] += 1
        digest = sha256(f"{text}\x1e{seen[text]}".encode()).hexdigest()
        keyed.append(replace(line, key=digest))
    return keyed
