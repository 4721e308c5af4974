"""Files of lines about leases in the book: what a bank booked, what a register answered."""

from __future__ import annotations

from datetime import date
from typing import Final

import polars as pl

from origination.domain.dialects import Column, Form, Layout
from origination.domain.servicing.events import EventKind

REGISTERS: Final = ("zhongdeng", "vehicle_office")
RESULTS: Final = ("clear", "encumbered")
#: As much as any amount of a lease: sums of a whole book stay far below what a column holds.
MOST_MINOR: Final = 10**12 - 1
#: Days of bank lines lie between these, as those of leases do.
FIRST_DAY, LAST_DAY = date(1990, 1, 1), date(2099, 12, 31)
REFERENCE_LENGTH: Final = 64


def _same(words: tuple[str, ...]) -> dict[str, str]:
    return {word: word for word in words}


#: `known_on` is the day of the import where the file does not have it.
BANK_LINES: Final = Layout(
    columns=(
        Column("contract_number", "contract_number", Form.TEXT, True),
        Column("kind", "kind", Form.CODE, True, codes=_same(tuple(k.value for k in EventKind))),
        Column("amount_minor", "amount_minor", Form.MINOR, True, low=0, high=MOST_MINOR),
        Column("currency", "currency", Form.TEXT, True),
        Column("bank_reference", "bank_reference", Form.TEXT, True, length=REFERENCE_LENGTH),
        Column("reverses", "reverses", Form.TEXT, length=REFERENCE_LENGTH),
        Column("effective_on", "effective_on", Form.DATE, True),
        Column("known_on", "known_on", Form.DATE),
    ),
    checks=(
        ("amount_minor", "not_positive", pl.col("amount_minor") == 0),
        (
            "bank_reference",
            "duplicate",
            pl.struct("contract_number", "bank_reference").is_duplicated(),
        ),
        (
            "reverses",
            "reversal_of_nothing",
            (pl.col("kind") == EventKind.REVERSAL.value) != pl.col("reverses").is_not_null(),
        ),
        ("effective_on", "known_before", pl.col("effective_on") > pl.col("known_on")),
    ),
)

SEARCHES: Final = Layout(
    columns=(
        Column("contract_number", "contract_number", Form.TEXT, True),
        Column("register", "register", Form.CODE, True, codes=_same(REGISTERS)),
        Column("searched_on", "searched_on", Form.DATE, True),
        Column("result", "result", Form.CODE, True, codes=_same(RESULTS)),
        Column("holder", "holder", Form.TEXT, length=120),
        Column("registration_number", "registration_number", Form.TEXT, length=60),
    ),
    checks=(
        (
            "contract_number",
            "duplicate",
            pl.struct("contract_number", "register", "searched_on").is_duplicated(),
        ),
        (
            "holder",
            "holder_missing",
            (pl.col("result") == "encumbered") & pl.col("holder").is_null(),
        ),
    ),
)
