"""What a pool's price knew: which bank lines stood behind it, and when the others became known.

Pure. A pool is chosen and priced from the balances of a screening run: lines that took effect and
were known by the end of the cut-off day, as far as the trust had verified them when it screened.
Every other line of before the cut-off is late: it counts from the day on which the trust had it, so
that each yuan counts in exactly one place, the price or one period.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import polars as pl

from origination.domain.servicing.events import EventKind


@dataclass(frozen=True, slots=True)
class Strike:
    """The cut-off of a price and the instant of its screening (aware)."""

    cut_off: date
    screened_at: datetime

    @property
    def first_day(self) -> date:
        """The first day whose money is the pool's."""
        return self.cut_off + timedelta(days=1)

    @property
    def known_at(self) -> datetime:
        """The last instant that counts as known on the cut-off day: 24:00 UTC."""
        return datetime.combine(self.first_day, time(), UTC)


def late_on(events: pl.DataFrame, strike: Strike) -> pl.Series:
    """For each event the day from which it counts where the price did not know it, else null.

    `events` has `servicing.columns.EVENT_SCHEMA` and `anchored_at`. Late are payments of before
    the cut-off, and reversals of payments that the price counted; any other reversal takes its
    payment out of every period.
    """
    reversal = pl.col("kind") == EventKind.REVERSAL.value
    before = pl.col("effective_on") <= strike.cut_off
    priced = (
        before
        & (pl.col("known_at") <= strike.known_at)
        & (pl.col("anchored_at") <= strike.screened_at)
    )
    counted = events.filter(priced & ~reversal).select(
        "lease", reverses="reference", counted=pl.lit(True)
    )
    day = pl.max_horizontal(pl.col("anchored_at").dt.date(), pl.lit(strike.first_day))
    is_late = ~priced & pl.when(reversal).then(pl.col("counted").is_not_null()).otherwise(before)
    joined = events.join(counted, on=["lease", "reverses"], how="left", maintain_order="left")
    return joined.select(late_on=pl.when(is_late).then(day)).to_series()
