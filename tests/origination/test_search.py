"""The search: what is found by which part, by whom, in whose book, and how often it asks."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django_tenants.utils import tenant_context

from ledger.models import Entry
from origination.domain.asking import asked
from origination.models import Lease, PaymentEvent
from origination.search.groups import search
from origination.services import import_tape, record_payment
from tenants.permissions import Role, permissions_of
from tests.origination.books import AT, tape_of
from tests.origination.records import checked_vin, lease_record

MANAGER, OFFICER = permissions_of([Role.LESSOR_MANAGER]), permissions_of([Role.LESSOR_OFFICER])
RECORDS = [
    lease_record(1, lessee_name="欧阳晓明", plate="粤B12345", lessee_phone="138 0013 8000"),
    lease_record(2, lessee_name="李晓明", plate="粤AD88888"),
    lease_record(3, lessee_name="晓明", vin=checked_vin(3, "LGX")),
    lease_record(31, lessee_name="Anna Schmidt"),
]


def _import(tenant, by, records, name="book.csv"):
    with tenant_context(tenant):
        import_tape(content=tape_of(records), file_name=name, by=by.pk, at=AT)


@pytest.fixture
def book(cast, enter):
    _import(cast.anda, cast.back_office, RECORDS)
    enter(cast.anda)
    return {lease.contract_number: lease for lease in Lease.objects.all()}


def _titles(typed, held=MANAGER):
    return {
        str(found.group.icon) + ":" + str(found.group.label): [hit.title for hit in found.hits]
        for found in search(asked(typed), held=held)
    }


def _found(typed, group, held=MANAGER):
    return next((titles for name, titles in _titles(typed, held).items() if group in name), [])


def test_two_characters_of_a_name_are_enough_and_the_whole_name_comes_first(book):
    assert _found("晓明", "Customers") == ["晓明", "李晓明", "欧阳晓明"]
    assert _found("欧阳", "Customers") == ["欧阳晓明"]
    assert _found("阳晓", "Leases") == ["HC-000001"]
    assert _found("anna sch", "Customers") == ["Anna Schmidt"]
    assert _found("anna 000031", "Leases") == ["HC-000031"]  # each word in another field
    assert _found("hc-00", "Customers") == _found("hc-00", "Vehicles") == []
    assert _found("晓", "Customers") == []  # one letter is no part
    # signs of patterns are letters
    assert _found("%%", "Leases") == _found("__", "Leases") == _found("\\\\", "Leases") == []


def test_vehicles_are_found_by_part_and_end_of_vin_and_by_plate(book):
    third = book["HC-000003"].vin
    assert _found("lgx", "Vehicles") == [third]
    assert _found(third[-6:], "Vehicles") == [third]
    assert _found("粤b123", "Vehicles") == [book["HC-000001"].vin]
    assert _found("８８８８８", "Vehicles") == [book["HC-000002"].vin]  # full-width digits


def test_exact_comes_before_beginning_before_part(book, cast):
    more = [lease_record(n, contract_number=number) for n, number in
            ((50, "X-HC-000001-Y"), (51, "HC-000001-2"))]  # fmt: skip
    _import(cast.anda, cast.back_office, more, "more.csv")
    assert _found("HC-000001", "Leases") == ["HC-000001", "HC-000001-2", "X-HC-000001-Y"]


def test_numbers_of_persons_are_found_by_those_who_may_read_them(book):
    number = book["HC-000001"].lessee_id_number
    for typed in (number, number[-4:], number[-6:].lower(), "13800138000", "8000"):
        assert "欧阳晓明" in _found(typed, "Customers"), typed
        assert _found(typed, "Customers", OFFICER) == [], typed
    assert _found(number[-3:], "Customers") == []  # three digits tell nobody apart
    assert _found("9" + number[-5:], "Customers") == []


def test_payments_tapes_and_entries_are_found(book):
    lease = book["HC-000001"]
    record_payment(
        lease=lease, amount_minor=100, effective_on=AT.date(), at=AT, bank_reference="FT26-0042"
    )
    assert _found("ft26-", "Bank lines") == ["FT26-0042"]
    assert _found("book.c", "Tapes") == ["book.csv"]
    index = Entry.objects.get(rid=lease.rid).index
    assert _found(f"{index}", "Ledger entries") == [f"Entry {index}"]
    assert f"Entry {index}" in _found(str(lease.rid)[:13], "Ledger entries")
    assert PaymentEvent.objects.count() == 1


def test_nothing_of_another_lessor_is_found(book, cast, client_of, enter):
    _import(cast.xingyu, cast.rival_back_office, [lease_record(7, lessee_name="王秘密")])
    assert _titles("王秘密") == {}
    with tenant_context(cast.xingyu):
        secret = Lease.objects.get().vin
    page = client_of(cast.manager, cast.anda).post("/search/", {"typed": secret})
    assert page.context["found"] == [] and "王秘密" not in page.content.decode()


def test_what_is_typed_stands_in_no_address(book, cast, client_of):
    client = client_of(cast.manager, cast.anda)
    number = book["HC-000001"].lessee_id_number
    assert client.get("/search/", {"typed": number}).context["found"] == []
    page = client.post("/search/", {"typed": number}, headers={"HX-Request": "true"})
    html = page.content.decode()
    assert "欧阳晓明" in html and "<html" not in html and number not in html
    home = client.get("/book/").content.decode()
    assert 'class="topbar__search" method="post" action="/search/"' in home


def test_the_search_asks_as_often_however_much_there_is(book, cast, client_of):
    client = client_of(cast.manager, cast.anda)
    counts = []
    for typed in ("欧阳晓明", "晓明", "00"):
        with CaptureQueriesContext(connection) as queries:
            assert client.post("/search/", {"typed": typed}).context["found"]
        counts.append(len(queries))
    assert len(set(counts)) == 1 and counts[0] <= 16
    with tenant_context(cast.anda), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off")
        plan = _plan(cursor, "晓明 han")
        assert all(f"lease_{part}_by_part" in plan for part in ("contract", "name", "vehicle"))


def _plan(cursor, typed):
    from origination.selectors.leases import find_leases

    query, given = find_leases(q=typed).query.sql_with_params()
    cursor.execute(f"EXPLAIN {query}", given)
    return "\n".join(row[0] for row in cursor.fetchall())
