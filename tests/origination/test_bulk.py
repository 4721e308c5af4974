"""One act on many rows: what the preview names, that just that is done, and once."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ledger.models import Entry
from ledger.selectors import payload
from origination.bulk.running import ACTIONS, MOST, VALID, confirm_bulk, preview_bulk
from origination.domain.life.machine import Move, State
from origination.dossiers.vehicles import vehicle_of, vehicle_rid
from origination.models import BulkAction, CollectionCase, Lease
from origination.problems import BulkInvalid, PreviewOver
from origination.selectors.life import standing_of, standings_of, state_of
from origination.services import import_tape, move_lease, reverse_payment
from origination.services.desk import Actor
from tests.origination.books import load_book, tape_of
from tests.origination.records import lease_record
from tests.origination.test_statements import NOW

CLOSE = {"on": NOW.date().isoformat(), "vehicle": "lessee"}


@pytest.fixture
def book(cast, enter):
    load_book(cast.anda, by=cast.back_office)
    enter(cast.anda)
    return list(Lease.objects.order_by("contract_number"))


def _preview(code, leases, given, by, at=NOW):
    rids = [lease.rid for lease in leases]
    return preview_bulk(action=ACTIONS[code], subjects=rids, given=given, by=by.pk, at=at)


def _confirm(bulk, by, at=NOW):
    return confirm_bulk(bulk=bulk, actor=Actor(by.pk, (), "Firefox"), at=at)


def _states(bulk):
    return {item.subject: str(item.state) for item in bulk.items.all()}


def test_what_was_previewed_is_closed_and_nothing_else_and_once(book, cast):
    office = cast.back_office
    owes = {rid: at.claim_minor > 0 for rid, at in
            standings_of(book, on=NOW.date(), known_at=NOW).items()}  # fmt: skip
    before = Entry.objects.count()
    bulk = _preview("close", book, CLOSE, office)
    assert _states(bulk) == {rid: "refused" if owe else "ready" for rid, owe in owes.items()}
    assert all(item.reasons for item in bulk.items.filter(state="refused"))
    assert Entry.objects.count() == before and 2 < list(owes.values()).count(False) < len(book)
    moved, reversed_, *rest = [lease for lease in book if not owes[lease.rid]]
    move_lease(rid=moved.rid, move=Move.CLOSE, on=NOW.date(), given={"vehicle": "lessee"},
               by=office.pk, at=NOW)  # fmt: skip
    paid = reversed_.payments.filter(kind__in=["rent", "settlement"]).last()
    reverse_payment(payment=paid, at=NOW)  # owes again since the preview
    assert "done" in _states(_confirm(bulk, office)).values()
    done = {rid for rid, state in _states(bulk).items() if state == "done"}
    assert done == {lease.rid for lease in rest}
    assert all(state_of(rid) is State.CLOSED for rid in done)
    failed = {item.subject: item.reasons for item in bulk.items.filter(state="failed")}
    assert set(failed) == {moved.rid, reversed_.rid} and all(failed.values())
    item = bulk.items.filter(state="done").first()
    entry = payload(item.entry_index)
    assert (entry["move"], entry["moved_by"]) == ("close", str(office.pk))
    count = Entry.objects.count()
    _confirm(bulk, office)  # again
    assert Entry.objects.count() == count and state_of(reversed_.rid) is State.ACTIVE
    # a vehicle whose lease is closed is leased again: its page has both
    again = lease_record(900, vin=rest[0].vin, originated_on="2025-01-15",
                         first_payment_on="2025-02-15", maturity_on="2028-01-15")  # fmt: skip
    import_tape(
        content=tape_of([again]), file_name="a.csv", by=office.pk, at=NOW, confirm_warnings=True
    )
    second = Lease.objects.get(contract_number="HC-000900")
    both = vehicle_of(second.rid, as_of=NOW.date(), known_at=NOW)
    assert vehicle_rid(second.rid) == both.rid == rest[0].rid
    assert [lease.rid for lease, _at in both.leases] == [second.rid, rest[0].rid]


def test_marks_and_assignments_are_made_as_they_were_previewed(book, cast):
    manager = cast.manager
    first, second, third = book[:3]
    bar = {"barred": "true", "reason": "律师函"}
    one = _preview("bar", [first], bar, manager)
    _confirm(one, manager)
    bulk = _preview("bar", [first, second, third], bar, manager)
    assert list(_states(bulk).values()) == ["refused", "ready", "ready"]
    other = _preview("bar", [second], bar, manager)
    _confirm(other, manager)  # somebody else marks it meanwhile
    assert list(_states(_confirm(bulk, manager)).values()) == ["refused", "failed", "done"]
    assert CollectionCase.objects.filter(do_not_call=True).count() == 3
    late = [lease for lease in book if standing_of(
        lease, on=NOW.date(), known_at=NOW).days_past_due]  # fmt: skip
    current = next(lease for lease in book if lease not in late)
    bulk = _preview("assign", [*late, current], {"to": str(cast.officer.pk)}, manager)
    assert _states(bulk)[current.rid] == "refused"
    _confirm(bulk, manager)
    held = CollectionCase.objects.filter(assigned_to=cast.officer.pk)
    assert {case.lease_id for case in held} == {lease.rid for lease in late}
    indexes = {item.entry_index for item in bulk.items.filter(state="done")}
    assert Entry.objects.get(index__in=indexes).kind == "collection.assigned"


def test_a_preview_refuses_and_asks_as_often_for_many_rows(book, cast):
    """Too many, none and too late are refused; standings of many are those of each."""
    with pytest.raises(BulkInvalid):
        _preview("close", [], CLOSE, cast.manager)
    many = [Lease(rid=f"00000000-0000-0000-0000-{n:012d}") for n in range(MOST + 1)]
    with pytest.raises(BulkInvalid):
        _preview("close", many, CLOSE, cast.manager)
    bulk = _preview("close", book[:3], CLOSE, cast.manager)
    with pytest.raises(PreviewOver):
        _confirm(bulk, cast.manager, at=NOW + VALID + timedelta(seconds=1))
    assert set(_states(bulk).values()) <= {"ready", "refused"}
    found = standings_of(book, on=NOW.date(), known_at=NOW)
    assert found == {lease.rid: standing_of(lease, on=NOW.date(), known_at=NOW) for lease in book}
    for code, given in (("close", CLOSE), ("bar", {"barred": "true", "reason": "x"}),
                        ("assign", {"to": str(cast.officer.pk)})):  # fmt: skip
        _preview(code, book[:1], given, cast.manager)  # the book is read once
        counts = []
        for leases in (book[:1], book[:20]):
            with CaptureQueriesContext(connection) as queries:
                _preview(code, leases, given, cast.manager)
            counts.append(len(queries))
        assert counts[0] == counts[1] <= 16, code


def test_the_pages_preview_confirm_and_belong_to_their_maker(book, cast, client_of):
    office = client_of(cast.back_office, cast.anda, language="zh-hans")
    lease = book[0]
    assert "/bulk/close/" in office.get("/leases/").content.decode()
    address = f"/bulk/bar/?row={lease.rid}"
    shown = office.get(address)
    assert (
        shown.context["count"] == 1
        and 'action="' not in shown.content.decode().split('class="form"')[1].split(">")[0]
    )  # the form sends to the address that names its rows
    assert office.post(address, {"barred": "true", "reason": ""}).status_code == 422
    page = office.post(address, {"barred": "true", "reason": "律师函"}).headers["Location"]
    assert lease.contract_number in office.get(page).content.decode()
    assert client_of(cast.manager, cast.anda).post(page).status_code == 404
    assert office.post(page).headers["Location"] == page
    shown = office.get(page).context
    assert [item.state for item in shown["items"]] == ["done"] and shown["bulk"].done_at
    every = office.get("/bulk/close/?all=1")
    assert every.context["count"] == len(book)
    officer = client_of(cast.officer, cast.anda)
    assert officer.get("/bulk/close/?all=1").status_code == 403
    assert "/bulk/close/" not in officer.get("/leases/").content.decode()


def test_applications_are_asked_for_documents_together(cast, enter):
    from tests.origination.life.test_desk import AT, send

    enter(cast.anda)
    version = send(cast.officer)
    bulk = preview_bulk(
        action=ACTIONS["ask"], subjects=[version.application_id],
        given={"question": "请补充收入证明"}, by=cast.back_office.pk, at=AT,
    )  # fmt: skip
    assert [str(item.state) for item in bulk.items.all()] == ["ready"]
    confirm_bulk(bulk=bulk, actor=Actor(cast.back_office.pk, (), ""), at=AT)
    item = bulk.items.get()
    assert payload(item.entry_index)["question"] == "请补充收入证明"
    again = preview_bulk(
        action=ACTIONS["ask"], subjects=[version.application_id],
        given={"question": "x"}, by=cast.back_office.pk, at=AT,
    )  # fmt: skip
    assert [str(item.state) for item in again.items.all()] == ["refused"]
    assert BulkAction.objects.count() == 2
