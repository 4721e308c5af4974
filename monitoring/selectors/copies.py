"""The book of everything that was copied: leases and bank lines, from verified entries alone.

Built once, then kept up to date with what arrived since: an entry of a copy never changes.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

import numpy as np
import numpy.typing as npt
import polars as pl

from ledger.exchange.selectors import (
    replica_entries,
    replica_items,
    replica_payloads,
    replicas,
)
from monitoring.book import Book
from monitoring.models import AssetPerformance
from origination.domain.allocation_columns import EVENT_SCHEMA
from origination.domain.schedule_columns import TermColumns, schedule_columns

TERMS = (
    "contract_number",
    "currency",
    "financed_amount_minor",
    "rent_minor",
    "annual_nominal_rate",
    "term_months",
    "first_payment_on",
    "maturity_on",
    "rent_pattern",
    "rent_timing",
    "residual_minor",
    "residual_kind",
)
_LEASE_SCHEMA = dict.fromkeys(("lease_rid", "lessor_id", "pool_id", *TERMS), pl.String)
_CHUNK = 5_000
_INSTANT = "%Y-%m-%dT%H:%M:%S%.6fZ"


def _no_leases() -> pl.DataFrame:
    return pl.DataFrame(schema=_LEASE_SCHEMA)


def _no_events() -> pl.DataFrame:
    return pl.DataFrame(schema=EVENT_SCHEMA)


@dataclass
class CopiedBook:
    """Leases in the order in which they arrived; `events.lease` holds positions among them."""

    leases: pl.DataFrame = field(default_factory=_no_leases)
    events: pl.DataFrame = field(default_factory=_no_events)
    _read: dict[UUID, int] = field(default_factory=dict)
    _places: dict[str, int] = field(default_factory=dict)

    def refresh(self) -> npt.NDArray[np.int64]:
        """Read what arrived since; positions of the leases that are new or have new bank lines."""
        touched = [np.zeros(0, np.int64)]
        for replica in replicas():
            start = self._read.get(replica.source, 0)
            touched.append(self._take_leases(replica.source, start, replica.size))
            touched.append(self._take_lines(replica.source, start, replica.size))
            self._read[replica.source] = replica.size
        return np.unique(np.concatenate(touched))

    def _entries(self, source: UUID, kind: str, start: int, stop: int) -> list[int]:
        found = replica_entries(source).filter(kind=kind, index__gte=start, index__lt=stop)
        return list(found.values_list("index", flat=True))

    def _take_leases(self, source: UUID, start: int, stop: int) -> npt.NDArray[np.int64]:
        first = len(self.leases)
        indexes = self._entries(source, "lease.recorded", start, stop)
        for at in range(0, len(indexes), _CHUNK):
            part = indexes[at : at + _CHUNK]
            entries = replica_entries(source).filter(index__in=part)
            rids = {index: str(rid) for index, rid in entries.values_list("index", "rid")}
            payloads = replica_payloads(source, part)
            shared = [index for index in part if index in payloads]
            rows = _lease_rows(
                [rids[index] for index in shared], source, [payloads[i].fields for i in shared]
            )
            self._places.update(
                {rid: len(self._places) + n for n, rid in enumerate(rows["lease_rid"])}
            )
            self.leases = self.leases.vstack(rows)
        return np.arange(first, len(self.leases))

    def _take_lines(self, source: UUID, start: int, stop: int) -> npt.NDArray[np.int64]:
        batches = self._entries(source, "payments.batch", start, stop)
        parts = [self._lines(replica_items(source, index)) for index in batches]
        fresh = pl.concat([_no_events(), *parts])
        self.events = self.events.vstack(fresh)
        return fresh["lease"].unique().to_numpy()

    def _lines(self, items: Mapping[str, list[str]]) -> pl.DataFrame:
        if not items:
            return _no_events()
        frame = pl.DataFrame(dict(items))
        places = pl.DataFrame(
            {"lease_rid": list(self._places), "lease": list(self._places.values())},
            schema={"lease_rid": pl.String, "lease": pl.Int64},
        )
        known = frame.join(places, on="lease_rid", maintain_order="left")
        return known.select(
            "lease",
            "kind",
            pl.col("amount_minor").cast(pl.Int64),
            pl.col("effective_at").str.slice(0, 10).str.to_date("%Y-%m-%d").alias("effective_on"),
            pl.col("known_at").str.to_datetime(_INSTANT, time_unit="us", time_zone="UTC"),
            pl.col("bank_reference").alias("reference"),
            "reverses",
        )

    def whole(self) -> Book:
        """Every lease."""
        return Book(self.leases, self.events)

    def due_for_a_roll(
        self, *, touched: npt.NDArray[np.int64], since: date, as_of: date
    ) -> npt.NDArray[np.int64]:
        """Positions whose standing may have changed after `since`, the day of the last roll.

        Money arrived, a rental fell due or overdue, or the lease was late already (its days past
        due go on counting).
        """
        receivables = schedule_columns(TermColumns.of_frame(self.leases))
        first = (since - timedelta(days=1) - date(1970, 1, 1)).days
        last = (as_of - date(1970, 1, 1)).days
        fell = np.flatnonzero((receivables.due >= first) & (receivables.due <= last))
        owner = np.searchsorted(receivables.offsets, fell, side="right") - 1
        late = AssetPerformance.objects.filter(days_past_due__gt=0).values_list("pk", flat=True)
        places = [self._places[str(rid)] for rid in late if str(rid) in self._places]
        return np.unique(np.concatenate([touched, owner, np.array(places, np.int64)]))

    def part(self, positions: npt.NDArray[np.int64]) -> Book:
        """Some leases only."""
        place = pl.DataFrame(
            {"lease": positions, "own": np.arange(len(positions))},
            schema={"lease": pl.Int64, "own": pl.Int64},
        )
        events = self.events.join(place, on="lease", maintain_order="left")
        own = events.with_columns(pl.col("own").alias("lease")).select(self.events.columns)
        return Book(self.leases[positions], own)


def _lease_rows(
    rids: list[str], source: UUID, records: Iterable[Mapping[str, str]]
) -> pl.DataFrame:
    columns: dict[str, list[str | None]] = {name: [] for name in TERMS}
    for record in records:
        for name in TERMS:
            columns[name].append(record.get(name))
    own = {"lease_rid": rids, "lessor_id": [str(source)] * len(rids), "pool_id": [None] * len(rids)}
    return pl.DataFrame({**own, **columns}, schema=_LEASE_SCHEMA)
