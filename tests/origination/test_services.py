"""What the lessor writes: leases, tapes, bank lines, grants; wrong ones leave no trace."""

from datetime import date, timedelta

import polars as pl
import pytest
from django_tenants.utils import tenant_context

from ledger import selectors as ledger
from ledger.drafts import Draft
from ledger.exchange.services import receive_parcels, send_parcels
from ledger.models import ReplicaPayload
from ledger.services import open_log
from origination.models import Lease, PaymentEvent, ShareGrant, Tape
from origination.problems import AlreadyGranted, HalfAFile, NotATape, PaymentsInvalid, TapeKnown
from origination.services import (
    end_grant,
    grant_access,
    import_tape,
    record_lease,
    record_payment,
    record_payments,
    reverse_payment,
)
from tenants.problems import Invalid
from tenants.registry import RightUnavailable, perfect_rights, reserve_rights, states_of
from tests.origination.books import AT, events_of, load_book, small_portfolio, tape_bytes
from tests.origination.records import lease_record


def _draft(record, number=1):
    rid = f"00000000-0000-4000-8000-{number:012d}"
    return Draft.service(kind="lease.recorded", rid=rid, fields=record, ts=AT)


def _record(cast, record=None, number=1):
    draft = _draft(record or lease_record(number), number)
    return record_lease(draft=draft, by=cast.officer.pk, at=AT)


def test_a_recorded_lease_stands_in_the_book_the_ledger_and_the_registry(cast, enter):
    enter(cast.anda)
    appended = _record(cast)
    lease = Lease.objects.get()
    assert ledger.payload(appended.index) == lease_record(1) == lease.record
    assert lease.entry_index == appended.index
    assert states_of(claim_ids=[lease.rid]) == {lease.rid: "claimed"}


def test_a_wrong_lease_names_every_field_and_writes_nothing(cast, enter):
    enter(cast.anda)
    wrong = lease_record(1, vin="LSVAB12C3PW000001", residual_minor="99900000000")
    with pytest.raises(Invalid) as refusal:
        _record(cast, wrong)
    assert {"vin", "residual_minor"} <= {error.field for error in refusal.value.errors}
    assert all(error.mend for error in refusal.value.errors)
    assert (Lease.objects.count(), ledger.log_size()) == (0, 0)


def test_contract_and_vehicle_stand_in_the_book_once(cast, enter):
    enter(cast.anda)
    _record(cast)
    with pytest.raises(Invalid) as refusal:
        _record(cast, lease_record(1), number=2)
    assert [error.field for error in refusal.value.errors] == ["contract_number", "vin"]


def test_a_vehicle_that_another_pledged_is_refused_without_a_word_about_it(cast, enter):
    with tenant_context(cast.anda):
        _record(cast)
        rid = Lease.objects.get().rid
    taken = {"claim_ids": [rid], "right": "receivables", "holder": cast.trust.pk, "at": AT}
    reserve_rights(**taken)
    perfect_rights(**taken, state="pledged")
    enter(cast.xingyu)
    with pytest.raises(RightUnavailable) as refusal:
        _record(cast, lease_record(1), number=2)
    assert "Anda" not in str(refusal.value)
    assert (Lease.objects.count(), ledger.log_size()) == (0, 0)


def test_a_tape_is_taken_whole_with_its_bank_lines(cast):
    portfolio = load_book(cast.anda, by=cast.back_office)
    with tenant_context(cast.anda):
        assert Lease.objects.count() == len(portfolio.leases)
        assert PaymentEvent.objects.count() == len(portfolio.payments)
        lease = Lease.objects.first()
        assert ledger.payload(lease.entry_index)["vin"] == lease.vin
        tape = Tape.objects.get()
        assert ledger.payload(tape.entry_index)["file_sha256"] == tape.sha256


def _spoil(content: bytes, *, row: int, column: str, value: str) -> bytes:
    frame = pl.read_csv(content, infer_schema=False)
    changed = frame.with_row_index().with_columns(
        pl.when(pl.col("index") == row - 1)
        .then(pl.lit(value))
        .otherwise(pl.col(column))
        .alias(column)
    )
    return changed.drop("index").write_csv().encode()


def test_one_bad_row_keeps_the_tape_out_unless_the_good_are_asked_for(cast, enter):
    enter(cast.anda)
    bad = _spoil(tape_bytes(small_portfolio()), row=3, column="rent_minor", value="-5")
    given = {"content": bad, "file_name": "bad.csv", "by": cast.back_office.pk, "at": AT}
    report = import_tape(**given)
    assert (report.tape, report.taken, report.refused_rows) == (None, 0, {3})
    assert (Lease.objects.count(), ledger.log_size()) == (0, 0)
    report = import_tape(**given, keep_good=True)
    assert (report.taken, Lease.objects.count()) == (59, 59)
    kept = report.tape.findings.values_list("row", "field", "value")
    assert (3, "rent_minor", "-5") in list(kept)


def test_the_same_file_is_taken_once(cast, enter):
    enter(cast.anda)
    given = {"content": tape_bytes(small_portfolio()), "by": cast.back_office.pk, "at": AT}
    import_tape(**given, file_name="one.csv")
    with pytest.raises(TapeKnown, match="one.csv"):
        import_tape(**given, file_name="two.csv")


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", NotATape),
        (b"\x89PNG\r\n\x1a\n\0\0", NotATape),
        (b"name,age\nx,1\n", NotATape),
        (b"contract_number,vin\nA,B\n", NotATape),
        (b"PAR1\x00\x01half", HalfAFile),
    ],
)
def test_a_file_that_is_no_tape_is_named_so(content, problem, cast, enter):
    enter(cast.anda)
    with pytest.raises(problem):
        import_tape(content=content, file_name="x", by=cast.back_office.pk, at=AT)


@pytest.mark.parametrize("cut", [-1, -40, 5000])
def test_half_a_file_is_named_so(cut, cast, enter):
    enter(cast.anda)
    content = tape_bytes(small_portfolio())[:cut]
    with pytest.raises(HalfAFile):
        import_tape(content=content, file_name="x.csv", by=cast.back_office.pk, at=AT)
    assert ledger.log_size() == 0


def test_a_bank_line_is_booked_reversed_and_refused_twice(cast, enter):
    enter(cast.anda)
    _record(cast)
    lease = Lease.objects.get()
    line = {"lease": lease, "amount_minor": 476482, "effective_on": date(2026, 1, 2), "at": AT}
    record_payment(**line, bank_reference="B1")
    with pytest.raises(PaymentsInvalid) as refusal:
        record_payment(**line, bank_reference="B1")
    assert [error.code for error in refusal.value.errors] == ["booked_already"]
    reverse_payment(payment=PaymentEvent.objects.get(), at=AT + timedelta(days=1))
    assert list(PaymentEvent.objects.values_list("kind", "reverses")) == [
        ("rent", ""),
        ("reversal", "B1"),
    ]


def test_wrong_bank_lines_are_named_and_none_is_booked(cast, enter):
    load_book(cast.anda, by=cast.back_office)
    enter(cast.anda)
    before = (PaymentEvent.objects.count(), ledger.log_size())
    lines = events_of(small_portfolio()).head(3)
    stranger = lines.with_columns(
        pl.Series("lease_rid", ["00000000-0000-4000-8000-000000000009"] * 3),
        pl.Series("amount_minor", [5, -5, 5]),
    )
    with pytest.raises(PaymentsInvalid) as refusal:
        record_payments(events=stranger, at=AT)
    assert {error.field for error in refusal.value.errors} >= {
        "[2].amount_minor",
        "[1].lease_rid",
    }
    assert (PaymentEvent.objects.count(), ledger.log_size()) == before


def test_a_grant_lets_leases_and_their_payments_travel(cast):
    portfolio = load_book(cast.anda, by=cast.back_office)
    with tenant_context(cast.trust):
        open_log(at=AT)
    with tenant_context(cast.anda):
        grant = grant_access(to_tenant=cast.trust, by=cast.manager.pk, at=AT)
        with pytest.raises(AlreadyGranted):
            grant_access(to_tenant=cast.trust, by=cast.manager.pk, at=AT)
        send_parcels(to_tenant=cast.trust, at=AT)
    with tenant_context(cast.trust):
        receive_parcels(from_tenant=cast.anda, at=AT)
        assert ReplicaPayload.objects.count() >= len(portfolio.leases)
    with tenant_context(cast.anda):
        end_grant(grant=grant, by=cast.manager.pk, at=AT)
        assert ShareGrant.objects.get().ended_at == AT


def test_books_of_two_tenants_are_apart(cast):
    load_book(cast.anda, by=cast.back_office)
    with tenant_context(cast.xingyu):
        assert Lease.objects.count() == 0
