"""The leases that are watched and the money they paid, as two frames."""

from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
import numpy.typing as npt
import polars as pl

from monitoring.performance.figures import DefaultColumns
from monitoring.performance.roll_forward import Standing, stand
from origination.domain.servicing.payment_columns import PaymentColumns
from pools.contracts import receivables_of, states_of

#: States of a lease's life in which it is in default, however its rentals stand.
LOST = frozenset({"repossessed", "written_off"})


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
            receivables_of(self.leases, until=known_at),
            PaymentColumns.of_frame(self.events),
            as_of=as_of,
            known_at=known_at,
            defaults_before=defaults_before,
            lost=self._lost(as_of),
        )

    def _lost(self, as_of: date) -> npt.NDArray[np.bool_]:
        """Leases whose vehicle was repossessed or that were written off by a day."""
        day = as_of.isoformat()
        states = states_of(self.leases)
        return np.array([s is not None and s[0] in LOST and s[1] <= day for s in states], np.bool_)


def day_number(day: date | None) -> int:
    """Days since 1970-01-01, -1 for none."""
    return -1 if day is None else int(np.datetime64(day, "D").astype(np.int64))
