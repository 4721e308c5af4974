"""What bad input gets, by every way in: phone, upload and command name the field and the mend.

The phone's own refusals (stale, replayed, unapproved …) are in tests/mobile_api/test_submission.py.
"""

import gzip
import io
import tempfile
from io import StringIO

import polars as pl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django_tenants.utils import tenant_context

from ledger import selectors as ledger
from origination.models import Lease, Tape
from tenants.models import Tenant
from tests.cast import PASSWORD, email
from tests.origination.books import small_portfolio, tape_bytes
from tests.origination.records import checked_vin, lease_record

GERMAN = "WVWZZZ1KZAW123456"  # no check digit, and it need not carry one
#: changes of one row, the field that is named, its code, the beginning of the mend
WRONG = {
    "VIN of a car made in China": (
        {"vin": "LSVAB12C3PW000002"},
        ("vin", "vin_check_digit", "Read it again"),
    ),
    "VIN of a car made in North America": (
        {"vin": "1M8GDM9A0KP042788"},
        ("vin", "vin_check_digit", "Read it again"),
    ),
    "VIN of a car made elsewhere": (
        {"vin": GERMAN},
        ("vin", "vin_check_digit_unsure", "Compare it with the vehicle"),
    ),
    "negative amount": (
        {"deposit_minor": "-1"},
        ("deposit_minor", "negative", "Write zero or more."),
    ),
    "residual above price": (
        {"residual_minor": "20000001"},
        ("residual_minor", "residual_above_price", "Write a residual"),
    ),
    "dates out of order": (
        {"originated_on": "2024-03-01"},
        ("first_payment_on", "dates_out_of_order", "The lease begins first"),
    ),
    "unknown code": ({"energy": "steam"}, ("energy", "unknown_code", "Write one of: petrol")),
    "unknown province": ({"province": "99"}, ("province", "unknown_code", "Write one of: 11")),
    "duplicate in the file": (
        {"vin": checked_vin(1)},
        ("vin", "duplicate", "Keep one of the two rows."),
    ),
    "duplicate in the book": (
        {"contract_number": "HC-000077"},
        ("contract_number", "duplicate_in_book", "Remove the row"),
    ),
}


def csv_of(*rows):
    return pl.DataFrame(list(rows)).write_csv().encode()


@pytest.fixture
def state(cast):
    """How much there is: leases, tapes, ledger entries. One lease stands in the book already."""
    assert "1 taken" in command(csv_of(lease_record(77)))

    def counted():
        with tenant_context(cast.anda):
            return Lease.objects.count(), Tape.objects.count(), ledger.log_size()

    return counted


@pytest.fixture
def upload(cast, client_of):
    client = client_of(cast.back_office, cast.anda)
    return lambda content, **more: client.post(
        "/tapes/import/", {"file": SimpleUploadedFile("tape.csv", content), **more}
    )


def command(content, **options):
    """What `manage.py import_tape` says of these bytes."""
    out = StringIO()
    with tempfile.NamedTemporaryFile(suffix=".csv") as file:
        file.write(content)
        file.flush()
        try:
            by = email("back_office")
            call_command("import_tape", file.name, tenant="anda", by=by, stdout=out, **options)
        except CommandError as error:
            return f"{out.getvalue()}{error}"
    return out.getvalue()


@pytest.mark.parametrize("case", WRONG, ids=str)
def test_upload_and_command_name_the_field_and_the_mend(case, state, upload):
    changes, (field, code, mend) = WRONG[case]
    tape = csv_of(lease_record(1), lease_record(2, **changes))
    before = state()

    answer = upload(tape)
    assert answer.status_code == 422
    named = {(line["row"], line["field"], line["code"]): line for line in answer.context["lines"]}
    assert named[2, field, code]["mend"].startswith(mend)

    said = command(tape)
    assert f"row 2: {field}: " in said and mend in said and "Nothing was written" in said
    assert state() == before


def test_a_warning_is_confirmed_by_whoever_looked_at_the_vehicle(state, upload):
    tape = csv_of(lease_record(1), lease_record(2, vin=GERMAN))
    leases, _tapes, _size = state()
    assert upload(tape).status_code == 422
    assert state()[0] == leases
    assert upload(tape, confirm_warnings="on").status_code == 302
    assert state()[0] == leases + 2


def test_confirming_warnings_confirms_no_error(state, upload):
    before = state()
    tape = csv_of(lease_record(1), lease_record(2, vin="LSVAB12C3PW000002"))
    assert upload(tape, confirm_warnings="on").status_code == 422
    assert "Nothing was written" in command(tape, confirm_warnings=True)
    assert state() == before


@pytest.mark.parametrize(
    ("content", "status", "title"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0", 422, "This file is no lease tape."),
        (b"name,age\nx,1\n", 422, "This file is no lease tape."),
        (tape_bytes(small_portfolio())[:-40], 422, "The file breaks off."),
        (gzip.compress(tape_bytes(small_portfolio()))[:-200], 422, "The file breaks off."),
        (gzip.compress(tape_bytes(small_portfolio())[:-40]), 422, "The file breaks off."),
        (b"\x1f\x8bnot gzip at all", 422, "The file breaks off."),
        (gzip.compress(b"\0" * 1000), 422, "This file is no lease tape."),
        (b"vin,contract_number\na,H\0C\n", 422, "This file is no lease tape."),
    ],
    ids=[
        "picture",
        "other table",
        "half",
        "half gzip",
        "half in gzip",
        "false gzip",
        "zeros",
        "zero byte",
    ],
)
def test_what_is_no_tape_or_half_of_one(content, status, title, state, upload):
    before = state()
    answer = upload(content)
    assert (answer.status_code, answer.context["problem"].title) == (status, title)
    assert title in answer.content.decode()
    assert title in command(content)
    assert state() == before


def test_a_zero_byte_in_a_parquet_is_named_by_its_row(state, upload):
    before, stream = state(), io.BytesIO()
    pl.DataFrame([lease_record(1), lease_record(2, lessee_name="a\0b")]).write_parquet(stream)
    answer = upload(stream.getvalue())
    assert answer.status_code == 422
    assert "Line 2 holds a zero byte" in answer.content.decode()
    assert state() == before


def test_nothing_at_all_is_an_error_of_the_field(state, upload, client_of, cast):
    before = state()
    for answer in (
        upload(b""),
        client_of(cast.back_office, cast.anda).post("/tapes/import/", {}),
    ):
        assert answer.status_code == 422
        assert answer.context["form"].errors.keys() == {"file"}
    assert state() == before


def test_a_whole_gzip_is_taken(state, upload):
    leases = state()[0]
    assert upload(gzip.compress(tape_bytes(small_portfolio()))).status_code == 302
    assert state()[0] == leases + 60


def test_a_bank_line_by_hand_names_its_field(state, cast, client_of):
    client = client_of(cast.back_office, cast.anda)
    line = {
        "contract_number": "HC-000077",
        "kind": "rent",
        "amount": "12.30",
        "effective_on": "2026-01-02",
        "bank_reference": "B1",
    }
    before = state()
    for field, value in {
        "amount": "-5",
        "kind": "gift",
        "effective_on": "2026-02-30",
        "contract_number": "NONE",
        "bank_reference": "",
    }.items():
        answer = client.post("/payments/book/", line | {field: value})
        assert (answer.status_code, set(answer.context["form"].errors)) == (422, {field})
    for day, said in (
        ("2999-01-01", "day"),
        ("2098-01-01", "after it became known"),
        ("1995-01-01", "before the lease began"),
    ):
        answer = client.post("/payments/book/", line | {"effective_on": day})
        [error] = answer.context["form"].errors["effective_on"]
        assert answer.status_code == 422 and said in error
    assert state() == before


def test_another_tenants_host_knows_neither_the_person_nor_the_lease(state, cast, client_of):
    with tenant_context(cast.anda):
        url = f"/leases/{Lease.objects.get().rid}/"
    assert client_of(cast.back_office, cast.anda).get(url).status_code == 200
    stranger = client_of(cast.back_office, cast.xingyu).get(url)
    assert stranger.headers["Location"] == f"/sign-in/?next={url}"
    assert client_of(cast.rival_back_office, cast.xingyu).get(url).status_code == 404
    nobody = client_of(None, Tenant(schema_name="nobody"), language="zh-hans").get(url)
    assert nobody.status_code == 404 and "此地址没有机构" in nobody.content.decode()


def test_on_the_host_of_another_lessor_a_person_is_a_stranger(cast, client_of):
    client = client_of(cast.officer, cast.xingyu)
    answer = client.post("/api/v1/leases/", {}, content_type="application/json")
    assert (answer.status_code, answer["Content-Type"]) == (401, "application/problem+json")
    given = {"username": email("officer"), "password": PASSWORD}
    refused = client_of(None, cast.xingyu).post("/sign-in/", given)
    assert refused.status_code == 200 and not refused.wsgi_request.user.is_authenticated
    assert refused.context["form"].non_field_errors()
