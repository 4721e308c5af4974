"""Files read into text columns: every format, every encoding; broken and harmful ones by name."""

import gzip
import io
from datetime import date

import polars as pl
import pytest

from origination.domain.tapes.readers import open_tape
from origination.domain.tapes.readers import shape as shapes
from origination.domain.tapes.readers import workbook as workbooks
from origination.problems import HalfAFile, NotATape, TooLarge
from tenants.problems import Problem
from tests.origination.tapes.files import (
    TABLE,
    csv_of,
    parquet_of,
    repacked,
    xlsx_of,
    xml_of,
)

ASSET = {"assetTypeNumber": "x", "assetNumber": "1", "originationDate": "02/2024"}
SHEET = "xl/worksheets/sheet1.xml"


def read(content):
    tape = open_tape(io.BytesIO(content))
    return tape, pl.concat(tape.chunks())


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (csv_of(TABLE), ("csv", "utf-8")),
        (b"\xef\xbb\xbf" + csv_of(TABLE), ("csv", "utf-8-sig")),
        (csv_of(TABLE, "gb18030", ";"), ("csv", "gb18030")),
        (csv_of(TABLE, "utf-16", "\t"), ("csv", "utf-16")),
        (gzip.compress(csv_of(TABLE)), ("csv", "utf-8")),
        (parquet_of(TABLE), ("parquet", "")),
        (xlsx_of(TABLE, above=[["资产清单"], []]), ("xlsx", "")),
    ],
    ids=["utf-8", "utf-8 with mark", "gb18030", "utf-16", "gzip", "parquet", "xlsx"],
)
def test_every_format_gives_the_same_table(content, told):
    tape, frame = read(content)
    assert (tape.format, tape.encoding) == told
    assert frame.equals(TABLE)
    assert pl.concat(tape.chunks(1)).equals(TABLE)  # read again, in other pieces


def test_typed_columns_come_as_they_would_be_written_by_hand():
    typed = pl.DataFrame(
        {"n": [36.0, None], "rate": [0.0895, 0.1], "day": [date(2024, 2, 29), None]}
    )
    texts = {"n": ["36", None], "rate": ["0.0895", "0.1"], "day": ["2024-02-29", None]}
    for content in (parquet_of(typed), xlsx_of(typed)):
        assert read(content)[1].to_dict(as_series=False) == texts


def test_assets_of_an_ex102_file_are_rows_of_its_66_elements():
    tape, frame = read(xml_of(ASSET, ASSET | {"assetNumber": "2"}))
    assert (tape.format, len(tape.columns), len(frame)) == ("ex102", 66, 2)
    assert frame["assetNumber"].to_list() == ["1", "2"]
    assert frame["originationDate"].to_list() == ["02/2024"] * 2


def test_a_first_column_without_a_name_numbers_the_rows():
    tape, frame = read(b'"","a"\n1,x\n2,y\n')
    assert tape.columns == ("#", "a")
    assert frame["a"].to_list() == ["x", "y"]


def _swap(content):
    return content.replace(b"<assetTypeNumber>x</assetTypeNumber>\n", b"").replace(
        b"</assetNumber>", b"</assetNumber><assetTypeNumber>x</assetTypeNumber>"
    )


REFUSED = {
    "nothing": (b"", NotATape, "The file is empty."),
    "no rows": (b"a,b\n", NotATape, "It has a header and no rows."),
    "letter": (b"Dear lessor\n", NotATape, "names no field"),
    "wrong bytes": (b"a,b\n1,\xff\xff\n", NotATape, "neither UTF-8 (line 2) nor GB18030"),
    "wrong mark": (b"\xef\xbb\xbfa,b\n\xff,2\n", NotATape, "Line 2 is not the text"),
    "half a letter": ("a,b\n一".encode()[:-1], HalfAFile, "The last line does not end."),
    "two names": (b"a,a\n1,2\n", NotATape, "Two columns have the name “a”."),
    "no name": (b"a,,c\n1,2,3\n", NotATape, "Column 2 has no name."),
    "ragged": (b"a,b\n1,2\n3\n", HalfAFile, "Line 3 has 1 fields and the header has 2."),
    "open quote": (b'a,b\n1,"2\n3,4\n', HalfAFile, "quotation marks does not end"),
    "old excel": (b"\xd0\xcf\x11\xe0" + b"x" * 600, NotATape, "old Excel file"),
    "half workbook": (xlsx_of(TABLE)[:-60], HalfAFile, "The archive breaks off"),
    "other archive": (
        repacked(xlsx_of(TABLE), "", None).replace(b"xl/workbook.xml", b"xl/workbooc.xml"),
        NotATape,
        "no XLSX workbook",
    ),
    "entity in a sheet": (
        repacked(
            xlsx_of(TABLE),
            SHEET,
            lambda part: b'<!DOCTYPE w [<!ENTITY e "x">]>' + part.split(b"?>", 1)[-1],
        ),
        NotATape,
        "declares a document type",
    ),
    "half parquet": (parquet_of(TABLE)[:-7], HalfAFile, ""),
    "nested parquet": (parquet_of(pl.DataFrame({"a": [[1]], "b": [2]})), NotATape, "“a” holds no"),
    "laughs": (
        xml_of(ASSET).replace(
            b"<assetData", b'<!DOCTYPE a [<!ENTITY x "ha"><!ENTITY y "&x;&x;">]><assetData'
        ),
        NotATape,
        "declares a document type",
    ),
    "entity": (xml_of(ASSET).replace(b">1<", b">&secret;<"), NotATape, "uses an entity"),
    "half xml": (xml_of(ASSET)[:-15], HalfAFile, "breaks off"),
    "out of order": (_swap(xml_of(ASSET)), NotATape, "Asset 1 has “assetTypeNumber” out of"),
    "unknown element": (
        xml_of(ASSET).replace(b"originationDate>", b"birthDate>"),
        NotATape,
        "Asset 1 has “birthDate”, which the schema does not know.",
    ),
    "other xml": (b"<html><p>x</p></html>", NotATape, "its root is “html”"),
}


@pytest.mark.parametrize("case", REFUSED, ids=str)
def test_what_is_broken_or_harmful_is_refused_by_name(case):
    content, problem, said = REFUSED[case]
    with pytest.raises(Problem) as refusal:
        read(content)
    assert type(refusal.value) is problem
    assert said in refusal.value.text("detail")


def test_bombs_are_refused_before_they_unpack(monkeypatch):
    bomb = xlsx_of(pl.DataFrame({"a": ["x" * 30_000] * 40, "b": ["y"] * 40}))
    assert len(bomb) < 40_000
    monkeypatch.setattr(workbooks, "MAX_BYTES", 100_000)
    with pytest.raises(TooLarge):
        read(bomb)
    monkeypatch.setattr(shapes, "MAX_ROWS", 1)
    with pytest.raises(TooLarge, match="more than 1 rows"):
        read(csv_of(TABLE))
