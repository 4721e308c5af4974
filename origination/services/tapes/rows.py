"""New rows of a chunk: their records, their ids, and how they reach the table of leases."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import polars as pl

from origination.copying import copy_text
from origination.models import Tape

_TYPED = [
    "contract_number",
    "lessee_kind",
    "lessee_name",
    "lessee_id_number",
    "province",
    "vin",
    "vehicle_make",
    "vehicle_model",
    "energy",
    "product",
    "currency",
    "financed_amount_minor",
    "rent_minor",
    "residual_minor",
    "annual_nominal_rate",
    "term_months",
    "originated_on",
    "maturity_on",
]
_COLUMNS = [
    "rid", "entry_index", "tape_id", *_TYPED, "record", "recorded_by", "recorded_at",
]  # fmt: skip


@dataclass(frozen=True)
class NewRows:
    """Rows that become leases: their places in the chunk, texts, records, and fresh ids."""

    places: pl.Series
    terms: pl.DataFrame
    records: list[dict[str, str]]
    rids: list[UUID]

    @classmethod
    def of(cls, places: pl.Series, terms: pl.DataFrame) -> "NewRows":
        """With records that leave out empty fields."""
        records = [
            {name: value for name, value in row.items() if value is not None}
            for row in terms.iter_rows(named=True)
        ]
        return cls(places, terms, records, [uuid.uuid4() for _record in records])

    def __len__(self) -> int:
        return len(self.rids)

    def only(self, kept: Sequence[bool]) -> "NewRows":
        """Those that are kept."""
        if all(kept):
            return self
        mask = pl.Series(list(kept), dtype=pl.Boolean)
        own = [place for place, keep in enumerate(kept) if keep]
        return NewRows(
            self.places.filter(mask),
            self.terms.filter(mask),
            [self.records[place] for place in own],
            [self.rids[place] for place in own],
        )

    def over(self, rids: pl.Series) -> pl.Series:
        """The ids of a chunk's rows, with those of the new ones in their places."""
        if not len(self):
            return rids
        # scatter writes into its series
        return rids.clone().scatter(self.places, [str(rid) for rid in self.rids])


def copy_leases(
    new: NewRows, indexes: Sequence[int], *, tape: Tape, by: UUID, at: datetime
) -> None:
    """COPY the leases of a chunk; `indexes` are the places of their entries."""
    record = pl.struct(pl.all()).struct.json_encode()
    frame = new.terms.select(
        pl.Series("rid", [str(rid) for rid in new.rids]),
        pl.Series("entry_index", indexes),
        pl.lit(str(tape.pk)).alias("tape_id"),
        *_TYPED,
        _without_nulls(record).alias("record"),
        pl.lit(str(by)).alias("recorded_by"),
        pl.lit(at.isoformat()).alias("recorded_at"),
    )
    text = frame.write_csv(include_header=False, quote_style="necessary")
    copy_text("origination_lease", _COLUMNS, text.encode())


def _without_nulls(json: pl.Expr) -> pl.Expr:
    """A flat object of texts without its nulls: texts hold `null` in quotation marks only."""
    return json.str.replace_all(r'"[a-z0-9_]+":null,?', "").str.replace(r",\}$", "}")
