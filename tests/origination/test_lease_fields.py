"""Lease fields: each thing that can be wrong is named, in one record and in columns alike."""

import re
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum.cn import ric, uscc

from origination.domain import identifiers
from origination.domain.lease_fields import (
    FIELDS,
    Severity,
    check,
    field_error,
    find,
    find_columns,
    find_duplicates,
)
from origination.domain.lease_fields.findings import BADLY_WRITTEN, WORDS
from tenants.problems import Invalid
from tests.origination.records import checked_vin, lease_record, resident_number


def codes(record: dict[str, str]) -> list[tuple[str, str]]:
    return [(finding.field, finding.code) for finding in find(record)]


def test_a_good_record_has_no_findings() -> None:
    assert codes(lease_record()) == []
    check(lease_record())


WRONG = [
    ("vin", checked_vin(7)[:8] + "A" + checked_vin(7)[9:], "vin_check_digit"),
    ("vin", "WVWZZZ1KZ6W000001", "vin_check_digit_unsure"),
    ("vin", "LSVAB12C0PW0O0001", "not_vin"),
    ("lessee_id_number", resident_number(1)[:17] + "0", "identity_check_digit"),
    ("lessee_id_number", "110101199013071234", "not_identity"),
    ("rent_minor", "-476482", "negative"),
    ("fee_minor", "12.50", "not_minor"),
    ("financed_amount_minor", "0", "out_of_range"),
    ("financed_amount_minor", "0015", "not_minor"),
    ("residual_minor", "20000001", "residual_above_price"),
    ("originated_on", "2024-02-16", "dates_out_of_order"),
    ("maturity_on", "2023-02-15", "dates_out_of_order"),
    ("first_payment_on", "2024-02-30", "not_date"),
    ("term_months", "24", "term_unlike_dates"),
    ("energy", "steam", "unknown_code"),
    ("province", "99", "unknown_code"),
    ("credit_score", "901", "out_of_range"),
    ("annual_nominal_rate", "8.95", "rate_too_high"),
    ("annual_nominal_rate", "0.08950001", "not_rate"),
    ("rent_minor", "400000", "rent_unlike_terms"),
    ("fee_minor", "4000000", "cost_above_cap"),
    ("deposit_minor", "15000001", "deposit_above_financed"),
    ("vehicle_price_minor", "12000000", "financed_above_value"),
    ("lessee_name", " 李", "not_text"),
    ("lessee_name", "x" * 81, "too_long"),
    ("lessee_name", "", "required"),
    ("colour", "red", "unknown_field"),
    ("currency", "RMB¥", "not_currency"),
    ("photo_sha256", "AB", "not_sha256"),
    ("lessee_phone", "call me", "not_phone"),
]


@pytest.mark.parametrize(("field", "text", "code"), WRONG)
def test_each_mistake_is_named(field: str, text: str, code: str) -> None:
    found = {finding.code: finding for finding in find(lease_record(**{field: text}))}
    assert code in found
    words = field_error(found[code]).as_dict()
    assert words["detail"] and words["mend"]
    assert "%(" not in words["detail"] + words["mend"]


def test_a_leaseback_may_not_be_financed_above_the_appraised_value() -> None:
    record = lease_record(product="sale_leaseback", vehicle_price_minor="14999999")
    assert codes(record) == [("financed_amount_minor", "financed_above_value")]
    assert codes(lease_record(vehicle_price_minor="14999999")) == []


def test_everything_wrong_is_said_at_once() -> None:
    record = lease_record(vin="X", rent_minor="-1", energy="steam", first_payment_on="soon")
    assert codes(record) == [
        ("vin", "not_vin"),
        ("energy", "unknown_code"),
        ("rent_minor", "negative"),
        ("first_payment_on", "not_date"),
    ]


def test_a_foreign_vin_without_a_check_digit_has_to_be_confirmed() -> None:
    record = lease_record(vin="WVWZZZ1KZ6W000001")
    assert [finding.severity for finding in find(record)] == [Severity.WARNING]
    with pytest.raises(Invalid) as refusal:
        check(record)
    assert [error.code for error in refusal.value.errors] == ["vin_check_digit_unsure"]
    check(record, confirmed={"vin"})


def test_identity_numbers_agree_with_stdnum() -> None:
    for serial in range(200):
        number = resident_number(serial)
        assert ric.validate(number) == number
    for body in ("91110000600037341", "9144030071526726X", "91310000132259543"):
        code = body[:17] + identifiers.credit_code_check_digit(body)
        assert uscc.validate(code) == code
    assert codes(lease_record(lessee_kind="company", lessee_id_number="91110000600037341L")) == []


def test_the_published_vin_checks() -> None:
    assert identifiers.vin_check_digit("1M8GDM9AXKP042788") == "X"
    assert identifiers.vin_check_digit("11111111111111111") == "1"


def test_duplicates_name_every_row_concerned() -> None:
    frame = pl.DataFrame([lease_record(1), lease_record(2), lease_record(1)])
    found = find_duplicates(frame, ["contract_number", "vin"])
    assert sorted(found.rows()) == [
        (0, "contract_number", "duplicate"),
        (0, "vin", "duplicate"),
        (2, "contract_number", "duplicate"),
        (2, "vin", "duplicate"),
    ]


TEXTS = st.sampled_from(
    ["", "0", "-0", "1", "-1", "12.5", "0.05", "1.000001", "x y", "x\ny", " x", "x\u2028", "９"]
    + ["999999999999", "1000000000000", "2024-02-29", "2023-02-29", "2024-13-01", "0001-01-01"]
    + ["person", "company", "used", "level_principal", "flat_fee", "advance", "sale_leaseback"]
    + ["WVWZZZ1KZ6W000001", "LSVAB12C0PW000001", resident_number(5), resident_number(5)[:17] + "A"]
    + ["91110000600037341L", "911100006000373410", "-0.000000", "36", "37", "490000", "15000000"]
)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.dictionaries(st.sampled_from([spec.name for spec in FIELDS] + ["colour"]), TEXTS),
        min_size=1,
        max_size=6,
    )
)
def test_columns_find_what_the_scalar_check_finds(changes: list[dict[str, str]]) -> None:
    records = [{**lease_record(i + 1), **change} for i, change in enumerate(changes)]
    schema = sorted({name for record in records for name in record})
    frame = pl.DataFrame(
        [{name: record.get(name) for name in schema} for record in records],
        schema=dict.fromkeys(schema, pl.String),
    )
    found = find_columns(frame)
    for i, record in enumerate(records):
        own = found.filter(pl.col("row") == i)
        assert list(zip(own["field"], own["code"], strict=True)) == codes(record)


def test_the_fields_are_those_of_the_documented_entry() -> None:
    text = Path(__file__).parents[2].joinpath("docs/entries.md").read_text(encoding="utf-8")
    section = text.split("## lease.recorded")[1].split("\n## ")[0]
    documented = []
    for line in section.splitlines():
        cells = [cell.strip() for cell in line.split("|")]
        if len(cells) > 3 and cells[1].startswith("`"):
            names = re.findall(r"`([a-z0-9_]+)`", cells[1])
            documented += [(name, cells[2] == "yes") for name in names]
    assert documented == [(spec.name, spec.required) for spec in FIELDS]


def test_every_code_has_words() -> None:
    assert set(BADLY_WRITTEN.values()) <= set(WORDS)
