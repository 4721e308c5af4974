"""Every lease that is past due on a day, from the replay of the whole book (`selectors.book`)."""

from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
import polars as pl

from origination.selectors.book import loaded_book


@dataclass(frozen=True)
class Overdue:
    """Columns of one length: `rid` (text), `days` past due, `arrears` (rent), `owed` (with late
    interest and fees), minor units."""

    rid: pl.Series
    days: list[int]
    arrears: list[int]
    owed: list[int]

    def __len__(self) -> int:
        return len(self.rid)


def overdue(*, as_of: date, known_at: datetime) -> Overdue:
    """What the servicing replay says of the day; nothing of it is kept."""
    leases, book = loaded_book(known_at)
    if book is None:
        return Overdue(pl.Series([], dtype=pl.String), [], [], [])
    state = book.state(as_of=as_of, known_at=known_at)
    late = np.flatnonzero(state.days_past_due > 0)
    owed = (
        state.arrears + state.late_interest - state.late_paid + state.fees - state.fees_paid
        + state.overdrawn
    )  # fmt: skip
    return Overdue(
        leases["rid"].gather(late),
        state.days_past_due[late].tolist(),
        state.arrears[late].tolist(),
        owed[late].tolist(),
    )
