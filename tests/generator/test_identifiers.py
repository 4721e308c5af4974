"""Bulk identifiers against the domain's scalar rules, one by one."""

import numpy as np
import pytest

from origination.domain.identifiers import (
    is_credit_code,
    is_resident_number,
    is_vin,
    vin_check_digit,
)
from origination.generator.identifiers import credit_codes, resident_numbers, scatter, vins
from origination.generator.vehicles import CATALOGUE

SERIALS = np.arange(0, 3_000_000, 997, dtype=np.int64)


def test_vins_carry_maker_year_and_check_digit():
    model = SERIALS % len(CATALOGUE)
    maker = np.array([row.wmi for row in CATALOGUE], dtype="S3")[model]
    descriptor = np.array([row.descriptor for row in CATALOGUE], dtype="S5")[model]
    numbers = vins(maker, descriptor, np.full(len(SERIALS), 2024), SERIALS).astype(str)
    assert all(is_vin(number) and number[8] == vin_check_digit(number) for number in numbers)
    assert {number[9] for number in numbers} == {"R"}  # 49 CFR 565: R is 2024
    assert [number[:3] for number in numbers] == maker.astype(str).tolist()


def test_vins_of_one_model_are_distinct():
    count = 1_200_000
    maker, descriptor = np.full(count, b"LSV"), np.full(count, b"NB2C1")
    numbers = vins(maker, descriptor, np.full(count, 2024), np.arange(count))
    assert len(np.unique(numbers)) == count


def test_resident_numbers_are_valid_distinct_and_nobodys():
    numbers, birthdays = resident_numbers(np.full(len(SERIALS), 44), SERIALS)
    assert all(is_resident_number(number) for number in numbers.astype(str))
    assert len(np.unique(numbers)) == len(SERIALS)
    assert {number[:6] for number in numbers} == {b"440000"}
    assert [number[6:14] for number in numbers.astype(str)[:50]] == [
        str(day).replace("-", "") for day in birthdays[:50]
    ]


def test_credit_codes_are_valid_and_distinct():
    numbers = credit_codes(np.full(5_000, 31), np.arange(5_000))
    assert all(is_credit_code(number) for number in numbers.astype(str))
    assert len(np.unique(numbers)) == 5_000


def test_scatter_is_one_to_one_and_refuses_what_is_not():
    assert sorted(scatter(np.arange(1_000), 1_000)) == list(range(1_000))
    with pytest.raises(ValueError, match="shares a factor"):
        scatter(np.arange(10), 7_368_787)
