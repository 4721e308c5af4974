"""A tape's data quality as one figure of 0 to 100, with the reasons for every point lost.

Half of it is for rows without an error, a quarter for rows without a warning, a twentieth for rows
without a note, a fifth for cells that say something. No standard fixes these weights: they are the
house's, the same for every tape, so that two tapes can be compared.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from origination.domain.lease_fields import Severity
from origination.domain.tapes.reported import gettext_noop as _n

WEIGHTS: Final = {
    "error": (50, _n("Rows with an error")),
    "warning": (25, _n("Rows with a warning")),
    "note": (5, _n("Rows with a note")),
    "absent": (20, _n("Cells without data")),
}
_TOP: Final = 5
_TENTH: Final = Decimal("0.1")


@dataclass(frozen=True)
class Tally:
    """What was counted of a tape. `found`: (field, code, severity, rows), the most first."""

    rows: int
    rows_with: Mapping[str, int]  # by severity
    cells: int
    absent: int
    found: Sequence[tuple[str, str, str, int]]


@dataclass(frozen=True)
class Part:
    """Points lost for one reason, how many rows (cells) of how many, and the rules behind it."""

    code: str
    lost: Decimal
    count: int
    of: int
    rules: tuple[tuple[str, str, int], ...]


@dataclass(frozen=True)
class Score:
    """0 to 100 with one decimal; a tape without a flaw has 100, and none with a flaw."""

    points: Decimal
    parts: tuple[Part, ...]


def score(tally: Tally) -> Score:
    """The score of a tape of at least one row."""
    parts = [_part(code, tally) for code in WEIGHTS]
    lost = sum((part.lost for part in parts), Decimal())
    return Score(Decimal(100) - lost, tuple(part for part in parts if part.count))


def _part(code: str, tally: Tally) -> Part:
    weight = WEIGHTS[code][0]
    if code == "absent":
        count, of, rules = tally.absent, tally.cells, []
    else:
        count, of = tally.rows_with.get(code, 0), tally.rows
        rules = [(f, c, n) for f, c, severity, n in tally.found if severity == Severity(code)]
    share = Decimal(count) / Decimal(of) if of else Decimal()
    lost = (weight * share).quantize(_TENTH, ROUND_HALF_UP)
    if count:  # what is rare is lost too: only a flawless tape has 100
        lost = max(lost, _TENTH)
    return Part(code, lost, count, of, tuple(rules[:_TOP]))
