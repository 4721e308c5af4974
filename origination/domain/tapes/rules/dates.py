"""Days beside days, and beside the vehicle's year."""

from typing import Final

import polars as pl

from origination.domain.tapes.reported import gettext_noop as _n
from origination.domain.tapes.rules.shape import E, N, Rule, W, lit, months

_begun, _first, _over = pl.col("originated_on"), pl.col("first_payment_on"), pl.col("maturity_on")
_year, _term = pl.col("model_year"), pl.col("term_months")
_is_new, _is_used = pl.col("condition") == "new", pl.col("condition") == "used"
_PLACEHOLDERS: Final = [
    pl.date(y, m, d) for y, m, d in ((1990, 1, 1), (1999, 12, 31), (2000, 1, 1))
]

RULES: Final = (
    Rule(
        "originated_in_future", E, "originated_on", _begun > pl.col("today"),
        _n("The lease begins after today."),
        _n("Write the day on which it began; a lease of tomorrow belongs on tomorrow's tape."),
    ),
    Rule(
        "placeholder_date", W, "originated_on",
        pl.any_horizontal(_begun == day for day in _PLACEHOLDERS),
        _n("The day looks like a placeholder of another system."),
        _n("Write the day that stands in the contract."),
    ),
    Rule(
        "first_payment_late", W, "first_payment_on", (_first - _begun).dt.total_days() > 100,
        _n("The first payment is more than three months after the beginning."),
        _n("Check both days; a payment holiday is told in its own field."),
    ),
    Rule(
        "advance_pays_late", W, "first_payment_on",
        (pl.col("rent_timing") == "advance") & ((_first - _begun).dt.total_days() > 45),
        _n("Rent is paid in advance, and the first is due more than a month after the beginning."),
        _n("Write the timing as arrears, or correct the day."),
    ),
    Rule(
        "arrears_pays_at_once", W, "first_payment_on",
        (pl.col("rent_timing") == "arrears") & (_first == _begun) & (_term > 1),
        _n("Rent is paid in arrears, and the first is due on the day of the beginning."),
        _n("Write the timing as advance, or correct the day."),
    ),
    Rule(
        "term_unlike_life", W, "term_months", (months(_begun, _over) - _term).abs() > 4,
        _n("From the beginning to maturity it is not the term."),
        _n("Check the three; an extended lease tells its extension in its own field."),
    ),
    Rule(
        "payment_day_moves", N, "maturity_on",
        ((_first.dt.day().cast(pl.Int32) - _over.dt.day().cast(pl.Int32)).abs() > 3)
        & (_first.dt.day() < 28) & (_over.dt.day() < 28),
        _n("Maturity falls on another day of the month than the payments."),
        _n("Compare both with the payment plan."),
    ),
    Rule(
        "very_short_term", N, "term_months", _term < 6,
        _n("The term is shorter than half a year."),
        _n("Check the unit: the term is in months."),
    ),
    Rule(
        "very_old_lease", N, "originated_on", _begun < lit("2005-01-01").str.to_date(),
        _n("The lease began before 2005."),
        _n("Check the century and the order of day and month."),
    ),
    Rule(
        "model_year_after_lease", E, "model_year", _year > _begun.dt.year() + 1,
        _n("The vehicle is of a later year than the lease."),
        _n("Read the model year from the registration certificate."),
    ),
    Rule(
        "old_new_vehicle", W, "model_year", _is_new & (_year < _begun.dt.year() - 2),
        _n("A new vehicle is of a model year three or more years before the lease."),
        _n("Write the vehicle as used, or correct its year."),
    ),
    Rule(
        "used_before_built", W, "model_year", _is_used & (_year > _begun.dt.year()),
        _n("A used vehicle is of a year after the lease began."),
        _n("Write the vehicle as new, or correct its year."),
    ),
    Rule(
        "vehicle_old_at_maturity", N, "model_year", _over.dt.year() - _year > 15,
        _n("At maturity the vehicle is older than fifteen years."),
        _n("Check the model year; its value will hardly cover the balance."),
    ),
)  # fmt: skip
