"""Files into the book: checked first, chunk by chunk, once, and beside the last of their source."""

import io
from datetime import timedelta

import polars as pl
import pytest

from ledger import selectors as ledger
from ledger.exchange.registry import ErasedRecord
from origination.domain.tapes.readers import shape
from origination.models import Lease, LeaseReport, Tape, TapeSource, TapeUpload
from origination.problems import ColumnsToConfirm, NotATape, TapeBusy, TapeKnown
from origination.services import import_tape
from origination.services.erasing import blank_lease
from origination.services.tapes import (
    Stopped,
    check_upload,
    confirm_mapping,
    drop_upload,
    import_upload,
    importing,
    mapping_of,
    may_import,
    stage_tape,
)
from origination.services.tapes.findings import opened
from tests.origination.books import AT
from tests.origination.records import lease_record
from tests.origination.tapes.files import chinese_tape, csv_of

RECORDS = [lease_record(i) for i in range(1, 8)]


@pytest.fixture
def office(cast, enter):
    enter(cast.anda)
    return cast.back_office.pk


@pytest.fixture
def small_chunks(monkeypatch):
    monkeypatch.setattr(shape.TapeText.chunks, "__defaults__", (2,))


def take(by, frame, name="tape.csv", at=AT, **options):
    return import_tape(content=csv_of(frame), file_name=name, by=by, at=at, **options)


def staged(by, frame, **options):
    upload = stage_tape(
        stream=io.BytesIO(csv_of(frame)), file_name="x.csv", by=by, at=AT, **options
    )
    check_upload(upload=upload, today=AT.date())
    return upload


def state():
    return Lease.objects.count(), Tape.objects.count(), ledger.log_size()


def report(upload):
    upload.refresh_from_db()
    return upload.report


def monthly(number, **changes):
    """The same leases as the servicer reports them month by month."""
    rows = []
    for place, record in enumerate(RECORDS):
        told = {
            "reported_on": f"2025-1{number}-28", "status": "active",
            "balance_minor": str(9_000_000 - number * 100_000), "days_past_due": "0",
        }  # fmt: skip
        told["odd"] = ""
        rows.append(record | told | changes.get(f"row{place}", {}))
    return pl.DataFrame(rows)


def test_a_dry_run_writes_nothing_and_says_all(office):
    before = state()
    upload = staged(office, pl.DataFrame([*RECORDS, lease_record(8, lessee_name="测试")]))
    assert state() == before
    told = report(upload)
    assert (told["rows"], told["blocked"], told["wrong"]) == (8, 1, 0)
    assert told["compared"] == {"new": 8, "changed": 0, "unchanged": 0, "gone": 0}
    assert ["lessee_name", "name_placeholder", "warning", 1] in told["found"]
    assert float(told["score"]) < 100
    [found] = upload.findings.filter(code="name_placeholder")
    assert (found.row, found.field, found.value) == (8, "lessee_name", "测试")


def test_a_chinese_tape_is_confirmed_once_for_its_source(office):
    frame = chinese_tape(RECORDS)
    with pytest.raises(ColumnsToConfirm):
        take(office, frame, source="安达")
    assert not TapeUpload.objects.exists()
    upload = staged(office, frame)
    upload.refresh_from_db()
    assert may_import(upload)
    confirm_mapping(upload=upload, mapping=mapping_of(upload), source="安达", by=office, at=AT)
    assert not may_import(TapeUpload.objects.get())  # other columns: another check
    check_upload(upload=TapeUpload.objects.get(), today=AT.date())
    upload.refresh_from_db()
    import_upload(upload=upload, by=office, clock=lambda: AT)
    lease = Lease.objects.get(contract_number="HC-000001")
    assert lease.record == RECORDS[0] == ledger.payload(lease.entry_index)
    assert lease.report.extra == {"客户经理": "老李"}
    more = chinese_tape([lease_record(i) for i in range(1, 10)])
    assert take(office, more, source="安达").taken == 2


def test_a_required_column_is_missed_by_name(office):
    frame = pl.DataFrame(RECORDS).drop("rent_minor")
    with pytest.raises(NotATape) as refusal:
        take(office, frame)
    assert [error.field for error in refusal.value.errors] == ["rent_minor"]


def test_no_data_in_a_required_field_is_told_with_the_code(office):
    taken = take(office, pl.DataFrame([lease_record(1, province="ND1")]))
    [found] = taken.findings
    assert (found.finding.field, found.finding.code, found.value) == ("province", "no_data", "ND1")
    assert taken.tape is None


def test_a_file_in_parts_is_one_tape_with_an_entry_a_part(office, small_chunks):
    taken = take(office, pl.DataFrame(RECORDS))
    assert (taken.taken, Tape.objects.get().taken, Lease.objects.count()) == (7, 7, 7)
    entries = [chunk.entry_index for chunk in taken.upload.chunks.all()]
    told = [ledger.payload(index) for index in entries]
    assert [(one["part"], one["parts"], one["taken"]) for one in told] == [
        ("1", "4", "2"), ("2", "4", "2"), ("3", "4", "2"), ("4", "4", "1"),
    ]  # fmt: skip
    assert all(chunk.content is None for chunk in taken.upload.chunks.all())


def test_what_is_doubled_across_parts_is_found(office, small_chunks):
    taken = take(office, pl.DataFrame([*RECORDS, lease_record(9, vin=RECORDS[0]["vin"])]))
    assert {(f.row, f.finding.code, f.value) for f in taken.findings} == {
        (1, "duplicate", RECORDS[0]["vin"]), (8, "duplicate", RECORDS[0]["vin"]),
    }  # fmt: skip


@pytest.mark.parametrize("how", ["stopped", "killed"])
def test_an_import_that_stops_goes_on_where_it_stopped(how, office, small_chunks, monkeypatch):
    upload = staged(office, pl.DataFrame(RECORDS))
    real, done = importing.import_chunk, []

    class Killed(Exception):
        pass

    def chunk_by_chunk(pk, run):
        if len(done) == 2 and how == "killed":
            raise Killed
        real(pk, run)
        done.append(pk)
        if len(done) == 2 and how == "stopped":
            TapeUpload.objects.update(is_stop_asked=True)

    monkeypatch.setattr(importing, "import_chunk", chunk_by_chunk)
    with pytest.raises((Stopped, Killed)):
        import_upload(upload=upload, by=office, clock=lambda: AT)
    assert state()[:2] == (4, 1)
    upload.refresh_from_db()
    assert upload.rows_done == 4
    with pytest.raises(TapeBusy):
        drop_upload(upload=upload)
    monkeypatch.setattr(importing, "import_chunk", real)
    TapeUpload.objects.update(is_stop_asked=False)
    import_upload(upload=upload, by=office, clock=lambda: AT)
    assert state()[:2] == (7, 1)
    size = ledger.log_size()
    import_upload(upload=upload, by=office, clock=lambda: AT)  # once more: nothing is left
    assert (state()[:2], ledger.log_size()) == ((7, 1), size)


def test_the_same_bytes_are_taken_once_and_the_same_rows_change_nothing(office):
    frame = monthly(0)
    take(office, frame, source="S")
    size, leases = ledger.log_size(), Lease.objects.count()
    with pytest.raises(TapeKnown):
        take(office, frame, source="S")
    again = take(office, frame.reverse(), source="S")
    assert again.is_taken and again.tape is None
    assert report(again.upload)["compared"] == {"new": 0, "changed": 0, "unchanged": 7, "gone": 0}
    assert (ledger.log_size(), Lease.objects.count()) == (size, leases)


def test_the_next_tape_of_a_source_tells_new_gone_and_changed(office):
    take(office, monthly(0), source="S")
    size = ledger.log_size()
    rows = [*monthly(1).rows(named=True)[1:], lease_record(9) | {"balance_minor": "1"}]
    taken = take(office, pl.DataFrame(rows), source="S", at=AT + timedelta(days=30))
    told = report(taken.upload)
    assert told["compared"] == {"new": 1, "changed": 6, "unchanged": 0, "gone": 1}
    assert dict(told["changed_fields"]) == {"balance_minor": 6, "reported_on": 6}
    assert taken.taken == 1 and ledger.log_size() == size + 3  # the tape, its row, what changed
    kept = LeaseReport.objects.get(lease__contract_number="HC-000002")
    assert kept.values["balance_minor"] == "8900000" and kept.gone_at is None
    gone = LeaseReport.objects.get(lease__contract_number="HC-000001")
    assert gone.gone_at == AT + timedelta(days=30)


def test_impossible_changes_keep_their_rows_out(office):
    take(office, monthly(0), source="S")
    size = ledger.log_size()
    wrong = monthly(
        1,
        row0={"balance_minor": "9500000"},
        row1={"originated_on": "2024-01-14"},
        row2={"vin": lease_record(99)["vin"]},
    )
    refused = take(office, wrong, source="S")
    assert {(f.row, f.finding.field, f.finding.code) for f in refused.findings} == {
        (1, "balance_minor", "balance_rose"),
        (2, "originated_on", "impossible_change"),
        (3, "vin", "impossible_change"),
    }
    assert (refused.is_taken, ledger.log_size()) == (False, size)
    taken = take(office, wrong, source="S", keep_good=True)
    assert taken.is_taken and ledger.log_size() == size + 1
    old, new = (LeaseReport.objects.get(lease__contract_number=f"HC-00000{n}") for n in (1, 5))
    assert (old.values["balance_minor"], new.values["balance_minor"]) == ("9000000", "8900000")
    assert old.gone_at is None  # it stands on the tape, wrongly


def test_a_draft_is_dropped_and_a_source_keeps_its_name(office):
    upload = staged(office, pl.DataFrame(RECORDS), source="S")
    drop_upload(upload=upload)
    assert not TapeUpload.objects.exists() and TapeSource.objects.get().name == "S"


def test_what_tapes_keep_of_a_person_is_blanked_with_the_lease(office, cast):
    frame = monthly(0, row0={"lessee_name": "测试", "odd": "老李"})
    taken = take(office, frame, source="S", confirm_warnings=True)
    lease = Lease.objects.get(contract_number="HC-000001")
    assert taken.upload.findings.filter(value="测试").exists()
    blank_lease(ErasedRecord(cast.anda.pk, lease.entry_index, "lease.recorded", lease.rid, {}))
    report = LeaseReport.objects.get(lease=lease)
    assert (report.values, report.extra) == ({}, {})
    assert not taken.upload.findings.filter(value="测试").exists()
    [chunk] = taken.upload.chunks.all()
    assert "测试" not in opened(chunk.findings)["value"].to_list()
