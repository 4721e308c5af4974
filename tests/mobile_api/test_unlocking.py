"""The secret that opens a phone whose PIN is forgotten: to its person, freshly signed in, alone."""

import uuid

import pytest
from django.utils import timezone

from ledger.core.encoding import unb64
from ledger.rotation.kek import rotate_key_encryption_key
from ledger.services import approve_key
from mobile_api.models import UnlockSecret
from tests.mobile_api.phone import Phone
from tests.mobile_api.test_devices import enrol

PROFILE = str(uuid.uuid4())


@pytest.fixture
def officer(client_of, cast):
    return client_of(cast.officer, cast.anda)


@pytest.fixture
def manager(client_of, cast):
    return client_of(cast.manager, cast.anda)


@pytest.fixture
def phone(officer, cast, enter):
    """An approved phone of the officer."""
    phone = Phone()
    enrol(officer, phone)
    enter(cast.anda)
    approve_key(kid=phone.kid, by=cast.manager.pk, at=timezone.now())
    return phone


def path_of(phone):
    return f"/api/v1/devices/{phone.kid}/unlock/"


def renew(client, phone, profile=PROFILE):
    return client.put(path_of(phone), {"phone": profile}, content_type="application/json")


def signed_in(client, seconds_ago):
    session = client.session
    session["signed_in_at"] = timezone.now().timestamp() - seconds_ago
    session.save()


def code(answer):
    assert answer["Content-Type"] == "application/problem+json"
    assert all(answer.json()[member] for member in ("title", "detail", "mend"))
    return answer.status_code, answer.json()["code"]


def test_a_secret_is_given_and_comes_back_the_same(officer, phone, cast, enter):
    given = renew(officer, phone)
    assert given.status_code == 200 and len(unb64(given.json()["secret"], 32)) == 32
    again = officer.get(path_of(phone))
    assert again.json() == given.json()
    assert given["Cache-Control"] == again["Cache-Control"] == "no-store"
    enter(cast.anda)
    kept = UnlockSecret.objects.get()
    assert unb64(given.json()["secret"]) not in bytes(kept.ciphertext) + bytes(kept.wrapped_key)
    told = officer.get(f"/api/v1/devices/{phone.kid}/").json()["unlock_version"]
    assert told == given.json()["version"]


def test_a_secret_outlives_the_key_that_wraps_its_own(officer, phone, cast, enter):
    given = renew(officer, phone).json()
    enter(cast.anda)
    version = rotate_key_encryption_key()
    assert UnlockSecret.objects.get().kek_version == version > 1
    assert officer.get(path_of(phone)).json() == given


def test_a_new_secret_replaces_the_former(officer, phone):
    former, latter = renew(officer, phone).json(), renew(officer, phone).json()
    assert former["secret"] != latter["secret"] and former["version"] != latter["version"]
    assert officer.get(path_of(phone)).json() == latter


def test_a_session_that_lives_on_is_not_enough(officer, phone):
    """A phone in the wrong hands is still signed in: the PIN must not be walked around so."""
    renew(officer, phone)
    signed_in(officer, 601)
    assert code(officer.get(path_of(phone))) == (403, "sign_in_again")
    signed_in(officer, -60)
    assert code(officer.get(path_of(phone))) == (403, "sign_in_again")
    signed_in(officer, 590)
    assert officer.get(path_of(phone)).status_code == 200


def test_a_revoked_phone_is_given_none_and_its_secret_is_gone(officer, manager, phone, cast, enter):
    renew(officer, phone)
    assert manager.post(f"/devices/{phone.kid}/revoke/").status_code == 302
    assert code(officer.get(path_of(phone))) == (409, "device_revoked")
    assert code(renew(officer, phone)) == (409, "device_revoked")
    enter(cast.anda)
    assert not UnlockSecret.objects.exists()
    assert officer.get(f"/api/v1/devices/{phone.kid}/").json()["unlock_version"] == ""


def test_the_api_revokes_likewise(officer, manager, phone, cast, enter):
    renew(officer, phone)
    assert manager.post(f"/api/v1/devices/{phone.kid}/revoke/").json()["unlock_version"] == ""
    enter(cast.anda)
    assert not UnlockSecret.objects.exists()


def test_nobody_else_is_given_it(officer, manager, phone, client_of, cast):
    renew(officer, phone)
    for other, refused in [
        (manager, (409, "device_of_another")),
        (client_of(cast.rival_manager, cast.xingyu), (409, "device_unknown")),
    ]:
        assert code(other.get(path_of(phone))) == refused
        assert code(renew(other, phone)) == refused
    stranger = client_of(None, cast.anda)
    assert stranger.get(path_of(phone)).status_code in (401, 403)
    assert renew(stranger, phone).status_code in (401, 403)


def test_a_person_who_lost_access_is_given_none(officer, phone, cast):
    renew(officer, phone)
    cast.officer.is_active = False
    cast.officer.save(update_fields=["is_active"])
    try:
        assert officer.get(path_of(phone)).status_code in (401, 403)
    finally:
        cast.officer.is_active = True
        cast.officer.save(update_fields=["is_active"])


def test_a_pending_phone_or_one_without_a_secret_is_told_so(officer, phone):
    assert code(officer.get(path_of(phone))) == (404, "unlock_unknown")
    pending = Phone()
    enrol(officer, pending)
    assert code(renew(officer, pending)) == (409, "device_pending")


@pytest.mark.parametrize("profile", ["", "x", None])
def test_a_phone_without_a_name_is_refused_with_the_field(officer, phone, profile):
    answer = renew(officer, phone, profile)
    assert answer.status_code in (400, 422)
    assert answer.json()["errors"][0]["field"] == "phone"


def test_the_manager_sees_whose_phones_are_one(officer, manager, phone, cast):
    renew(officer, phone)
    own = Phone()
    enrol(manager, own)
    manager.post(f"/devices/{own.kid}/approve/")
    renew(manager, own, str(uuid.uuid4()))
    assert "data-shared" not in manager.get("/devices/").content.decode()
    renew(manager, own)
    page = manager.get("/devices/").content.decode()
    assert page.count("data-shared") == 2 and "Same phone as" in page
    manager.post(f"/devices/{own.kid}/revoke/")
    assert "data-shared" not in manager.get("/devices/").content.decode()
