"""Columns understood from their headers and values, and read exactly as they are written."""

import io
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from origination.domain.lease_fields import find_columns
from origination.domain.tapes.mapping import (
    Place,
    TapeMapping,
    Written,
    apply_mapping,
    is_own,
    suggest,
)
from origination.domain.tapes.mapping.forms import in_form
from origination.domain.tapes.mapping.headers import SYNONYMS
from origination.domain.tapes.readers import open_tape
from origination.domain.tapes.reported import TARGETS
from origination.problems import NotATape
from tests.origination.records import lease_record
from tests.origination.tapes.files import CHINESE, chinese_tape, csv_of


def mapped(content):
    tape = open_tape(io.BytesIO(content))
    rows = pl.concat(tape.chunks())
    mapping = suggest(tape, rows)
    return mapping, apply_mapping(rows, mapping)


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_chinese_tape_is_read_like_the_record_that_it_was_made_of(encoding):
    records = [lease_record(i) for i in range(1, 30)]
    mapping, read = mapped(csv_of(chinese_tape(records), encoding))
    assert {place.column: place.field for place in mapping.places if place.field} == CHINESE
    assert mapping.missing() == [] and not is_own(mapping)
    assert find_columns(read.table).is_empty()
    assert [
        {name: text for name, text in row.items() if text is not None}
        for row in read.table.iter_rows(named=True)
    ] == records
    assert read.extra.columns == ["客户经理"]


def test_values_say_what_a_column_is_where_its_header_does_not():
    records = [lease_record(i, plate="粤B12345", lessee_phone="13800138000") for i in range(1, 30)]
    frame = pl.DataFrame(records).select(
        pl.col("vin").alias("f1"),
        pl.col("lessee_id_number").alias("f2"),
        pl.col("plate").alias("f3"),
        pl.col("lessee_phone").alias("f4"),
        pl.col("product").replace("direct_lease", "直租").alias("f5"),
        pl.lit("something").alias("f6"),
    )
    mapping, _read = mapped(csv_of(frame))
    found = {place.column: (place.field, place.why) for place in mapping.places}
    assert found == {
        "f1": ("vin", "values"), "f2": ("lessee_id_number", "values"), "f3": ("plate", "values"),
        "f4": ("lessee_phone", "values"), "f5": ("product", "values"), "f6": ("", ""),
    }  # fmt: skip


def test_a_header_that_its_values_speak_against_gives_way():
    frame = pl.DataFrame(
        {"车架号": ["粤B12345", "粤B12346", "粤B12347"],
         "底盘": [lease_record(i)["vin"] for i in (1, 2, 3)]}
    )  # fmt: skip
    mapping, _read = mapped(csv_of(frame))
    assert {place.column: place.field for place in mapping.places} == {
        "车架号": "plate", "底盘": "vin",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("header", "values", "form"),
    [
        ("月租金", ["4764.82", "4764"], Written.MAJOR),
        ("月租金", ["476482", "476400"], Written.MINOR),
        ("月租金", ["4764", "4765"], Written.MAJOR),
        ("车价（万元）", ["20", "15.5"], Written.WAN),
        ("rent (fen)", ["4764", "4765"], Written.MINOR),
        ("年利率", ["8.95", "9"], Written.PERCENT),
        ("年利率", ["8.95%", "9%"], Written.PERCENT),
        ("rate", ["0.0895", "0.09"], Written.FRACTION),
        ("租期", ["3年", "2年"], Written.YEARS),
        ("租期", ["36期", "24期"], Written.NUMBER),
        ("起租日", ["2024/1/5", "2024/12/31"], Written.DAY),
        ("start date", ["01/31/2024", "02/05/2024"], Written.DAY_US),
        ("start date", ["31/01/2024", "05/02/2024"], Written.DAY_EU),
        ("start date", ["45351", "45352"], Written.SERIAL),
        ("start date", ["02/2024", "12/2024"], Written.MONTH),
    ],
)
def test_how_values_are_written_is_seen(header, values, form):
    mapping, _read = mapped(csv_of(pl.DataFrame({header: values, "other": ["a", "b"]})))
    assert mapping.places[0].form is form


def _one(text, field, form):
    frame = pl.DataFrame({"v": [text]})
    return frame.select(in_form(pl.col("v"), TARGETS[field], form)).to_series()[0]


@given(st.decimals(min_value=0, max_value=10**9, places=2))
def test_yuan_and_wan_become_fen_without_a_float(amount):
    fen = str(int(amount * 100))
    assert _one(f"{amount:f}", "rent_minor", Written.MAJOR) == fen
    assert _one(f"¥{amount:,f}", "rent_minor", Written.MAJOR) == fen
    assert _one(f"{amount / 10_000:f}", "rent_minor", Written.WAN) == fen


@given(st.decimals(min_value=0, max_value=99, places=4))
def test_per_cent_becomes_a_fraction_exactly(rate):
    assert Decimal(_one(f"{rate:f}%", "annual_nominal_rate", Written.PERCENT)) == rate / 100


@pytest.mark.parametrize(
    ("text", "field", "form", "said"),
    [
        ("12.345", "rent_minor", Written.MAJOR, "12.345"),  # no fen is a tenth: left for its check
        ("abc", "rent_minor", Written.MAJOR, "abc"),
        ("-12.30", "rent_minor", Written.MAJOR, "-1230"),
        ("8.1234567", "annual_nominal_rate", Written.PERCENT, "0.081235"),
        ("2024年2月9日", "maturity_on", Written.DAY, "2024-02-09"),
        ("2024-02-09 00:00:00", "maturity_on", Written.DAY, "2024-02-09"),
        ("45351", "maturity_on", Written.SERIAL, "2024-02-29"),
        ("1.5", "odometer_km", Written.TENS, "15000"),
        ("广东省", "province", Written.CODE, "44"),
        ("steam", "energy", Written.CODE, "steam"),
        ("lsv ab12c-0pw000001", "vin", Written.IDENTITY, "LSVAB12C0PW000001"),
        ("NOT-A-VIN", "vin", Written.IDENTITY, "NOT-A-VIN"),
    ],
)
def test_what_is_not_of_its_form_stays_as_the_file_says_it(text, field, form, said):
    assert _one(text, field, form) == said


def test_no_data_is_told_apart_from_values_and_stays_told():
    frame = pl.DataFrame({"vin": ["ND1", " n/a ", "ND4-2024-01-01", "空", "V", "0"]})
    mapping = TapeMapping((Place("vin", "vin", Written.IDENTITY),), no_data=("N/A", "空"))
    read = apply_mapping(frame, mapping)
    assert read.table["vin"].to_list() == [None, None, None, None, "V", "0"]
    assert read.absent["code"].to_list() == ["ND1", "n/a", "ND4-2024-01-01", "空"]


def test_a_mapping_names_what_lacks_and_what_stands_twice_and_is_kept():
    mapping = TapeMapping((Place("a", "vin"), Place("b", "vin"), Place("c")))
    with pytest.raises(NotATape) as refusal:
        mapping.check()
    errors = {error.field: error.code for error in refusal.value.errors}
    assert errors["vin"] == "mapped_twice" and errors["rent_minor"] == "missing_column"
    assert TapeMapping.of_json(mapping.as_json()) == mapping
    again = mapping.for_columns(["a", "d"], [Place("a", "plate"), Place("d", "plate")])
    assert [(p.field, p.why) for p in again.places] == [("vin", "saved"), ("plate", "")]


def test_every_field_has_words_for_its_column():
    assert set(SYNONYMS) == set(TARGETS)
