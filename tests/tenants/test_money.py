"""Money: exact, rounded once, and splits that add up."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenants.money import LIMIT, Money, allocate, allocate_minor, round_half_up

WEIGHTS = st.lists(st.integers(0, 10**9), min_size=1, max_size=40).filter(any)
MINOR = st.integers(-(10**18), 10**18)


@given(MINOR, st.sampled_from(["CNY", "JPY", "KWD", "CLF"]))
def test_minor_units_travel_there_and_back(minor: int, currency: str) -> None:
    assert Money.from_minor(minor, currency).minor == minor


@settings(max_examples=80)
@given(MINOR, WEIGHTS)
def test_a_split_adds_up_and_stays_within_one_unit(total: int, weights: list[int]) -> None:
    parts = allocate_minor(total, weights)
    assert sum(parts) == total
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - Fraction(total) * weight / sum(weights)) < 1


def test_the_earlier_part_takes_the_odd_unit() -> None:
    parts = allocate(Money.from_minor(100), [1, 1, 1])
    assert [part.minor for part in parts] == [34, 33, 33]


@pytest.mark.parametrize("weights", [[], [0, 0], [1, -1]])
def test_impossible_weights_are_refused(weights: list[int]) -> None:
    with pytest.raises(ValueError, match="weight"):
        allocate_minor(100, weights)


@pytest.mark.parametrize(
    ("exact", "booked"),
    [("0.005", "0.01"), ("0.0049999999999999999999999999999999999999999", "0.00")]
    + [("-0.005", "-0.01"), ("2.675", "2.68"), ("1.234", "1.23")],
)
def test_half_goes_up_once(exact: str, booked: str) -> None:
    assert Money.rounded(Decimal(exact)).amount == Decimal(booked)


def test_a_finer_amount_than_the_minor_unit_is_refused() -> None:
    with pytest.raises(ValueError, match="round once"):
        Money(Decimal("1.005"))
    with pytest.raises(ValueError, match="round once"):
        Money(Decimal("1.5"), "JPY")


def test_floats_infinities_and_wrong_currencies_are_refused() -> None:
    with pytest.raises(TypeError, match="never float"):
        Money(1.5)  # type: ignore[arg-type]
    for amount in (Decimal("NaN"), Decimal("Infinity"), LIMIT):
        with pytest.raises(ValueError, match="no amount"):
            Money(amount)
    with pytest.raises(ValueError, match="ISO 4217"):
        Money(Decimal(1), "yuan")
    with pytest.raises(ValueError, match="do not add up"):
        Money.from_minor(1, "CNY") + Money.from_minor(1, "USD")


def test_arithmetic_and_the_written_form() -> None:
    total = Money.from_minor(123456) * 2 - Money.from_minor(12)
    assert str(total) == "CNY 2,469.00"
    assert str(Money.from_minor(-1500, "JPY")) == "JPY -1,500"
    assert Money(Decimal("-0.00")) == Money.from_minor(0)
    assert round_half_up(Decimal("0.15"), 1) == Decimal("0.2")
