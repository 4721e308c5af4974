"""Collecting on the phone, over HTTP: the work list, and contacts that the device signed."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django_tenants.utils import tenant_context

from ledger import selectors as ledger
from origination.domain.collections.contacts import instant_text
from origination.models import CollectionContact, Lease, PaymentPromise
from origination.selectors.collections.queue import Wanted, find_queue
from origination.services.collections import Assignment, assign_leases, bar_calls
from tests.mobile_api.test_submission import inside, officer, phone  # noqa: F401
from tests.origination.books import load_book


@pytest.fixture
def work(cast, officer, phone):  # noqa: F811
    """The two leases that owe most, assigned to the officer."""
    now = timezone.now()
    load_book(cast.anda, by=cast.back_office)
    with tenant_context(cast.anda):
        found = find_queue(Wanted(sort="owed"), as_of=now.date(), known_at=now, limit=2)
        plan = [Assignment(row.rid, cast.officer.pk) for row in found.rows]
        assign_leases(assignments=plan, by=cast.manager.pk, at=now)
    return found.rows


def contact(phone, rid, *, kind="contact.recorded", ago=timedelta(0), **more):  # noqa: F811
    now = timezone.now()
    fields = {
        "lease_rid": str(rid),
        "channel": "visit",
        "outcome": "promised",
        "inbound": "true",
        "at": instant_text(now - ago),
        "latitude": "31.2304",
        "longitude": "121.4737",
        "promised_minor": "100000",
        "promised_on": str(now.date() + timedelta(days=3)),
    } | more
    fields = {name: text for name, text in fields.items() if text}
    return phone.sign(fields, log_id=ledger.head().log_id, at=now, kind=kind)


def post(client, body):
    return client.post("/api/v1/contacts/", body, content_type="application/json")


def test_the_work_list_is_the_officers_own(cast, officer, work, client_of):  # noqa: F811
    told = officer.get("/api/v1/worklist/").json()
    assert {row["rid"] for row in told["rows"]} == {str(row.rid) for row in work}
    first = next(row for row in told["rows"] if row["rid"] == str(work[0].rid))
    assert (first["days_past_due"], first["owed_minor"]) == (work[0].days, str(work[0].owed_minor))
    lease = Lease.objects.get(rid=work[0].rid)
    bar_calls(lease=lease, barred=True, reason="x", by=cast.manager.pk, at=timezone.now())
    rows = officer.get("/api/v1/worklist/").json()["rows"]
    [barred] = [row for row in rows if row["do_not_call"]]
    assert (barred["rid"], barred["phone"]) == (str(lease.rid), "")
    other = client_of(cast.manager, cast.anda).get("/api/v1/worklist/")
    assert other.json()["rows"] == []


def test_a_signed_visit_is_kept_once_with_its_promise_and_receipt(officer, phone, work):  # noqa: F811
    body = contact(phone, work[0].rid, ago=timedelta(hours=20))
    first, again = post(officer, body), post(officer, body)
    assert (first.status_code, again.status_code) == (201, 200), first.json()
    kept = CollectionContact.objects.get()
    assert (str(kept.rid), kept.entry_index) == (body["rid"], first.json()["index"])
    assert (str(kept.latitude), kept.recorded_by) == ("31.230400", kept.recorded_by)
    promise = PaymentPromise.objects.get()
    assert (promise.amount_minor, promise.made_at) == (100_000, kept.at)
    made = ledger.payload(promise.entry_index)
    assert (made["contact"], made["made_at"]) == (body["rid"], instant_text(kept.at))
    receipt = officer.get(f"/api/v1/contacts/{body['rid']}/receipt/").json()
    assert receipt["index"] == str(kept.entry_index)
    refused = post(officer, contact(phone, work[0].rid))
    assert (refused.status_code, refused.json()["code"]) == (409, "promise_open")


def test_what_is_wrong_or_not_permitted_is_named_and_kept_out(officer, phone, work):  # noqa: F811
    rid = work[1].rid
    wrong = post(officer, contact(phone, rid, outcome="sent", promised_on="soon", latitude="x"))
    assert (wrong.status_code, wrong.json()["code"]) == (422, "contact_invalid")
    fields = {error["field"] for error in wrong.json()["errors"]}
    assert fields == {"outcome", "promised_minor", "latitude", "place"}
    plain = {"promised_minor": "", "promised_on": "", "outcome": "reached", "inbound": ""}
    night = timezone.now().replace(hour=15, minute=0) - timedelta(days=1)  # 23:00 in Beijing
    body = contact(phone, rid, channel="call", at=instant_text(night), **plain)
    refused = post(officer, body)
    assert (refused.status_code, refused.json()["code"]) == (409, "contact_not_permitted")
    assert not CollectionContact.objects.exists()
    assert post(officer, body | {"confirmed": ["breaches"]}).status_code == 201
    assert CollectionContact.objects.get().breaches == ["hours"]
    tampered = contact(phone, rid, note="a")
    tampered["fields"]["note"] = "b"
    assert post(officer, tampered).json()["code"] == "bad_signature"
    other = contact(phone, rid, kind="lease.recorded")
    assert post(officer, other).json()["code"] == "bad_signature"
