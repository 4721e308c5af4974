"""`import_payments` and `import_registry_search`: files checked line by line, then one entry."""

from io import StringIO

import polars as pl
import pytest
from django.core.management import CommandError, call_command
from django_tenants.utils import tenant_context

from ledger import selectors as ledger
from origination.models import Lease, PaymentEvent, RegistryFinding
from tests.cast import email
from tests.origination.books import load_book

LINE = {
    "contract_number": "",
    "kind": "rent",
    "amount_minor": "123400",
    "currency": "CNY",
    "bank_reference": "ICBC-1",
    "reverses": "",
    "effective_on": "2026-01-02",
    "known_on": "2026-01-03",
}
SEARCH = {
    "contract_number": "",
    "register": "zhongdeng",
    "searched_on": "2026-01-02",
    "result": "clear",
    "holder": "",
    "registration_number": "",
}


@pytest.fixture
def numbers(cast):
    load_book(cast.anda, by=cast.back_office, leases=12)
    with tenant_context(cast.anda):
        return list(Lease.objects.values_list("contract_number", flat=True)[:3])


def state(cast):
    with tenant_context(cast.anda):
        return PaymentEvent.objects.count(), RegistryFinding.objects.count(), ledger.log_size()


def run(command, path, *rows, by="back_office", **options):
    if rows:
        path.write_bytes(pl.DataFrame(list(rows)).write_csv().encode())
    out = StringIO()
    try:
        call_command(command, path, tenant="anda", by=email(by), stdout=out, **options)
    except CommandError as error:
        return f"{out.getvalue()}{error}"
    return out.getvalue()


def test_bank_lines_of_a_file_are_one_entry(cast, numbers, tmp_path):
    lines, searches, size = state(cast)
    first = LINE | {"contract_number": numbers[0]}
    back = first | {"kind": "reversal", "bank_reference": "ICBC-2", "reverses": "ICBC-1"}
    said = run("import_payments", tmp_path / "bank.csv", first, back)
    assert "bank.csv: 2 lines, 2 taken, 0 not taken" in said
    assert state(cast) == (lines + 2, searches, size + 1)
    with tenant_context(cast.anda):
        booked = PaymentEvent.objects.get(bank_reference="ICBC-1")
        known = booked.known_at.date().isoformat()
    assert (booked.amount_minor, known) == (123400, "2026-01-04")
    again = run("import_payments", tmp_path / "bank.csv")
    assert again.count("is booked already") == 2 and "Nothing was written" in again
    assert state(cast) == (lines + 2, searches, size + 1)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"contract_number": "NONE"}, "contract_number: There is no lease with this contract"),
        ({"kind": "gift"}, "kind: This is not one of the known codes. Write one of: rent"),
        ({"amount_minor": "-5"}, "amount_minor: The value is negative."),
        ({"amount_minor": "0"}, "amount_minor: The amount must be above 0."),
        ({"amount_minor": "12.30"}, "amount_minor: This is not a number of minor units."),
        ({"amount_minor": "9" * 19}, "amount_minor: This is not a number of minor units."),
        ({"amount_minor": "9" * 18}, "amount_minor: The value is out of range. Write a value from"),
        ({"amount_minor": "1e9"}, "amount_minor: This is not a number of minor units."),
        *(
            ({"effective_on": day}, "effective_on: This is not a date. Write year, month and day")
            for day in (
                "1900-01-01",
                "1989-12-31",
                "9999-12-31",
                "0001-01-01",
                "-0001-01-01",
                "01/02/2026",
                "2026/01/02",
                "20260102",
                "2026-1-2",
            )
        ),
        ({"bank_reference": "R" * 65}, "bank_reference: The text is too long. Write at most 64"),
        ({"effective_on": "1995-01-01"}, "effective_on: This day is before the lease began."),
        ({"currency": "USD"}, "currency: The lease is in another currency."),
        ({"bank_reference": ""}, "bank_reference: This field is empty."),
        ({"effective_on": "2026-02-30"}, "effective_on: This is not a date."),
        ({"effective_on": "2026-01-05"}, "effective_on: A line cannot take effect after"),
        ({"known_on": "2099-01-01"}, "known_on: The day has not come yet."),
        ({"kind": "reversal", "reverses": "X"}, "reverses: No payment of this lease"),
        ({"kind": "reversal"}, "reverses: A reversal names the line"),
    ],
)
def test_a_wrong_bank_line_is_named_and_kept_out(changes, said, cast, numbers, tmp_path):
    before = state(cast)
    good = LINE | {"contract_number": numbers[0]}
    bad = good | {"bank_reference": "ICBC-9"} | changes
    told = run("import_payments", tmp_path / "bank.csv", good, bad)
    assert f"row 2: {said}" in told and "Nothing was written" in told
    assert state(cast) == before
    told = run("import_payments", tmp_path / "bank.csv", keep_good=True)
    assert "2 lines, 1 taken, 1 not taken" in told
    assert state(cast) == (before[0] + 1, before[1], before[2] + 1)


def test_a_reversal_falls_out_with_the_line_that_it_takes_back(cast, numbers, tmp_path):
    before = state(cast)
    bad = LINE | {"contract_number": numbers[0], "currency": "USD"}
    back = LINE | {
        "contract_number": numbers[0],
        "kind": "reversal",
        "bank_reference": "ICBC-2",
        "reverses": "ICBC-1",
    }
    told = run("import_payments", tmp_path / "bank.csv", bad, back, keep_good=True)
    assert "row 2: reverses: No payment of this lease" in told
    assert state(cast) == before


def test_answers_of_registers_are_one_entry_and_wrong_ones_are_named(cast, numbers, tmp_path):
    lines, searches, size = state(cast)
    clear = SEARCH | {"contract_number": numbers[0]}
    found = SEARCH | {"contract_number": numbers[1], "result": "encumbered", "holder": "A bank"}
    wrong = [
        clear | {"contract_number": numbers[2], "result": "maybe"},
        clear | {"contract_number": numbers[2], "result": "encumbered", "holder": ""},
        clear | {"contract_number": "NONE"},
        clear | {"contract_number": numbers[2], "searched_on": "2099-12-31"},
        clear | {"contract_number": numbers[2], "searched_on": "01/02/2026"},
        clear | {"contract_number": numbers[2], "searched_on": "1900-01-01"},
        clear | {"contract_number": numbers[2], "registration_number": "9" * 61},
    ]
    path = tmp_path / "search.csv"
    told = run("import_registry_search", path, clear, found, *wrong)
    for line in (
        "row 3: result: This is not one of the known codes. Write one of: clear, encumbered.",
        "row 4: holder: An encumbrance has a holder",
        "row 5: contract_number: There is no lease",
        "row 6: searched_on: The day has not come yet.",
        "row 7: searched_on: This is not a date.",
        "row 8: searched_on: This is not a date.",
        "row 9: registration_number: The text is too long. Write at most 60 characters.",
        "Nothing was written",
    ):
        assert line in told
    assert state(cast) == (lines, searches, size)
    told = run("import_registry_search", path, keep_good=True)
    assert "9 lines, 2 taken, 7 not taken" in told
    assert state(cast) == (lines, searches + 2, size + 1)


@pytest.mark.parametrize("command", ["import_payments", "import_registry_search"])
def test_other_files_half_files_and_others_are_refused(command, cast, numbers, tmp_path):
    before, path = state(cast), tmp_path / "file.csv"
    path.write_text("Dear lessor,\nyours\n")
    assert "does not hold the lines" in run(command, path)
    path.write_text("contract_number,amount_minor\nA,1\n")
    told = run(command, path)
    assert "The file has no such column." in told
    path.write_text("contract_number,kind,register\nA,rent,zhong")
    assert "breaks off" in run(command, path)
    assert "may not do this" in run(command, path, by="officer")
    assert "cannot be read" in run(command, tmp_path / "missing.csv")
    assert state(cast) == before
