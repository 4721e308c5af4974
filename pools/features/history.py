"""A portfolio's leases and payment events, ready to be asked what was known on any day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from origination.domain.months import days_of
from origination.domain.schedule_columns import ReceivableColumns, TermColumns
from origination.domain.servicing.payment_columns import PaymentColumns
from pools.contracts import receivables_of
from pools.features import columns
from pools.features.paid_days import Ints, PaidDays, SortedEvents, paid_days

#: Columns of the leases frame, beside the terms that `TermColumns.of_frame` reads.
LEASE_COLUMNS: Final = (
    "source", "dealer_code", "province", "credit_score", "lessee_income_monthly_minor",
    "employment", "energy", "product", "vehicle_use", "model_year", "odometer_km",
    "vehicle_price_minor", "deposit_minor", "lessee_id_number", "lessee_group",
    "originated_on", "known_at",
)  # fmt: skip
#: Of all days together that a history keeps: 8 bytes each.
_KEPT_PAID_DAYS: Final = 32_000_000


@dataclass(frozen=True, slots=True)
class Static:
    """Typed arrays of what never changes in a lease, (n,). NaN where a field was left out."""

    originated: Ints
    known: Ints
    matures: Ints
    dealer: Ints
    obligor: Ints
    region: npt.NDArray[np.float64]
    codes: Mapping[str, npt.NDArray[np.float64]]
    numbers: Mapping[str, npt.NDArray[np.float64]]


class History:
    """Leases (one row each, `LEASE_COLUMNS` and the terms) and their events (`EVENT_SCHEMA`).

    `events.lease` holds row positions in `leases`. Build once, then `at(day)` for each day wanted;
    `at` sees only entries known by the end of that day unless told a later `known_at`.
    """

    def __init__(self, leases: pl.DataFrame, events: pl.DataFrame) -> None:
        self.leases = leases
        self.terms = TermColumns.of_frame(leases)
        self.receivables: ReceivableColumns = receivables_of(leases)
        self.events = SortedEvents.of(PaymentColumns.of_frame(events))
        self.static = _static(leases, self.terms)
        self._seen: dict[tuple[int, int], PaidDays] = {}

    def __len__(self) -> int:
        return len(self.leases)

    def at(self, day: date, known_at: datetime | None = None) -> PaidDays:
        """Paid days of every receivable as of `day`, from entries known by `known_at`.

        Training and trials ask for the same few days many times: they are kept, a bounded share of
        memory. Nobody may write into what is answered.
        """
        asked = days_of(day), microseconds(known_at or end_of(day))
        if (found := self._seen.pop(asked, None)) is None:
            found = paid_days(self.receivables, self.events, day=asked[0], known=asked[1])
            if self._seen and (len(self._seen) + 1) * len(found.paid) > _KEPT_PAID_DAYS:
                del self._seen[next(iter(self._seen))]
        if len(found.paid) <= _KEPT_PAID_DAYS:
            self._seen[asked] = found  # the last asked for is the last to go
        return found


def end_of(day: date) -> datetime:
    """The last instant that counts as known on a day: 24:00 UTC."""
    return datetime.combine(day + timedelta(days=1), time(), UTC)


def microseconds(instant: datetime) -> int:
    """Microseconds since 1970 of an aware instant, exact."""
    return (instant - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def _static(leases: pl.DataFrame, terms: TermColumns) -> Static:
    def number(name: str) -> npt.NDArray[np.float64]:
        return leases[name].cast(pl.Float64).fill_null(np.nan).to_numpy().astype(np.float64)

    def code(name: str, words: tuple[str, ...]) -> npt.NDArray[np.float64]:
        text = leases[name].cast(pl.String)
        mapping = {word: float(index) for index, word in enumerate(words)}
        coded = text.replace_strict(mapping, default=None, return_dtype=pl.Float64)
        return coded.fill_null(np.nan).to_numpy().astype(np.float64)

    price = number("vehicle_price_minor")
    deposit = np.nan_to_num(number("deposit_minor"))
    originated = _days(leases["originated_on"])
    year = originated.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970
    person = leases["lessee_group"].fill_null(leases["lessee_id_number"])
    dealer = pl.concat_str([leases["source"].cast(pl.String), leases["dealer_code"].fill_null("")])
    return Static(
        originated=originated,
        known=leases["known_at"].dt.epoch("us").to_numpy().astype(np.int64),
        matures=terms.maturity.astype(np.int64),
        dealer=_dense(pl.select(dealer).to_series()),
        obligor=_dense(person),
        region=np.floor(leases["province"].cast(pl.Float64).to_numpy() / 10) - 1,
        codes={
            "employment": code("employment", columns.EMPLOYMENT),
            "energy": code("energy", columns.ENERGY),
            "product": code("product", columns.PRODUCT),
            "vehicle_use": code("vehicle_use", columns.VEHICLE_USE),
        },
        numbers={
            "loan_to_value": terms.financed / price,
            "rent_to_income": terms.rent / number("lessee_income_monthly_minor"),
            "credit_score": number("credit_score"),
            "annual_rate": terms.rate_scaled / 1e6,
            "term_months": terms.term.astype(np.float64),
            "vehicle_age_years": np.maximum(year - number("model_year"), 0.0),
            "deposit_share": deposit / terms.financed,
            "vehicle_price": price,
            "odometer_km": np.nan_to_num(number("odometer_km")),
        },
    )


def _days(dates: pl.Series) -> Ints:
    if dates.dtype == pl.String:
        dates = dates.str.to_date("%Y-%m-%d")
    return dates.cast(pl.Int32).to_numpy().astype(np.int64)


def _dense(labels: pl.Series) -> Ints:
    return labels.rank("dense").to_numpy().astype(np.int64) - 1
