"""A first mapping of a file: from its headers, and from what its values are.

A header that is the field's own name is taken as the house writes it. Any other is a guess, which
the values may speak against, and a person confirms.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from origination.domain.tapes.mapping.forms import Written
from origination.domain.tapes.mapping.headers import EX102, KNOWN, PARTS, header_of
from origination.domain.tapes.mapping.shape import NO_DATA, Place, TapeMapping, own_form
from origination.domain.tapes.mapping.values import best_form, fields_by_values, fits
from origination.domain.tapes.readers import TapeText
from origination.domain.tapes.reported import TARGETS

SAMPLE: Final = 2_000  # rows that a suggestion looks at
_SURE, _PART, _VALUES, _AGAINST = 1.0, 0.6, 0.5, 0.3
CURRENCY: Final = "CNY"


@dataclass(frozen=True, slots=True)
class _Guess:
    column: str
    field: str
    weight: float
    why: str


def suggest(tape: TapeText, rows: pl.DataFrame, no_data: Sequence[str] = NO_DATA) -> TapeMapping:
    """A mapping for a tape of which `rows` are the first; columns in the file's order."""
    if tape.format == "ex102":
        places = (
            Place(name, *_written(EX102[name]), "name") if name in EX102 else Place(name)
            for name in tape.columns
        )
        return TapeMapping(tuple(places), no_data=tuple(no_data))
    sample = _without_gaps(rows.head(SAMPLE), no_data)
    guesses = sorted(_guesses(sample), key=lambda guess: -guess.weight)
    chosen: dict[str, _Guess] = {}
    taken: set[str] = set()
    for guess in guesses:
        if guess.column not in chosen and guess.field not in taken:
            chosen[guess.column] = guess
            taken.add(guess.field)
    found = tuple(
        _place(chosen[name], sample[name]) if name in chosen else Place(name)
        for name in tape.columns
    )
    guessed = any(place.why != "name" for place in found if place.field)
    constants = (("currency", CURRENCY),) if guessed and "currency" not in taken else ()
    return TapeMapping(found, constants, tuple(no_data))


def is_own(mapping: TapeMapping) -> bool:
    """Whether each field is named as the house does, or was confirmed: nobody need look."""
    return mapping.by_asset or all(
        place.why in ("name", "saved", "") for place in mapping.places if place.field
    )


def _written(pair: tuple[str, str]) -> tuple[str, Written]:
    return pair[0], Written(pair[1])


def _without_gaps(rows: pl.DataFrame, no_data: Sequence[str]) -> pl.DataFrame:
    gaps = [text.upper() for text in no_data]
    text = pl.all().str.strip_chars()
    return rows.select(pl.when(~text.str.to_uppercase().is_in(gaps)).then(text))


def _guesses(sample: pl.DataFrame) -> Iterator[_Guess]:
    for name in sample.columns:
        values = sample[name].drop_nulls()
        if name.strip().lower() in TARGETS:
            yield _Guess(name, name.strip().lower(), 2.0, "name")
            continue
        header = header_of(name).plain
        field, weight = KNOWN.get(header), _SURE
        if field is None:
            part = next((word for word in PARTS if word in header), None)
            # the longer the part of the header that is understood, the likelier
            field, weight = (None, 0.0) if part is None else (KNOWN[part], _PART)
            weight *= len(part or "") / max(1, len(header))
        if field is not None:
            if len(values) and not fits(values, field):
                weight *= _AGAINST
            yield _Guess(name, field, weight, "header")
        for other in fields_by_values(values):
            yield _Guess(name, other, _VALUES, "values")


def _place(guess: _Guess, values: pl.Series) -> Place:
    if guess.why == "name":
        return Place(guess.column, guess.field, own_form(guess.field), "name")
    unit = header_of(guess.column).unit
    form = best_form(values.drop_nulls(), guess.field, unit, header_of(guess.column).plain)
    return Place(guess.column, guess.field, form, guess.why)
