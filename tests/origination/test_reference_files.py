"""Files of others, imported: kept as reference data, never as leases, and told row by row."""

from datetime import UTC, datetime
from io import StringIO

import polars as pl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django_tenants.utils import tenant_context

from ledger import selectors as ledger
from origination.models import Lease, ReferenceFile
from origination.problems import NotATape, TapeKnown
from origination.selectors.reference import reference_table
from origination.services import import_file
from origination.services.sharing import SHARED_KINDS
from tenants.problems import Refused
from tests.cast import email
from tests.origination.dialects.test_dialects import CAR, LOAN
from tests.real_data import LOANS_A, LOANS_B, TERMINATIONS, USED_CARS, needs_real_data

AT = datetime(2026, 1, 5, 9, tzinfo=UTC)


def csv_of(*rows):
    return pl.DataFrame(list(rows)).write_csv().encode()


def take(cast, content, **options):
    return import_file(
        content=content, file_name="file.csv", by=cast.back_office.pk, at=AT, **options
    )


def run(path, **options):
    out = StringIO()
    call_command("import_tape", path, tenant="anda", by=email("back_office"), stdout=out, **options)
    return out.getvalue()


@needs_real_data
@pytest.mark.parametrize(
    ("path", "said"),
    [
        (LOANS_A, "2171 rows, 2171 taken as reference data, 0 not taken"),
        (LOANS_B, "1342 rows, 1342 taken as reference data, 0 not taken"),
        (USED_CARS, "51525 rows, 50662 taken as reference data, 863 not taken"),
        *((path, "taken as reference data, 0 not taken") for path in TERMINATIONS),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_every_public_file_gets_a_true_report(path, said, cast):
    told = run(path, keep_good=True)
    assert said in told
    assert "No row can be recorded as a lease" in told
    with tenant_context(cast.anda):
        assert Lease.objects.count() == 0
        file = ReferenceFile.objects.get()
        entry = ledger.payload(file.entry_index)
        assert (entry["file_sha256"], int(entry["taken"])) == (file.sha256, file.taken)
        assert len(reference_table(file)) == file.taken


@needs_real_data
def test_placeholders_keep_the_used_cars_out_unless_the_good_are_asked_for(cast):
    with pytest.raises(CommandError, match="Nothing was written"):
        run(USED_CARS)
    with tenant_context(cast.anda):
        assert (ReferenceFile.objects.count(), ledger.log_size()) == (0, 0)


def test_a_wrong_row_is_kept_out_and_named(cast, enter):
    enter(cast.anda)
    content = csv_of(LOAN, LOAN | {"assetNumber": "2", "originalLoanAmount": "-1"})
    refused = take(cast, content)
    assert (refused.file, refused.refused_rows) == (None, {2})
    assert ledger.log_size() == 0
    report = take(cast, content, keep_good=True)
    assert (report.taken, report.rows) == (1, 2)
    kept = list(report.file.findings.values_list("row", "field", "code", "value"))
    assert (2, "originalLoanAmount", "negative", "-1") in kept
    with pytest.raises(TapeKnown):
        take(cast, content, keep_good=True)


def test_a_missing_column_is_named(cast, enter):
    enter(cast.anda)
    partial = {name: value for name, value in LOAN.items() if name != "vehicleModelName"}
    with pytest.raises(NotATape) as refusal:
        take(cast, csv_of(partial))
    assert [error.field for error in refusal.value.errors] == ["vehicleModelName"]


def test_rows_changed_in_the_database_are_noticed(cast, enter):
    enter(cast.anda)
    file = take(cast, csv_of(CAR)).file
    assert reference_table(file)["price_minor"].to_list() == [940000]
    file.table = bytes(file.table)[:-1] + b"x"
    with pytest.raises(Refused):
        reference_table(file)


def test_reference_data_never_travels_to_a_counterparty():
    assert "reference.imported" not in SHARED_KINDS


def test_the_pages_take_a_file_of_others_and_say_what_it_is(cast, client_of):
    client = client_of(cast.back_office, cast.anda)
    file = SimpleUploadedFile("cars.csv", csv_of(CAR, CAR | {"price": "1"}))
    refused = client.post("/tapes/import/", {"file": file})
    assert refused.status_code == 422
    assert [line["field"] for line in refused.context["lines"]] == ["price"]
    file.seek(0)
    taken = client.post("/tapes/import/", {"file": file, "keep_good": "on"}, follow=True)
    page = taken.content.decode()
    assert "Advertisements of used cars" in page and "nobody has leased it" in page
    assert "cars.csv" in client.get("/tapes/").content.decode()
    officer = client_of(cast.rival_officer, cast.xingyu)
    assert officer.get(taken.redirect_chain[-1][0]).status_code == 404
