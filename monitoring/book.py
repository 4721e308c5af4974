"""The leases that are watched and the money they paid, as two frames."""

from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
import polars as pl

from monitoring.performance.figures import DefaultColumns
from monitoring.performance.roll_forward import Standing, stand
from origination.domain.schedule_columns import TermColumns, schedule_columns
from origination.domain.servicing.payment_columns import PaymentColumns


@dataclass(frozen=True)
class Book:
    """`leases`: the terms of `lease.recorded` as text, and `lease_rid`, `lessor_id`, `pool_id`
    (text, null for none), `contract_number`, `currency`; one row a lease.

    `events`: payment events in the columns and types of `payment_columns.EVENT_SCHEMA`, where
    `lease` is the position of the lease in `leases`. A line that stands there twice counts once.
    """

    leases: pl.DataFrame
    events: pl.DataFrame

    def __len__(self) -> int:
        return self.leases.height

    def standing(
        self, *, as_of: date, known_at: datetime, defaults_before: DefaultColumns
    ) -> Standing:
        """How every lease stands at the end of a day, from what was known by an instant."""
        return stand(
            schedule_columns(TermColumns.of_frame(self.leases)),
            PaymentColumns.of_frame(self.events),
            as_of=as_of,
            known_at=known_at,
            defaults_before=defaults_before,
        )


def day_number(day: date | None) -> int:
    """Days since 1970-01-01, -1 for none."""
    return -1 if day is None else int(np.datetime64(day, "D").astype(np.int64))
