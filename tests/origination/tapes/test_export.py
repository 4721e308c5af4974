"""The book as files that tell it again: a round trip through every format finds no change."""

from datetime import UTC, datetime

import polars as pl
import pytest
from lxml import etree

from ledger import selectors as ledger
from origination.domain.life.machine import Move
from origination.domain.tapes.autolease import ELEMENTS
from origination.domain.tapes.autolease_rows import asset_number
from origination.domain.tapes.readers import open_tape
from origination.domain.tapes.writing import TapeFormat
from origination.models import Lease, ReferenceFile
from origination.problems import NothingToExport
from origination.selectors.tape_export import export_book
from origination.services import import_file, move_lease
from tests.origination.books import AT, load_book
from tests.origination.records import resident_number
from tests.origination.tapes.files import xml_of
from tests.pools.test_tapes import SCHEMA

LATER = datetime(2026, 3, 5, 9, tzinfo=UTC)


def take(cast, content, name, **options):
    return import_file(content=content, file_name=name, by=cast.back_office.pk, at=AT, **options)


@pytest.fixture
def book(cast, enter):
    """A book with bank lines, of which some leases were reported on, with a column beside."""
    load_book(cast.anda, by=cast.back_office)
    enter(cast.anda)
    few = pl.DataFrame([lease.record for lease in Lease.objects.all()[:20]])
    state = few.with_columns(
        pl.lit("2026-01-31").alias("reported_on"),
        pl.lit("100").alias("balance_minor"),
        pl.Series("客户经理", ["老李, \"大\"", None] * 10),
    )  # fmt: skip
    return take(cast, state.write_csv().encode(), "state.csv", confirm_warnings=True)


@pytest.mark.parametrize("form", list(TapeFormat))
def test_what_is_exported_and_imported_again_changes_nothing(form, book, cast):
    before = ledger.log_size(), Lease.objects.count()
    content = export_book(form=form, known_at=LATER).read()
    again = take(cast, content, f"again.{form}", confirm_warnings=True)
    compared = again.upload.report["compared"]
    assert compared == {"new": 0, "changed": 0, "unchanged": 60, "gone": 0}
    assert again.is_taken and again.tape is None
    assert (ledger.log_size(), Lease.objects.count()) == before


@pytest.mark.parametrize("form", [form for form in TapeFormat if form is not TapeFormat.EX102])
def test_an_export_tells_every_field_and_column(form, book):
    tape = open_tape(export_book(form=form, known_at=LATER))
    rows = pl.concat(tape.chunks())
    for lease in Lease.objects.select_related("report")[:25]:
        [row] = rows.filter(pl.col("contract_number") == lease.contract_number).rows(named=True)
        told = lease.record
        if report := getattr(lease, "report", None):
            told = told | report.values | report.extra
        assert {name: text for name, text in row.items() if text is not None} == told


def test_ex102_stands_in_the_order_of_the_schema_and_tells_the_month(book):
    tape = open_tape(export_book(form=TapeFormat.EX102, known_at=LATER))
    [rows] = tape.chunks()  # reading refuses an element out of order
    assert (tape.columns, len(rows)) == (ELEMENTS, 60)
    assert set(rows["reportingPeriodEndDate"]) == {"02-28-2026"}
    assert rows["reportingPeriodEndingActualBalanceAmount"].null_count() == 0


@pytest.mark.skipif(not SCHEMA.exists(), reason="the SEC's schema is not beside this clone")
def test_ex102_holds_the_official_schema(book):
    root = etree.parse(export_book(form=TapeFormat.EX102, known_at=LATER)).getroot()
    schema = etree.XMLSchema(etree.parse(str(SCHEMA)))
    assert schema.validate(root), schema.error_log.last_error


def test_ex102_that_tells_another_term_is_told(book, cast):
    content = export_book(form=TapeFormat.EX102, known_at=LATER).read()
    lease = Lease.objects.order_by("rid").first()
    cost = f"<acquisitionCost>{lease.financed_amount_minor / 100:.2f}</acquisitionCost>".encode()
    assert content.count(cost) >= 1
    other = content.replace(cost, b"<acquisitionCost>1.00</acquisitionCost>")
    refused = take(cast, other, "other.xml")
    codes = {(f.finding.field, f.finding.code) for f in refused.findings}
    assert ("financed_amount_minor", "impossible_change") in codes and not refused.is_taken


def test_ex102_of_others_is_reference_data(cast, enter):
    enter(cast.anda)
    asset = {
        "assetTypeNumber": "0001", "assetNumber": "A1", "originationDate": "02/2024",
        "acquisitionCost": "31000.50", "reportingPeriodEndingActualBalanceAmount": "20000.00",
        "currentDelinquencyStatus": "45",
    }  # fmt: skip
    report = take(cast, xml_of(asset, asset | {"assetNumber": "A2"}), "filing.xml")
    assert (report.taken, Lease.objects.count()) == (2, 0)
    assert dict(ReferenceFile.objects.get().figures)["Balance"] == "USD 40,000.00"


def test_an_empty_book_is_no_file(cast, enter, client_of):
    enter(cast.anda)
    with pytest.raises(NothingToExport):
        export_book(form=TapeFormat.CSV, known_at=LATER)
    office = client_of(cast.back_office, cast.anda)
    assert office.get("/tapes/export/csv/").headers["Location"] == "/tapes/"
    assert office.get("/tapes/export/doc/").status_code == 404


def test_ex102_tells_contracts_as_they_were_changed(book, cast):
    at = datetime(2026, 2, 10, 9, tzinfo=UTC)
    leases = [
        lease
        for lease in Lease.objects.order_by("contract_number")
        if lease.record["maturity_on"] > "2026-09" and lease.record.get("credit_score")
    ]
    by = {"on": at.date(), "by": cast.back_office.pk, "at": at}
    extended, passed = leases[:2]
    given = {"months": "6", "reason": "x"}
    move_lease(rid=extended.rid, move=Move.EXTEND, given=given, **by)
    new = {
        "lessee_kind": "person", "lessee_name": "王小红", "reason": "divorce",
        "lessee_id_number": resident_number(888), "lessee_phone": "13800138000",
    }  # fmt: skip
    move_lease(rid=passed.rid, move=Move.TRANSFER, given=new, **by)

    def rows(known_at):
        [found] = open_tape(export_book(form=TapeFormat.EX102, known_at=known_at)).chunks()
        return {row["assetNumber"]: row for row in found.rows(named=True)}

    after, before = rows(LATER), rows(at.replace(hour=8))
    number, other = asset_number(str(extended.rid)), asset_number(str(passed.rid))
    assert (
        int(after[number]["remainingTermNumber"]) == int(before[number]["remainingTermNumber"]) + 5
    )
    assert after[number]["originalLeaseTermNumber"] == extended.record["term_months"]
    assert after[number]["reportingPeriodModificationIndicator"] == "true"
    assert before[number]["reportingPeriodModificationIndicator"] == "false"
    assert before[other]["lesseeCreditScore"] == passed.record["credit_score"]
    assert after[other]["lesseeCreditScore"] is None
    again = take(cast, export_book(form=TapeFormat.EX102, known_at=LATER).read(), "again.xml")
    assert not [found for found in again.findings if found.finding.code == "impossible_change"]
