"""Schedules: published numbers, exact sums, and columns that equal the scalar reference."""

from datetime import date
from decimal import Decimal

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from origination.domain.months import add_months, add_months_columns, date_of, days_of
from origination.domain.schedule import (
    LeaseTerms,
    Pattern,
    ReceivableKind,
    ResidualKind,
    Timing,
    first_rent,
    level_rent,
    schedule,
)
from origination.domain.schedule_columns import (
    KIND_CODES,
    TermColumns,
    scaled_rates,
    schedule_columns,
)
from tests.origination.strategies import lease_terms


@given(lease_terms())
def test_a_schedule_repays_exactly_what_was_financed(terms: LeaseTerms) -> None:
    rows = schedule(terms)
    assert sum(row.principal_minor for row in rows) == terms.financed_minor
    assert [row.number for row in rows] == list(range(1, len(rows) + 1))
    rents = [row for row in rows if row.kind is ReceivableKind.RENT]
    assert len(rents) == terms.term_months
    assert rents[0].amount_minor == pytest.approx(terms.rent_minor, abs=terms.term_months + 1)
    if terms.pattern is not Pattern.LEVEL_PRINCIPAL:
        assert {row.amount_minor for row in rents[:-1]} <= {terms.rent_minor}
    residuals = [row.amount_minor for row in rows if row.kind is not ReceivableKind.RENT]
    assert residuals == ([terms.residual_minor] if terms.residual_minor else [])


@settings(max_examples=40)
@given(st.lists(lease_terms(), min_size=1, max_size=8))
def test_columns_equal_the_scalar_schedule(terms: list[LeaseTerms]) -> None:
    columns = schedule_columns(TermColumns.of_terms(terms))
    assert not columns.unfit.any()
    for i, lease in enumerate(terms):
        own = slice(columns.offsets[i], columns.offsets[i + 1])
        expected = [
            (days_of(r.due_on), r.interest_minor, r.principal_minor, KIND_CODES[r.kind])
            for r in schedule(lease)
        ]
        assert expected == list(
            zip(
                columns.due[own].tolist(),
                columns.interest[own].tolist(),
                columns.principal[own].tolist(),
                columns.kind[own].tolist(),
                strict=True,
            )
        )


def _terms(**changes: object) -> LeaseTerms:
    values = {
        "financed_minor": 1_500_000,
        "rent_minor": 30_415,
        "annual_nominal_rate": Decimal("0.08"),
        "term_months": 60,
        "first_payment_on": date(2024, 1, 31),
        "maturity_on": date(2028, 12, 31),
    }
    return LeaseTerms(**{**values, **changes})  # type: ignore[arg-type]


def test_a_rent_that_does_not_fit_is_refused_by_both() -> None:
    for bad in (_terms(rent_minor=5_000), _terms(rent_minor=90_000)):
        with pytest.raises(ValueError, match="rent does not fit"):
            schedule(bad)
        columns = schedule_columns(TermColumns.of_terms([_terms(), bad, _terms()]))
        assert columns.unfit.tolist() == [False, True, False]
        assert np.diff(columns.offsets).tolist() == [60, 0, 60]
    with pytest.raises(ValueError, match="residual is above"):
        schedule(_terms(residual_minor=1_500_001))


def test_due_days_keep_the_first_day_where_the_month_has_it() -> None:
    due = [row.due_on.isoformat() for row in schedule(_terms())[:4]]
    assert due == ["2024-01-31", "2024-02-29", "2024-03-31", "2024-04-30"]


@given(st.dates(date(1990, 1, 1), date(2080, 1, 1)), st.integers(0, 200))
def test_months_in_columns_equal_months_one_by_one(start: date, months: int) -> None:
    days = add_months_columns(np.array([days_of(start)], np.int32), np.array([months]))
    assert date_of(days[0]) == add_months(start, months)


def test_numpy_financial_payments() -> None:
    pay = {"financed_minor": 1_500_000, "term_months": 60}
    assert level_rent(annual_nominal_rate=Decimal("0.08"), **pay) == 30415
    assert level_rent(annual_nominal_rate=Decimal(0), **pay) == 25000


#: QuantLib, amortizingbond test: 100 over 360 months at 0, 1, … 12 %.
QUANTLIB = [0.277777778, 0.321639520, 0.369619473, 0.421604034, 0.477415295, 0.536821623]
QUANTLIB += [0.599550525, 0.665302495, 0.733764574, 0.804622617, 0.877571570, 0.952323396]
QUANTLIB += [1.028612597]


@pytest.mark.parametrize(("percent", "payment"), list(enumerate(QUANTLIB)))
def test_quantlib_amortising_bond(percent: int, payment: float) -> None:
    rent = level_rent(
        financed_minor=10**9, annual_nominal_rate=Decimal(percent).scaleb(-2), term_months=360
    )
    assert rent == pytest.approx(payment * 1e7, abs=0.6 + 0.01)


def test_flat_fee_first_row_of_hastructure() -> None:
    rent = first_rent(
        pattern=Pattern.FLAT_FEE,
        financed_minor=100_000,
        annual_nominal_rate=Decimal("0.214572"),
        term_months=12,
        flat_rate_monthly=Decimal("0.01"),
    )
    flat = _terms(financed_minor=100_000, rent_minor=rent, term_months=12, pattern=Pattern.FLAT_FEE)
    first = schedule(flat)[0]
    assert (first.principal_minor, first.interest_minor) == (8333, 1000)
    assert sum(row.interest_minor for row in schedule(flat)) == 12_000


def test_a_lease_in_advance_ends_at_its_residual() -> None:
    terms = _terms(
        rent_minor=level_rent(
            financed_minor=1_500_000,
            annual_nominal_rate=Decimal("0.08"),
            term_months=36,
            residual_minor=300_000,
            timing=Timing.ADVANCE,
        ),
        term_months=36,
        timing=Timing.ADVANCE,
        residual_minor=300_000,
        residual_kind=ResidualKind.UNGUARANTEED,
        maturity_on=date(2027, 1, 31),
    )
    rows = schedule(terms)
    assert rows[0].interest_minor == 0
    assert rows[-1].kind is ReceivableKind.OPTION
    assert (rows[-1].amount_minor, rows[-1].principal_minor) == (300_000, 298_013)
    assert abs(rows[-2].amount_minor - terms.rent_minor) <= 36


def test_rates_become_millionths_without_a_float() -> None:
    assert scaled_rates(pl.Series(["0.089512", "0.1", "0", "1.5"])).tolist() == [
        89512,
        100_000,
        0,
        1_500_000,
    ]
    with pytest.raises(ValueError, match="six decimals"):
        _ = _terms(annual_nominal_rate=Decimal("0.0895121")).rate_scaled
