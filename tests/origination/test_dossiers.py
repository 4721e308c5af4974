"""One customer, one vehicle: all that is on record of them, to whom it may be shown."""

from datetime import timedelta

import polars as pl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django_tenants.utils import tenant_context

from ledger.exchange.erasing import erase_record
from origination.domain.life.machine import Move
from origination.dossiers.customers import customer_of
from origination.models import Lease
from origination.selectors.leases import position_of
from origination.services import import_tape, move_lease, record_payment
from origination.services.registers import record_price_observations, record_telematics
from tests.origination.books import AT, tape_of
from tests.origination.records import checked_vin, lease_record, resident_number

ONE = {"lessee_name": "欧阳晓明", "lessee_id_number": resident_number(500)}
RECORDS = [
    lease_record(1, lessee_phone="13800138000", lessee_group="G-1", plate="粤B12345", **ONE),
    lease_record(2, originated_on="2023-01-15", first_payment_on="2023-02-15",
                 maturity_on="2026-01-15", **ONE),
    lease_record(3, lessee_group="G-1"),
]  # fmt: skip


@pytest.fixture
def book(cast):
    with tenant_context(cast.anda):
        import_tape(content=tape_of(RECORDS), file_name="b.csv", by=cast.back_office.pk, at=AT)
        return {lease.contract_number: lease for lease in Lease.objects.all()}


def test_a_customer_is_all_leases_of_one_number(cast, book, client_of):
    client = client_of(cast.back_office, cast.anda)
    first = book["HC-000002"].rid  # the earlier one names the page
    answer = client.get(f"/customers/{book['HC-000001'].rid}/")
    assert answer.headers["Location"] == f"/customers/{first}/"
    page = client.get(f"/customers/{first}/")
    customer = page.context["customer"]
    day = page.context["as_of"]
    with tenant_context(cast.anda):
        states = [
            position_of(lease, as_of=day, known_at=AT + timedelta(days=900)).allocation.state
            for lease in Lease.objects.filter(lessee_name="欧阳晓明")
        ]
    [total] = customer.exposures
    assert (total.leases, total.balance_minor, total.arrears_minor, total.owed_minor) == (
        2,
        sum(state.balance_minor for state in states),
        sum(state.arrears_minor for state in states),
        sum(state.owed_minor for state in states),
    )
    assert total.late == sum(state.days_past_due > 0 for state in states)
    assert {lease.contract_number for _l, lease in
            [(0, one) for one, _row in customer.history]} == {"HC-000001", "HC-000002"}  # fmt: skip


def test_who_was_erased_is_said_to_be_so(cast, book, client_of):
    lease, client = book["HC-000003"], client_of(cast.back_office, cast.anda)
    pages = {
        f"/leases/{lease.rid}/": "record was erased on",
        f"/customers/{lease.rid}/": "The record that named this customer was erased",
    }
    assert not any(said in client.get(page).content.decode() for page, said in pages.items())
    with tenant_context(cast.anda):
        erase_record(
            index=lease.entry_index, reason="subject_request", by=cast.manager.pk,
            at=AT + timedelta(days=1),
        )  # fmt: skip
    assert all(said in client.get(page).content.decode() for page, said in pages.items())


def test_numbers_are_shown_to_those_who_may_read_them(cast, book, client_of):
    address = f"/customers/{book['HC-000003'].rid}/"
    number = book["HC-000003"].lessee_id_number
    office = client_of(cast.back_office, cast.anda).get(address).content.decode()
    officer = client_of(cast.officer, cast.anda).get(address).content.decode()
    assert number in office and number not in officer and "••••••" in officer
    assert "HC-000001" in office  # another lessee of its group of related obligors
    assert client_of(cast.rival_manager, cast.xingyu).get(address).status_code == 404


def test_who_passed_a_lease_on_still_has_it_among_theirs(cast, book, enter):
    enter(cast.anda)
    lease = book["HC-000003"]
    record_payment(
        lease=lease, amount_minor=30_000_000, effective_on=AT.date(), at=AT, bank_reference="ALL"
    )
    at = AT + timedelta(days=1)
    given = {"lessee_kind": "person", "lessee_name": "新客户", "reason": "转让",
             "lessee_id_number": resident_number(501)}  # fmt: skip
    before = lease_record(60, lessee_id_number=lease.lessee_id_number, lessee_name="李晓明")
    import_tape(content=tape_of([before]), file_name="c.csv", by=cast.back_office.pk, at=AT)
    move_lease(rid=lease.rid, move=Move.TRANSFER, on=at.date(), given=given, by=cast.manager.pk,
               at=at, client="")  # fmt: skip
    old = customer_of(Lease.objects.get(contract_number="HC-000060").rid, as_of=at.date(),
                      known_at=at)  # fmt: skip
    assert [one.contract_number for one in old.former] == ["HC-000003"]
    new = customer_of(lease.rid, as_of=at.date(), known_at=at)
    assert (new.person.name, new.person.phone, new.former) == ("新客户", "", [])


def test_a_vehicle_is_all_leases_of_one_vin_and_what_was_reported(cast, book, client_of):
    lease = book["HC-000001"]
    with tenant_context(cast.anda):
        frame = pl.DataFrame({"lease_rid": [str(lease.rid)], "kind": "appraisal",
                              "distressed": "false", "price_minor": "9900000", "currency": "CNY",
                              "odometer_km": "42000", "observed_on": "2026-01-02",
                              "known_at": "2026-01-02T00:00:00Z"})  # fmt: skip
        record_price_observations(observations=frame, at=AT)
        days = pl.DataFrame({"lease_rid": [str(lease.rid)] * 2, "day": ["2026-01-01", "2026-01-02"],
                             "kilometres": ["1.5", "77.7"], "trips": "2", "province": "44",
                             "last_seen_at": "2026-01-02T08:00:00Z",
                             "alarms": "power_cut"})  # fmt: skip
        record_telematics(items=days, at=AT)
    office = client_of(cast.back_office, cast.anda)
    page = office.get(f"/vehicles/{lease.rid}/")
    html = page.content.decode()
    assert all(text in html for text in (lease.vin, "粤B12345", "HC-000001", "Claimed"))
    told = office.get(f"/vehicles/{lease.rid}/reports/")
    assert [one.fields["kilometres"] for one in told.context["tracked"]] == ["77.7", "1.5"]
    assert "¥99,000.00" in told.content.decode() and "Power cut" in told.content.decode()
    officer = client_of(cast.officer, cast.anda)
    assert officer.get(f"/vehicles/{lease.rid}/reports/").status_code == 403
    assert checked_vin(1) == lease.vin


def test_pages_ask_as_often_with_one_lease_as_with_many(cast, book, client_of):
    client, same = client_of(cast.back_office, cast.anda), book["HC-000003"]

    def asked():
        counts = []
        for page in ("customers", "vehicles"):
            address = f"/{page}/{same.rid}/"
            client.get(address)
            with CaptureQueriesContext(connection) as queries:
                assert client.get(address).status_code == 200
            counts.append(len(queries))
        return counts

    few = asked()
    more = [
        lease_record(n, lessee_id_number=same.lessee_id_number, originated_on="2025-01-15",
                     first_payment_on="2025-02-15", maturity_on="2028-01-15")
        for n in (70, 71, 72)
    ]  # fmt: skip
    with tenant_context(cast.anda):
        import_tape(content=tape_of(more), file_name="d.csv", by=cast.back_office.pk, at=AT)
    assert asked() == few and max(few) <= 45
