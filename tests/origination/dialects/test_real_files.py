"""Every public file beside the project, read: its published figures come out."""

import gzip

import polars as pl
import pytest

from origination.domain.dialects import read, recognise
from tests.real_data import LOANS_A, LOANS_B, TERMINATIONS, USED_CARS, needs_real_data

pytestmark = needs_real_data


def reading_of(path):
    content = path.read_bytes()
    frame = pl.read_csv(
        gzip.decompress(content) if path.suffix == ".gz" else content, infer_schema=False
    )
    dialect = recognise(frame.columns)
    reading = read(dialect, frame)
    good = reading.good()
    return dialect, reading, good, [figure.text for figure in dialect.figures(good)]


@pytest.mark.parametrize(
    ("path", "rows", "balance", "averages", "factors", "defaults"),
    [
        (
            LOANS_A,
            2171,
            "USD 30,546,394.62",
            (7.3175, 62.787, 710.71),
            "0.9718 · 0.6840 · 0.4310 · 0.2474 · 0.1606",
            "259",
        ),
        (
            LOANS_B,
            1342,
            "USD 32,856,918.08",
            (5.7784, 63.852, 719.56),
            "0.9734 · 0.6752 · 0.4272 · 0.2453 · 0.1573",
            "134",
        ),
    ],
    ids=["a", "b"],
)
def test_the_loans_published_figures(path, rows, balance, averages, factors, defaults):
    dialect, reading, good, figures = reading_of(path)
    assert (dialect.code, len(reading.table), len(good)) == ("auto_loans", rows, rows)
    assert set(reading.findings["code"]) == {"below_zero"}
    assert (figures[0], *figures[4:]) == (balance, factors, defaults)
    assert [float(text) for text in figures[1:4]] == pytest.approx(averages, abs=0.005)


def test_the_used_cars_placeholders_are_refused_and_nothing_else():
    dialect, reading, good, figures = reading_of(USED_CARS)
    assert (dialect.code, len(reading.table), len(good)) == ("used_cars", 51525, 50662)
    assert set(reading.findings.select("field", "code").iter_rows()) == {("price", "no_price")}
    assert figures[0] == "USD 9,495.00"


@pytest.mark.parametrize(("path", "rows"), zip(TERMINATIONS, (866, 1020, 1753, 3749), strict=True))
def test_the_terminations(path, rows):
    dialect, reading, good, figures = reading_of(path)
    assert (dialect.code, len(good), len(reading.findings)) == ("lease_terminations", rows, 0)
    censored = good.filter(pl.col("ended") == 0)
    assert censored.is_empty() == ("24mo" in path.name or "30mo" in path.name)
