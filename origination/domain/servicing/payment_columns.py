"""Payment events of a portfolio as columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from origination.domain.schedule_columns import Ints
from origination.domain.servicing.events import EventKind, PaymentEvent

Days = npt.NDArray[np.int32]
EVENT_CODES: Final[dict[str, int]] = {kind: code for code, kind in enumerate(EventKind)}


@dataclass(frozen=True, slots=True)
class PaymentColumns:
    """m events: lease position (0..n-1), amount in minor units, day and microsecond since 1970.

    `cancels` is the row that a reversal cancels, -1 for every other row and where that payment is
    not here.
    """

    lease: Ints
    kind: npt.NDArray[np.int8]
    amount: Ints
    effective: Days
    known: Ints
    cancels: Ints

    @classmethod
    def of_events(cls, events: Sequence[Sequence[PaymentEvent]]) -> PaymentColumns:
        """From scalar events, one sequence a lease."""
        rows = [(i, event) for i, own in enumerate(events) for event in own]
        frame = pl.DataFrame(
            {
                "lease": [i for i, _ in rows],
                "kind": [str(event.kind) for _, event in rows],
                "amount_minor": [event.amount_minor for _, event in rows],
                "effective_on": [event.effective_on for _, event in rows],
                "known_at": [event.known_at for _, event in rows],
                "reference": [event.reference for _, event in rows],
                "reverses": [event.reverses for _, event in rows],
            },
            schema=EVENT_SCHEMA,
        )
        return cls.of_frame(frame)

    @classmethod
    def of_frame(cls, frame: pl.DataFrame) -> PaymentColumns:
        """From a frame with the columns and types of `EVENT_SCHEMA`; row order does not matter."""
        return cls(
            lease=frame["lease"].to_numpy(),
            kind=frame["kind"]
            .cast(pl.String)
            .replace_strict(EVENT_CODES, return_dtype=pl.Int8)
            .to_numpy(),
            amount=frame["amount_minor"].to_numpy(),
            effective=frame["effective_on"].cast(pl.Int32).to_numpy(),
            known=frame["known_at"].dt.epoch("us").to_numpy(),
            cancels=_cancelled_rows(frame),
        )


EVENT_SCHEMA: Final[Mapping[str, pl.DataType]] = {
    "lease": pl.Int64(),
    "kind": pl.String(),
    "amount_minor": pl.Int64(),
    "effective_on": pl.Date(),
    "known_at": pl.Datetime("us", "UTC"),
    "reference": pl.String(),
    "reverses": pl.String(),
}


def _cancelled_rows(frame: pl.DataFrame) -> Ints:
    """For each row the row it cancels, or -1. Only the few named references are looked up."""
    numbered = frame.select("lease", "kind", "reference", "reverses").with_row_index("row")
    is_reversal = pl.col("kind") == EventKind.REVERSAL.value
    reversals = numbered.filter(is_reversal)
    result = np.full(len(frame), -1, np.int64)
    if reversals.is_empty():
        return result
    named = reversals["reverses"].unique().to_list()
    payments = numbered.filter(~is_reversal & pl.col("reference").is_in(named))
    found = reversals.join(
        payments.select("lease", reverses="reference", target="row"), on=["lease", "reverses"]
    )
    result[found["row"].to_numpy()] = found["target"].to_numpy()
    return result
