"""The pages of a tape on its way: columns, check, jobs, findings; what each person may."""

import polars as pl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django_tenants.utils import tenant_context

from origination.models import Lease, TapeSource, TapeUpload
from origination.views import tape_uploads
from tenants.jobs import run_waiting_jobs
from tests.origination.records import lease_record
from tests.origination.tapes.files import CHINESE, chinese_tape, csv_of

RECORDS = [lease_record(i, province="11") for i in range(1, 5)]


@pytest.fixture
def office(cast, client_of):
    return client_of(cast.back_office, cast.anda)


def send(client, content, **more):
    file = SimpleUploadedFile("tape.csv", content)
    return client.post("/tapes/import/", {"file": file, **more})


def inside(cast):
    return tenant_context(cast.anda)


def chosen(cast, **changes):
    """The form of the columns as it stands, with changes by column name."""
    with inside(cast):
        places = TapeUpload.objects.get().mapping["places"]
    data = {}
    for number, (column, field, form, _why) in enumerate(places):
        data[f"field-{number}"] = changes.get(column, field)
        data[f"form-{number}"] = form
    return data | {"all-currency": "CNY", "no_data": "ND1 空", "source": "安达"}


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_foreign_tape_is_confirmed_checked_and_imported_as_jobs(language, cast, client_of):
    client = client_of(cast.back_office, cast.anda, language=language)
    answer = send(client, csv_of(chinese_tape(RECORDS), "gb18030"))
    page = answer.headers["Location"]
    shown = client.get(page)
    assert {c["name"]: c["field"] for c in shown.context["columns"] if c["field"]} == CHINESE
    assert "GB18030" in shown.content.decode()

    wrong = client.post(f"{page}check/", chosen(cast, 月租金=""))
    assert wrong.status_code == 422 and wrong.context["missing"] == []
    assert [error.field for error in wrong.context["problem"].errors] == ["rent_minor"]

    assert client.post(f"{page}check/", chosen(cast)).status_code == 302
    assert 'hx-trigger="every 2s"' in client.get(page).content.decode()
    run_waiting_jobs()
    checked = client.get(page)
    assert checked.context["upload"].report["score"] == "100.0"
    assert client.post(f"{page}start/").status_code == 302
    run_waiting_jobs()
    with inside(cast):
        upload = TapeUpload.objects.get()
        assert (upload.state, Lease.objects.count()) == ("imported", len(RECORDS))
        assert TapeSource.objects.get().mapping["no_data"] == ["ND1", "空"]
        lease = Lease.objects.first()
    assert (
        client.get(page).status_code == client.get(f"/tapes/{upload.tape_id}/").status_code == 200
    )
    assert "客户经理" in client.get(f"/leases/{lease.rid}/").content.decode()
    assert client.get("/tapes/").status_code == 200


def test_what_is_wrong_is_shown_ruled_and_handed_out_as_a_file(cast, office, client_of):
    rows = [*RECORDS[1:], lease_record(9, lessee_name="测试", rent_minor="-5")]
    answer = send(office, csv_of(chinese_tape(rows)))
    page = answer.headers["Location"]
    office.post(f"{page}check/", chosen(cast))
    run_waiting_jobs()
    shown = office.get(page)
    rules = {(rule["code"], rule["severity"]) for rule in shown.context["rules"]}
    assert rules >= {("negative", "error"), ("name_placeholder", "warning")}
    refused = office.post(f"{page}start/")
    assert (refused.status_code, refused.context["problem"].code) == (409, "tape_unready")
    file = b"".join(office.get(f"{page}file/").streaming_content).decode("utf-8-sig")
    assert "4,First rent,'-0.05,Error,negative,The value is negative.,Write zero or more." in file
    chinese = client_of(cast.back_office, cast.anda, language="zh-hans")
    told = b"".join(chinese.get(f"{page}file/").streaming_content).decode("utf-8-sig")
    assert "姓名像是占位值。" in told
    assert office.post(f"{page}start/", {"keep_good": "on"}).status_code == 302
    run_waiting_jobs()
    with inside(cast):
        assert Lease.objects.count() == 3


def test_a_large_tape_of_own_names_goes_to_its_check_at_once(cast, office, monkeypatch):
    monkeypatch.setattr(tape_uploads, "CHUNK_ROWS", 2)
    page = send(office, csv_of(pl.DataFrame(RECORDS))).headers["Location"]
    with inside(cast):
        assert TapeUpload.objects.get().state == "checking"
    office.post(f"{page}stop/")
    run_waiting_jobs()
    with inside(cast):
        assert TapeUpload.objects.get().state == "read"
    assert office.post(f"{page}drop/").headers["Location"] == "/tapes/"
    with inside(cast):
        assert not TapeUpload.objects.exists()


def test_an_officer_sees_and_does_nothing(cast, office, client_of):
    page = send(office, csv_of(chinese_tape(RECORDS))).headers["Location"]
    officer = client_of(cast.officer, cast.anda)
    assert "<select" not in officer.get(page).content.decode()
    for act in ("check", "start", "stop", "columns", "drop"):
        assert officer.post(f"{page}{act}/").status_code == 403


def test_the_pages_take_as_many_queries_for_one_row_as_for_four(cast, office):
    counts = []
    for records in (RECORDS[:1], RECORDS):
        page = send(office, csv_of(chinese_tape(records))).headers["Location"]
        with CaptureQueriesContext(connection) as taken:
            office.get(page)
        counts.append(len(taken))
        office.post(f"{page}drop/")
    assert counts[0] == counts[1]
