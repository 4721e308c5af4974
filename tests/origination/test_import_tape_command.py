"""`manage.py import_tape`: the report of a terminal, and nothing half written."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django_tenants.utils import tenant_context

from origination.models import Lease
from tests.cast import email
from tests.origination.books import small_portfolio, tape_bytes
from tests.origination.records import lease_record
from tests.origination.tapes.files import chinese_tape, csv_of


def _run(path, *, by="back_office", **options):
    out = StringIO()
    call_command("import_tape", path, tenant="anda", by=email(by), stdout=out, **options)
    return out.getvalue()


def _count(cast):
    with tenant_context(cast.anda):
        return Lease.objects.count()


def test_a_tape_with_a_wrong_row_is_told_row_by_row_and_kept_only_when_asked(cast, tmp_path):
    tape = tmp_path / "tape.csv"
    lines = tape_bytes(small_portfolio()).split(b"\n")
    lines[1] = lines[1].replace(b",CNY,", b",gold,")
    tape.write_bytes(b"\n".join(lines))
    with pytest.raises(CommandError, match="Nothing was written"):
        _run(tape)
    assert _count(cast) == 0
    said = _run(tape, keep_good=True)
    assert "row 1: currency: This is not a currency code." in said
    assert "60 rows, 59 taken, 1 not taken" in said
    assert _count(cast) == 59


def test_what_is_no_tape_and_who_may_not_are_refused(cast, tmp_path):
    letter = tmp_path / "letter.csv"
    letter.write_text("Dear lessor\n")
    with pytest.raises(CommandError, match="no lease tape"):
        _run(letter)
    with pytest.raises(CommandError, match="may not do this"):
        _run(letter, by="officer")
    with pytest.raises(CommandError, match="cannot be read"):
        _run(tmp_path / "missing.csv")
    assert _count(cast) == 0


def test_foreign_columns_are_taken_when_they_are_accepted_and_then_for_their_source(cast, tmp_path):
    tape = tmp_path / "tape.csv"
    tape.write_bytes(csv_of(chinese_tape([lease_record(1), lease_record(2)]), "gb18030"))
    with pytest.raises(CommandError, match="not named as the fields"):
        _run(tape, source="Anda")
    said = _run(tape, source="Anda", accept_mapping=True)
    assert "2 taken" in said and "data quality 95.0 of 100; 2 new, 0 changed" in said
    tape.write_bytes(csv_of(chinese_tape([lease_record(2), lease_record(1)])))
    assert "0 new, 0 changed, 2 unchanged, 0 gone" in _run(tape, source="Anda")
    assert _count(cast) == 2
