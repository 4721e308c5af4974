"""Contracts of shared leases as they were changed: their schedules and where their lives stand.

Pure. A lease is a row of `pools_asset` as text; its column `changes` is JSON, kept by
`pools.projection.changes`, and null where nothing was changed: then the others are the contract.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import polars as pl

from origination.domain.schedule import RATE_SCALE, Receivable, schedule, terms_of
from origination.domain.schedule_columns import ReceivableColumns, TermColumns, schedule_columns
from origination.domain.servicing.agreed import change_from, newest_version
from origination.domain.servicing.amending import Change

#: Columns that a change of the contract moves, and those of a schedule that none does.
TERMS = ("rent_minor", "annual_nominal_rate", "term_months", "maturity_on")
_SCHEDULE = (
    "financed_amount_minor", "first_payment_on", "rent_pattern", "rent_timing", "residual_minor",
    "residual_kind",
)  # fmt: skip


def receivables_of(
    leases: pl.DataFrame, *, until: datetime | None = None, by: str = "known_at"
) -> ReceivableColumns:
    """Every receivable of each lease, a row of `pools_asset` as text, in the order of the rows.

    `until`: changes that were known (`by="anchored_at"`: verified here) by an instant; None: all.
    """
    return schedule_columns(TermColumns.of_frame(leases)).with_schedules(
        changed_schedules(leases, until=until, by=by)
    )


def changed_schedules(
    leases: pl.DataFrame, *, until: datetime | None = None, by: str = "known_at"
) -> dict[int, Sequence[Receivable]]:
    """By position, the schedules of leases whose contract was changed; few of any book."""
    if "changes" not in leases.columns:
        return {}
    places = leases.with_row_index("place").filter(pl.col("changes").is_not_null())
    return {row["place"]: _schedule(row, until, by) for row in places.iter_rows(named=True)}


def _schedule(row: Mapping[str, Any], until: datetime | None, by: str) -> Sequence[Receivable]:
    changes = json.loads(row["changes"])
    terms = terms_of(recorded_terms(row, changes))
    made = changes_known(changes, by=by, until=until)
    return newest_version(terms, made).receivables if made else schedule(terms)


def as_known(
    leases: pl.DataFrame, *, until: datetime | None = None, by: str = "known_at"
) -> pl.DataFrame:
    """The rows with rent, rate and end of the contract as it was known, and the term as recorded.

    Reports of a day that is past tell what was known then, and the term is the original one.
    """
    if "changes" not in leases.columns or leases["changes"].null_count() == leases.height:
        return leases
    told = leases.select(*TERMS, *_SCHEDULE, "changes").rows(named=True)
    rows = [_as_known(row, until, by) for row in told]
    columns = pl.DataFrame(rows, schema=dict.fromkeys(TERMS, pl.String))
    return leases.with_columns(columns.get_columns())


def _as_known(row: Mapping[str, Any], until: datetime | None, by: str) -> dict[str, str]:
    if row["changes"] is None:
        return {name: row[name] for name in TERMS}
    changes = json.loads(row["changes"])
    recorded = recorded_terms(row, changes)
    told = {name: recorded[name] for name in TERMS}
    if made := changes_known(changes, by=by, until=until):
        version = newest_version(terms_of(recorded), made)
        told["rent_minor"] = str(version.rent_minor)
        told["annual_nominal_rate"] = str(Decimal(version.rate_scaled) / RATE_SCALE)
        told["maturity_on"] = version.maturity_on.isoformat()
    return told


def modified_between(
    leases: pl.DataFrame, start: date, last: date, *, until: datetime | None, by: str = "known_at"
) -> pl.Series:
    """Whether each contract was changed from a day to a day, by the days the changes count from."""
    texts = leases["changes"] if "changes" in leases.columns else [None] * leases.height
    days = (
        [change.on for change in changes_known(json.loads(text), by=by, until=until)]
        for text in (text or '{"made": []}' for text in texts)
    )
    found = [any(start <= day <= last for day in some) for some in days]
    return pl.Series("modified", found, dtype=pl.Boolean)


def states_of(leases: pl.DataFrame) -> list[tuple[str, str] | None]:
    """By position the state that a lease's moves led to and its day; None where it has none."""
    if "changes" not in leases.columns:
        return [None] * leases.height
    told = (None if text is None else json.loads(text) for text in leases["changes"])
    return [None if one is None else (one["state"], one["state_on"]) for one in told]


def changes_known(
    changes: Mapping[str, Any], *, by: str = "known_at", until: datetime | None = None
) -> list[Change]:
    """Those that change the schedule, by their number: `by` is `known_at` or `anchored_at`."""
    return [
        change_from(date.fromisoformat(made["on"]), made["facts"])
        for made in changes["made"]
        if made.get("counts") and (until is None or datetime.fromisoformat(made[by]) <= until)
    ]


def recorded_terms(row: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, str]:
    """The terms of `lease.recorded`, whose columns were changed since."""
    kept = {name: str(row[name]) for name in _SCHEDULE}
    return kept | {name: changes["terms"][name] for name in TERMS}
