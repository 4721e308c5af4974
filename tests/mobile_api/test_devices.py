"""Devices: enrolled by an officer, approved or revoked by a manager, on page and API."""

import pytest

from ledger import selectors as ledger
from mobile_api import selectors
from tests.mobile_api.phone import Phone


@pytest.fixture
def officer(client_of, cast):
    return client_of(cast.officer, cast.anda)


@pytest.fixture
def manager(client_of, cast):
    return client_of(cast.manager, cast.anda)


def enrol(client, phone, label="work phone"):
    body = {"public_key": phone.public, "label": label}
    return client.post("/api/v1/devices/", body, content_type="application/json")


def test_the_life_of_a_device_is_in_the_ledger(officer, manager, cast, enter):
    phone = Phone()
    enrolled = enrol(officer, phone)
    assert (enrolled.status_code, enrolled.json()["state"]) == (201, "pending")
    assert enrolled.json()["kid"] == phone.kid
    assert manager.post(f"/api/v1/devices/{phone.kid}/approve/").json()["state"] == "approved"
    assert manager.post(f"/api/v1/devices/{phone.kid}/revoke/").json()["state"] == "revoked"
    enter(cast.anda)
    rid = selectors.device(phone.kid).rid
    kinds = [entry.kind for entry in ledger.entries(rid=rid)]
    assert kinds == ["device.enrolled", "device.approved", "device.revoked"]


def test_the_answer_names_the_log_and_its_key(officer, cast, enter):
    answer = enrol(officer, Phone()).json()
    enter(cast.anda)
    head = ledger.head()
    assert answer["log_id"] == head.log_id
    assert answer["log_key"].startswith(head.origin + "+")


def test_enrolling_twice_is_the_same_device(officer):
    phone = Phone()
    assert enrol(officer, phone).json() == enrol(officer, phone).json()
    assert len(officer.get("/api/v1/devices/").json()) == 1


def test_a_key_belongs_to_one_person(officer, manager):
    phone = Phone()
    enrol(officer, phone)
    refused = enrol(manager, phone)
    assert (refused.status_code, refused.json()["code"]) == (409, "device_of_another")


@pytest.mark.parametrize("key", ["", "AQI=", "not base64", "A" * 44, "AAAA" * 10 + "AAA="])
def test_unusable_keys_are_refused_with_the_field(officer, key):
    body = {"public_key": key, "label": "x"}
    answer = officer.post("/api/v1/devices/", body, content_type="application/json")
    assert answer.status_code in (400, 422)
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["errors"][0]["field"] == "public_key"


def test_an_officer_approves_nothing(officer):
    phone = Phone()
    enrol(officer, phone)
    assert officer.post(f"/api/v1/devices/{phone.kid}/approve/").status_code == 403
    assert officer.get("/devices/").status_code == 403


def test_a_revoked_device_is_never_approved_again(officer, manager):
    phone = Phone()
    enrol(officer, phone)
    manager.post(f"/api/v1/devices/{phone.kid}/revoke/")
    again = manager.post(f"/api/v1/devices/{phone.kid}/approve/")
    assert (again.status_code, again.json()["code"]) == (409, "key_not_approved")


def test_the_page_approves_and_revokes(officer, manager):
    phone = Phone()
    enrol(officer, phone, label="Li Na, blue phone")
    assert "Li Na, blue phone" in manager.get("/devices/").content.decode()
    said = manager.post(f"/devices/{phone.kid}/approve/", follow=True).content.decode()
    assert "may sign from now on" in said
    assert officer.get(f"/api/v1/devices/{phone.kid}/").json()["state"] == "approved"
    manager.post(f"/devices/{phone.kid}/revoke/")
    assert officer.get(f"/api/v1/devices/{phone.kid}/").json()["state"] == "revoked"


def test_other_lessors_see_nothing_of_it(officer, client_of, cast):
    phone = Phone()
    enrol(officer, phone)
    rival = client_of(cast.rival_manager, cast.xingyu)
    assert rival.get(f"/api/v1/devices/{phone.kid}/").status_code == 404
    assert rival.post(f"/api/v1/devices/{phone.kid}/approve/").status_code == 404
    assert rival.post(f"/devices/{phone.kid}/approve/").status_code == 404
    assert phone.kid not in rival.get("/devices/").content.decode()


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_asks_the_database_equally_often(
    officer, manager, count, django_assert_max_num_queries
):
    for _ in range(count):
        enrol(officer, Phone())
    with django_assert_max_num_queries(11):
        manager.get("/devices/")
