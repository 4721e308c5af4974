"""Files of others: recognised by their header, read exactly, and honest about what they lack."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from origination.domain.dialects import BY_CODE, DIALECTS, finding_words, read, recognise
from origination.domain.lease_fields import BY_NAME, FIELDS, Finding

LOANS, CARS, ENDS = (BY_CODE[code] for code in ("auto_loans", "used_cars", "lease_terminations"))
CAR = {
    "price": "9400",
    "model_year": "2011",
    "model": "bmw x5",
    "condition": "good",
    "fuel": "gas",
    "odometer": "145000",
    "is_4wd": "1",
    "date_posted": "6/23/2018",
    "days_listed": "19",
}
LOAN = {
    "assetNumber": "19406600",
    "originationDate": "01/2016",
    "originalFirstPaymentDate": "02/2016",
    "loanMaturityDate": "03/2022",
    "originalLoanAmount": "13649.18",
    "originalLoanTerm": "73",
    "remainingTermtoMaturityNumber": "56",
    "originalInterestRatePercentage": "0.0704",
    "vehicleManufacturerName": "HOND",
    "vehicleModelName": "CIVIC               ",
    "vehicleNewUsedCode": "2",
    "vehicleModelYear": "2012",
    "vehicleValueAmount": "10975",
    "obligorCreditScore": "694",
    "paymentToIncomePercentage": "0.1165",
    "obligorGeographicLocation": "FL",
    "reportingPeriodActualEndBalanceAmount": "11281.5",
    "reportingPeriodScheduledPaymentAmount": "232.96",
    "currentDelinquencyStatus": "0",
    "BAL1": "NA",
    "BAL2": "-0.01",
    "initialLoanAge": "17",
    "X": "18",
    "C": "0",
    "D": "0",
    "R": "1",
}


def found(dialect, row, **changes):
    """(field, code) of everything wrong with one row."""
    reading = read(dialect, pl.DataFrame([row | changes]))
    return list(reading.findings.select("field", "code").iter_rows())


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.code)
def test_a_dialect_accounts_for_every_field_that_a_lease_must_have(dialect):
    required = {spec.name for spec in FIELDS if spec.required}
    assert required == {*dialect.gives, *dialect.lacks} - {
        name for name in dialect.gives if not BY_NAME[name].required
    }
    assert not set(dialect.gives) & set(dialect.lacks)
    assert set(dialect.gives.values()) <= {column.source for column in dialect.columns}
    assert all(dialect.lacks.values())


def test_headers_are_recognised_a_lease_tapes_is_not():
    assert recognise(list(LOAN)) is LOANS
    assert recognise(list(CAR)) is CARS
    assert recognise(["", "Zi", "Yi", "Di"]) is ENDS
    assert recognise([spec.name for spec in FIELDS]) is None
    assert recognise(["Zi", "Yi"]) is None
    assert recognise([name for name in LOAN if name != "vehicleModelName"]) is LOANS
    assert LOANS.missing([name for name in LOAN if name != "X"]) == ["X"]


def test_a_loan_is_read_to_the_cent_with_gaps_and_padding():
    reading = read(LOANS, pl.DataFrame([LOAN]))
    row = reading.table.row(0, named=True)
    assert (row["amount_minor"], row["balance_minor"]) == (1364918, 1128150)
    assert (row["model"], row["condition"]) == ("CIVIC", "used")
    assert str(row["originated_in"]) == "2016-01-01"
    assert (row["balance_minor_1"], row["balance_minor_2"]) == (None, -1)
    assert reading.findings.rows() == [(0, "BAL2", "below_zero")]
    assert len(reading.good()) == 1  # a warning refuses nothing


@pytest.mark.parametrize(
    ("changes", "finding"),
    [
        ({"originalLoanAmount": "-5"}, ("originalLoanAmount", "negative")),
        ({"originalLoanAmount": "1,000"}, ("originalLoanAmount", "not_amount")),
        ({"originalLoanAmount": "NA"}, ("originalLoanAmount", "required")),
        ({"loanMaturityDate": "01/2015"}, ("loanMaturityDate", "dates_out_of_order")),
        ({"originationDate": "13/2016"}, ("originationDate", "not_month")),
        ({"vehicleNewUsedCode": "3"}, ("vehicleNewUsedCode", "unknown_code")),
        ({"obligorCreditScore": "12"}, ("obligorCreditScore", "out_of_range")),
        ({"D": "1"}, ("D", "outcomes_disagree")),
        ({"originalInterestRatePercentage": "7.04"}, None),
    ],
)
def test_a_wrong_field_of_a_loan_is_named(changes, finding):
    expected = finding or ("originalInterestRatePercentage", "out_of_range")
    errors = found(LOANS, LOAN | {"BAL2": ""}, **changes)
    assert errors == [expected]
    words = finding_words(LOANS, Finding(*expected))
    assert words.detail and words.mend and "%(" not in str(words)


def test_the_same_loan_twice_is_named_on_both_rows():
    reading = read(LOANS, pl.DataFrame([LOAN, LOAN | {"assetNumber": "2"}, LOAN]))
    doubled = reading.findings.filter(pl.col("code") == "duplicate")
    assert doubled["row"].to_list() == [0, 2]


def test_a_placeholder_is_no_price_and_a_lease_does_not_end_before_it_was_seen():
    assert found(CARS, CAR) == []
    assert found(CARS, CAR, price="1") == [("price", "no_price")]
    assert found(CARS, CAR, odometer="") == []
    assert found(CARS, CAR, condition="as is") == [("condition", "unknown_code")]
    end = {"Zi": "23", "Yi": "6", "Di": "1"}
    assert found(ENDS, end) == []
    assert found(ENDS, end, Yi="24") == [("Yi", "months_out_of_order")]
    assert found(ENDS, end, Di="2") == [("Di", "not_flag")]


@given(st.integers(-(10**13), 10**13), st.sampled_from(["two", "short", "none"]))
def test_amounts_are_read_exactly(minor, decimals):
    sign, cents = ("-" if minor < 0 else ""), abs(minor)
    text = f"{sign}{cents // 100}.{cents % 100:02d}"
    if decimals == "short" and cents % 10 == 0:
        text = text[:-1]
    if decimals == "none" and cents % 100 == 0:
        text = text[:-3]
    table = read(LOANS, pl.DataFrame([LOAN | {"BAL1": text}])).table
    assert table["balance_minor_1"].to_list() == [minor]
