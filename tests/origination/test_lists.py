"""What is done with a filtered list: saved filters, files that open in a spreadsheet."""

import csv
import io

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django_tenants.utils import tenant_context

from origination.lists.saving import save_filter, saved_filters
from origination.lists.writing import ListFormat, guarded, write_list
from origination.models import SavedFilter
from origination.problems import FilterInvalid
from origination.services import import_tape
from tests.origination.books import AT, tape_of
from tests.origination.records import lease_record

RECORDS = [
    lease_record(1, lessee_name="=HYPERLINK(A)", plate="粤B12345"),
    lease_record(2, lessee_name="李晓明", province="31"),
    lease_record(3, lessee_name="王芳", province="31"),
]


@pytest.fixture
def office(cast, client_of):
    with tenant_context(cast.anda):
        import_tape(content=tape_of(RECORDS), file_name="b.csv", by=cast.back_office.pk, at=AT)
    return client_of(cast.back_office, cast.anda)


def _bytes(answer):
    return b"".join(answer.streaming_content)


def test_a_filter_is_saved_shared_and_deleted_by_its_owner(cast, office, client_of):
    page = "/filters/leases/save/?province=31&q=王芳"
    given = {"name": "上海", "is_shared": "on"}
    assert office.post(page, given).headers["Location"].startswith("/leases/?")
    office.post("/filters/leases/save/?late=past-due", {"name": "逾期"})
    with tenant_context(cast.anda):
        assert SavedFilter.objects.get(name="上海").chosen == {"province": "31"}  # and no name
    html = office.get("/leases/").content.decode()
    assert "/leases/?province=31" in html and "逾期" in html
    manager = client_of(cast.manager, cast.anda)
    html = manager.get("/portfolio/").content.decode()
    assert "/portfolio/?province=31" in html and "逾期" not in html  # his own is not shared
    with tenant_context(cast.anda):
        rid = SavedFilter.objects.get(name="上海").rid
    assert manager.post(f"/filters/{rid}/drop/").status_code == 404
    assert office.post(f"/filters/{rid}/drop/").status_code == 302
    assert "/portfolio/?province=31" not in manager.get("/portfolio/").content.decode()


def test_nothing_is_no_filter_and_a_name_is_written_over(cast, enter):
    enter(cast.anda)
    given = {"owner": cast.manager.pk, "is_shared": False, "at": AT}
    for chosen in ({}, {"q": "王芳"}):
        with pytest.raises(FilterInvalid):
            save_filter(name="x", chosen=chosen, **given)
    save_filter(name="x", chosen={"late": "90+"}, **given)
    save_filter(name="x", chosen={"late": "1-30"}, **given)
    assert [one.row.chosen for one in saved_filters(cast.manager.pk)] == [{"late": "1-30"}]
    assert saved_filters(cast.back_office.pk) == []


def test_what_is_filtered_is_what_is_exported(cast, office, client_of):
    content = _bytes(office.get("/leases/export/csv/?province=31"))
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert [row["Contract number"] for row in rows] == ["HC-000003", "HC-000002"]
    assert (rows[0]["Province"], rows[0]["Financed amount"]) == ("Shanghai", "150000.00")
    [row] = csv.DictReader(
        io.StringIO(_bytes(office.get("/leases/export/csv/?q=粤B123")).decode("utf-8-sig"))
    )
    assert (row["Lessee"], row["Number plate"]) == ("'=HYPERLINK(A)", "粤B12345")
    book = openpyxl.load_workbook(io.BytesIO(_bytes(office.get("/leases/export/xlsx/"))))
    cells = {cell.value: cell for line in book.active.iter_rows() for cell in line}
    assert cells["=HYPERLINK(A)"].data_type == "s"
    assert cells[150000].data_type == "n" and book.active.max_row == 4
    assert client_of(cast.officer, cast.anda).get("/leases/export/csv/").status_code == 403
    assert office.get("/leases/export/csv/?q=nobody").status_code == 302  # says why

    def asked():
        _bytes(office.get("/leases/export/csv/"))
        with CaptureQueriesContext(connection) as queries:
            _bytes(office.get("/leases/export/csv/"))
        return len(queries)

    before = asked()
    more = [lease_record(n) for n in range(20, 30)]
    with tenant_context(cast.anda):
        import_tape(content=tape_of(more), file_name="m.csv", by=cast.back_office.pk, at=AT)
    assert asked() == before <= 20


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\t=1", "＝1"])
def test_no_text_is_a_formula(text):
    stream = io.BytesIO()
    write_list(ListFormat.CSV, ["a"], [[text], ["plain"]], stream)
    assert guarded(text) == f"'{text}"
    rows = list(csv.reader(io.StringIO(stream.getvalue().decode("utf-8-sig"))))
    assert rows == [["a"], [f"'{text}"], ["plain"]]
