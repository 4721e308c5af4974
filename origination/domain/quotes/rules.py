"""Dated figures of law and tax that quotes follow: cost caps, LPR, VAT, limits of financing.

They are data (`rules.json`, or a file that the operator names), never constants. A figure holds
from its `valid_from` until a later row of the same kind; a cap may also end (`valid_until`, the
first day on which it holds no more).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Final

from origination.domain.quotes.whole import MILLION, half_up, millionths

SHIPPED: Final = Path(__file__).with_name("rules.json")
_FIGURE: Final = re.compile(r"\d{1,4}(\.\d{1,6})?")
_ANNUAL: Final = ("nominal", "effective")
_COVERED: Final = ("rent_and_fees", "late_charges")


class BadRules(ValueError):
    """The file of rules cannot be used; the text says which row and why."""


@dataclass(frozen=True, slots=True)
class Cap:
    """A limit of the lessee's annual cost as it stands on one day. Figures in millionths."""

    id: str
    limit: int
    basis: str  # nominal (12 x the monthly rate) or effective (compounded)
    covers: tuple[str, ...]
    title: Mapping[str, str]
    source: str
    lpr: int | None  # the LPR that a multiple stands on
    lpr_from: str


@dataclass(frozen=True, slots=True)
class Vat:
    """A VAT rate in millionths, on `amount` (tax included) or on `interest` only."""

    rate: int
    base: str
    source: str


@dataclass(frozen=True)
class Rules:
    """The whole table, checked. `data` is what the phone gets."""

    data: Mapping[str, Any]
    regime: str

    def caps(self, on: date) -> list[Cap]:
        """The regime's caps in force on a day, the lowest first; empty where none is."""
        wanted = self.data["regimes"][self.regime]
        day = on.isoformat()
        rows = [
            row
            for row in self.data["caps"]
            if row["id"] in wanted
            and row["valid_from"] <= day
            and (not row.get("valid_until") or day < row["valid_until"])
        ]
        latest = {row["id"]: row for row in sorted(rows, key=lambda row: row["valid_from"])}
        caps = [cap for row in latest.values() if (cap := self._cap(row, day)) is not None]
        return sorted(caps, key=lambda cap: (cap.limit, cap.id))

    def _cap(self, row: Mapping[str, Any], day: str) -> Cap | None:
        limit, lpr, lpr_from = millionths(row["figure"]), None, ""
        if row["kind"] == "lpr_multiple":
            known = _latest(self.data["lpr"], day)
            if known is None:
                return None
            lpr, lpr_from = millionths(known["figure"]), known["valid_from"]
            limit = half_up(limit * lpr, MILLION)
        covers = tuple(row["covers"])
        return Cap(
            row["id"], limit, row["basis"], covers, row["title"], row["source"], lpr, lpr_from
        )

    def vat(self, product: str, on: date) -> Vat | None:
        """The VAT on what falls due on a day."""
        row = _latest(_of(self.data["vat"], product), on.isoformat())
        return None if row is None else Vat(millionths(row["figure"]), row["base"], row["source"])

    def financed_limit(self, product: str, on: date) -> int | None:
        """Financed amount ÷ price at most, in millionths."""
        row = _latest(_of(self.data["financed_limits"], product), on.isoformat())
        return None if row is None else millionths(row["figure"])


def _of(rows: Sequence[Mapping[str, Any]], product: str) -> list[Mapping[str, Any]]:
    return [row for row in rows if row["product"] == product]


def _latest(rows: Sequence[Mapping[str, Any]], day: str) -> Mapping[str, Any] | None:
    known = [row for row in rows if row["valid_from"] <= day]
    return max(known, key=lambda row: str(row["valid_from"]), default=None)


@cache
def load_rules(path: Path = SHIPPED, regime: str = "licensed_lessor") -> Rules:
    """Read and check a file of rules; `BadRules` says what is wrong with it and where."""
    try:
        data = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise BadRules(f"{path.name} cannot be read as JSON: {error}") from error
    try:
        _check(data)
    except (KeyError, TypeError, AttributeError) as error:
        raise BadRules(f"{path.name}: a member is missing or of another kind: {error}") from error
    if regime not in data["regimes"]:
        known = ", ".join(sorted(data["regimes"]))
        raise BadRules(f"{path.name} has no regime {regime!r}: name one of {known}")
    return Rules(data, regime)


def _check(data: Mapping[str, Any]) -> None:
    for name in ("caps", "lpr", "vat", "financed_limits"):
        for place, row in enumerate(data[name], 1):
            _check_row(f"{name} row {place}", row)
    for row in data["caps"]:
        if row["kind"] not in ("fixed", "lpr_multiple") or row["basis"] not in _ANNUAL:
            raise BadRules(f"cap {row['id']}: kind or basis is unknown")
        if not row["covers"] or set(row["covers"]) - set(_COVERED):
            raise BadRules(f"cap {row['id']}: covers some of {', '.join(_COVERED)}")
        if not (row["title"]["en"] and row["title"]["zh"] and row["source"]):
            raise BadRules(f"cap {row['id']}: title and source may not be empty")
    if any(row["base"] not in ("amount", "interest") for row in data["vat"]):
        raise BadRules("vat: base is amount or interest")
    known = {row["id"] for row in data["caps"]}
    for regime, wanted in data["regimes"].items():
        if not wanted or set(wanted) - known:
            raise BadRules(f"regime {regime}: names caps that the file has")


def _check_row(where: str, row: Mapping[str, Any]) -> None:
    if _FIGURE.fullmatch(row["figure"]) is None:
        raise BadRules(f"{where}: figure {row['figure']!r} is no decimal of at most six places")
    for name in ("valid_from", "valid_until"):
        if name == "valid_from" or row.get(name):
            try:
                date.fromisoformat(row[name])
            except ValueError as error:
                raise BadRules(f"{where}: {name} {row[name]!r} is no date") from error
