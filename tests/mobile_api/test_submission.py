"""A signed lease from the phone to the ledger, and everything that is refused on the way."""

import datetime as dt
import io
from hashlib import sha256

import pytest
from django.utils import timezone

from ledger import halting
from ledger import selectors as ledger
from ledger.core.checkpoints import open_checkpoint
from ledger.core.encoding import unb64
from ledger.core.hashing import leaf_hash
from ledger.core.notes import NoteKey
from ledger.core.proofs import verify_inclusion
from ledger.problems import RollbackRefused
from ledger.services import approve_key, drain, export_ledger, revoke_key, seal_checkpoint
from ledger.verifier.check import verify_bundle
from mobile_api import services
from origination.models import Lease
from tests.mobile_api.phone import LEASE, Phone
from tests.mobile_api.test_uploads import picture, upload


class Inside:
    """A client after whose requests the test is inside the lessor again."""

    def __init__(self, client, enter_again):
        self.client, self.enter_again = client, enter_again

    def get(self, *args, **kwargs):
        answer = self.client.get(*args, **kwargs)
        self.enter_again()
        return answer

    def post(self, *args, **kwargs):
        answer = self.client.post(*args, **kwargs)
        self.enter_again()
        return answer


@pytest.fixture
def inside(client_of, cast, enter):
    """`inside(person)`: a client of that person at the lessor."""
    return lambda person, **options: Inside(
        client_of(person, cast.anda, **options), lambda: enter(cast.anda)
    )


@pytest.fixture
def officer(inside, cast):
    return inside(cast.officer)


@pytest.fixture
def phone(cast, enter):
    """An approved phone of the officer; the test runs inside the lessor."""
    phone = Phone()
    enter(cast.anda)
    at = timezone.now()
    services.enrol_device(public_key=phone.public, label="phone", by=cast.officer.pk, at=at)
    approve_key(kid=phone.kid, by=cast.manager.pk, at=at)
    return phone


def signed(phone, fields=LEASE, **options):
    options = {"log_id": ledger.head().log_id, "at": timezone.now()} | options
    return phone.sign(fields, **options)


def send(client, body):
    return client.post("/api/v1/leases/", body, content_type="application/json")


def refusal(client, body):
    answer = send(client, body)
    assert answer["Content-Type"] == "application/problem+json"
    assert ledger.entries(kind="lease.recorded").count() == Lease.objects.count() == 0
    return answer.status_code, answer.json()["code"]


def test_a_signed_lease_is_recorded_and_proved(officer, phone):
    body = signed(phone)
    answer = send(officer, body)
    assert answer.status_code == 201, answer.json()
    receipt = officer.get(f"/api/v1/leases/{body['rid']}/receipt/").json()
    log_key = NoteKey.parse(officer.get(f"/api/v1/devices/{phone.kid}/").json()["log_key"])
    checkpoint, _ = open_checkpoint(receipt["checkpoint"].encode(), log_key)
    index = int(receipt["index"])
    leaf, proof = unb64(receipt["leaf"]), [unb64(item) for item in receipt["proof"]]
    verify_inclusion(index, checkpoint.size, leaf_hash(leaf), proof, checkpoint.root)
    assert index == answer.json()["index"]
    assert ledger.payload(index) == LEASE
    assert Lease.objects.get().entry_index == index


def test_what_was_signed_is_what_is_stored(officer, phone):
    body = signed(phone)
    index = send(officer, body).json()["index"]
    record = ledger.record(index)
    salts = b"".join(unb64(body["salts"][name]) for name in sorted(LEASE))
    assert (record.fields, record.payload.salts, record.ts) == (LEASE, salts, body["ts"])


def test_sending_twice_answers_the_first_time(officer, phone):
    body = signed(phone)
    first, second = send(officer, body), send(officer, body)
    assert (first.status_code, second.status_code) == (201, 200)
    assert second.json() == first.json() | {"repeated": True}
    assert Lease.objects.count() == 1


def test_the_same_id_signed_anew_is_a_duplicate(officer, phone):
    body = signed(phone)
    send(officer, body)
    again = send(officer, signed(phone, rid=body["rid"]))
    assert (again.status_code, again.json()["code"]) == (409, "duplicate_record")
    assert Lease.objects.count() == 1


def test_the_same_contract_again_names_its_fields(officer, phone):
    send(officer, signed(phone))
    again = send(officer, signed(phone))
    fields = {error["field"] for error in again.json()["errors"]}
    assert (again.status_code, fields) == (422, {"contract_number", "vin"})
    assert Lease.objects.count() == 1


@pytest.mark.parametrize("off", [{"hours": -73}, {"minutes": 6}], ids=["old", "from the future"])
def test_stale_signatures_are_refused(officer, phone, off):
    at = timezone.now() + dt.timedelta(**off)
    assert refusal(officer, signed(phone, at=at)) == (409, "stale_signature")


def test_a_day_without_network_is_not_stale(officer, phone):
    at = timezone.now() - dt.timedelta(days=1)
    assert send(officer, signed(phone, at=at)).status_code == 201


def test_unknown_devices_are_refused(officer, phone):
    assert refusal(officer, signed(Phone())) == (409, "device_unknown")


def test_unapproved_devices_are_refused(officer, phone, cast):
    other = Phone()
    at = timezone.now()
    services.enrol_device(public_key=other.public, label="new", by=cast.officer.pk, at=at)
    assert refusal(officer, signed(other)) == (409, "device_pending")


def test_a_phone_replaces_its_key(officer, phone, inside, cast):
    """New beside old, then the old one revoked; what the old one signed stays proven."""
    manager, new = inside(cast.manager), Phone()
    assert send(officer, signed(phone)).status_code == 201
    body = {"public_key": new.public, "label": "same phone, new key"}
    answer = officer.post("/api/v1/devices/", body, content_type="application/json")
    assert answer.json()["state"] == "pending"
    second = LEASE | {"contract_number": "AD-2026-000002", "vin": "LSVAB4BR1EN123458"}
    waiting = send(officer, signed(new, second)).json()
    assert waiting["code"] == "device_pending"
    manager.post(f"/devices/{new.kid}/approve/")
    manager.post(f"/devices/{phone.kid}/revoke/")
    assert send(officer, signed(phone, second)).json()["code"] == "device_revoked"
    taken = send(officer, signed(new, second))
    assert taken.status_code == 201, taken.json()
    assert {entry.kid for entry in ledger.entries(kind="lease.recorded")} == {phone.kid, new.kid}
    stream = io.BytesIO()
    export_ledger(stream=stream, at=timezone.now())
    stream.seek(0)
    assert verify_bundle(stream, portable=False).entries == ledger.log_size()


def test_revoked_devices_are_refused(officer, phone, cast):
    body = signed(phone)
    revoke_key(kid=phone.kid, by=cast.manager.pk, at=timezone.now())
    assert refusal(officer, body) == (409, "device_revoked")


def test_a_device_signs_for_its_holder_only(officer, phone, cast):
    mine = Phone()
    at = timezone.now()
    services.enrol_device(public_key=mine.public, label="boss", by=cast.manager.pk, at=at)
    approve_key(kid=mine.kid, by=cast.manager.pk, at=at)
    assert refusal(officer, signed(mine)) == (409, "device_of_another")


def test_a_changed_field_breaks_the_signature(officer, phone):
    body = signed(phone)
    body["fields"]["lessee_name"] = "李四"
    assert refusal(officer, body) == (422, "bad_signature")


def test_a_signature_for_another_ledger_is_refused(officer, phone):
    assert refusal(officer, signed(phone, log_id="0" * 32)) == (422, "bad_signature")


def test_a_signature_of_another_kind_is_refused(officer, phone):
    assert refusal(officer, signed(phone, kind="device.approved")) == (422, "bad_signature")


@pytest.mark.parametrize(
    ("member", "value"),
    [("dev_sig", "AAAA"), ("dev_sig", "no base64"), ("ts", "yesterday"), ("salts", {})],
)
def test_unreadable_submissions_are_refused(officer, phone, member, value):
    assert refusal(officer, signed(phone) | {member: value}) == (422, "malformed_submission")


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("vin", "LSVAB4BR0EN123457", "vin_check_digit"),
        ("residual_minor", "14000001", "residual_above_price"),
        ("financed_amount_minor", "-1", "negative"),
        ("first_payment_on", "2026-03-01", "dates_out_of_order"),
        ("energy", "steam", "unknown_code"),
        ("province", "99", "unknown_code"),
    ],
)
def test_wrong_fields_are_named_with_their_mend(officer, phone, field, value, code):
    answer = send(officer, signed(phone, LEASE | {field: value}))
    assert answer.status_code == 422
    errors = {(error["field"], error["code"]): error for error in answer.json()["errors"]}
    assert errors[field, code]["mend"]
    assert Lease.objects.count() == 0


def test_a_foreign_vin_is_confirmed_not_forced(officer, phone):
    lease = LEASE | {"vin": "WVWZZZ1KZAW123456"}
    first = send(officer, signed(phone, lease))
    assert [error["code"] for error in first.json()["errors"]] == ["vin_check_digit_unsure"]
    assert send(officer, signed(phone, lease) | {"confirmed": ["vin"]}).status_code == 201


def test_the_signed_photo_must_have_arrived(officer, phone):
    content = picture()
    body = signed(phone, LEASE | {"photo_sha256": sha256(content).hexdigest()})
    assert refusal(officer, body) == (422, "photo_missing")
    upload(officer, content)
    assert send(officer, body).status_code == 201


def test_refusals_speak_chinese(phone, inside, cast):
    client = inside(cast.officer, language="zh-hans")
    problem = send(client, signed(Phone())).json()
    assert problem["title"] == "此手机尚未登记。"


def test_receipts_of_nothing_and_of_others(officer, phone, client_of, cast):
    body = signed(phone)
    assert officer.get(f"/api/v1/leases/{body['rid']}/receipt/").status_code == 404
    send(officer, body)
    rival = client_of(cast.rival_officer, cast.xingyu)
    assert rival.get(f"/api/v1/leases/{body['rid']}/receipt/").status_code == 404


def test_who_may_not_record(phone, inside, cast):
    assert send(inside(cast.manager), signed(phone)).status_code == 403
    stranger = inside(None)
    assert send(stranger, signed(phone)).status_code in (401, 403)


def test_a_busy_ledgers_receipt_says_pending_until_the_lease_has_its_place(
    officer, phone, cast, inside
):
    cast.anda.hot_ledger = True
    cast.anda.save()
    body = signed(phone)
    answer = send(officer, body)
    assert answer.status_code == 201, answer.json()
    waits = {"rid": body["rid"], "state": "pending", "index": None}
    assert answer.json() == waits | {"repeated": False}
    assert send(officer, body).json() == waits | {"repeated": True}
    receipt = officer.get(f"/api/v1/leases/{body['rid']}/receipt/")
    assert (receipt.status_code, receipt.json()["state"]) == (202, "pending")
    assert send(officer, signed(phone, rid=body["rid"])).json()["code"] == "duplicate_record"
    lease = Lease.objects.get()
    assert lease.entry_index is None
    page, chinese = f"/leases/{lease.pk}/", inside(cast.officer, language="zh-hans")
    assert "its place in the ledger comes in a moment" in officer.get(page).content.decode()
    assert "其在账本中的位置稍后确定" in chinese.get(page).content.decode()
    assert drain() == 1
    lease.refresh_from_db()
    index = ledger.entries(kind="lease.recorded").get().index
    assert lease.entry_index == index
    assert f"entries/{index}/" in officer.get(page).content.decode()
    receipt = officer.get(f"/api/v1/leases/{body['rid']}/receipt/")
    assert (receipt.status_code, receipt.json()["state"]) == (200, "integrated")
    assert receipt.json()["index"] == str(index)
    placed = {"rid": body["rid"], "state": "integrated", "index": index, "repeated": True}
    assert send(officer, body).json() == placed


@pytest.mark.parametrize("hot", [False, True])
def test_a_ledger_that_stands_still_takes_no_lease_and_takes_it_afterwards(
    inside, cast, phone, hot
):
    cast.anda.hot_ledger = hot
    cast.anda.save()
    halting.halt(RollbackRefused(detail="The log went back."), at=timezone.now())
    body = signed(phone)
    assert refusal(inside(cast.officer), body) == (503, "log_halted")
    told = send(inside(cast.officer, language="zh-hans"), body).json()
    assert "账本已停滞" in told["title"] and told["mend"]
    seal_checkpoint(at=timezone.now())
    assert send(inside(cast.officer), body).status_code == 201


def test_time_in_which_the_ledger_stood_still_makes_no_signature_stale(inside, cast, phone):
    now, hours = timezone.now(), lambda count: dt.timedelta(hours=count)
    officer, long_ago = (
        inside(cast.officer),
        [signed(phone, at=now - hours(age)) for age in (90, 99)],
    )
    halting.halt(RollbackRefused(detail="The log went back."), at=now - hours(80))
    halting.lift(halting.seen(), "mended", at=now - hours(55))
    assert refusal(officer, long_ago[1]) == (409, "stale_signature")  # 74 hours of it do count
    assert send(officer, long_ago[0]).status_code == 201
