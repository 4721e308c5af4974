"""Records of leases with what was agreed since, for reports of a month."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

import polars as pl

from origination.domain.life.machine import Move
from origination.domain.schedule import RATE_SCALE, Receivable, terms_of
from origination.domain.schedule_columns import ReceivableColumns
from origination.domain.servicing.agreed import newest_version
from origination.domain.servicing.amending import Change, Version
from origination.models import LifeStep
from origination.selectors.servicing import changes_of

_OF_THE_LESSEE = ("credit_score", "lessee_income_monthly_minor", "employment")


def as_agreed(
    frame: pl.DataFrame,
    receivables: ReceivableColumns,
    first: date,
    last: date,
    known_at: datetime,
) -> tuple[pl.DataFrame, ReceivableColumns]:
    """Contracts as they were changed: schedules, rent, rate, end, and whether in these days.

    The term stays the original one. Where another lessee took a lease over, what the record tells
    of the one before (score, income, employment) is left out.
    """
    agreed = {str(rid): changes for rid, changes in changes_of(None, known_at=known_at).items()}
    rows = frame.with_row_index("place").filter(pl.col("rid").is_in(list(agreed)))
    versions: dict[int, Version] = {}
    told = []
    for row in rows.iter_rows(named=True):
        changes = agreed[row["rid"]]
        versions[row["place"]] = version = newest_version(terms_of(row), changes)
        told.append(_told(row["rid"], version, changes, first, last))
    others = LifeStep.objects.filter(move=Move.TRANSFER.value, at__lte=known_at)
    passed_on = [str(rid) for rid in others.values_list("rid", flat=True)]
    frame = frame.with_columns(
        *(
            pl.when(pl.col("rid").is_in(passed_on)).then(None).otherwise(pl.col(name)).alias(name)
            for name in _OF_THE_LESSEE
        ),
        modified=pl.lit(False),
    )
    if told:
        frame = frame.update(pl.DataFrame(told), on="rid", how="left")
    schedules: dict[int, Sequence[Receivable]] = {
        place: version.receivables for place, version in versions.items()
    }
    return frame, receivables.with_schedules(schedules)


def _told(
    rid: str | UUID, version: Version, changes: Sequence[Change], first: date, last: date
) -> dict[str, object]:
    return {
        "rid": str(rid),
        "rent_minor": str(version.rent_minor),
        "annual_nominal_rate": str(Decimal(version.rate_scaled) / RATE_SCALE),
        "maturity_on": version.maturity_on.isoformat(),
        "modified": any(first <= change.on <= last for change in changes),
    }
