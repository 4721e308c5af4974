"""Erasing from an entry's page: who may, what is asked, and what both sides see after."""

from datetime import timedelta

import pytest
from django_tenants.utils import tenant_context

from ledger.drafts import instant
from ledger.exchange import registry
from ledger.models import Erasure
from tenants import clock
from tests.ledger.stage import AT, answer, exchange, make_stage, receive, send

URL = "/ledger/entries/6/erase/"


@pytest.fixture
def stage(cast, monkeypatch):
    stage = make_stage(cast, monkeypatch)
    monkeypatch.setattr(registry, "_erasers", {})
    stage.now = instant(AT)
    monkeypatch.setattr(clock, "now", lambda: stage.now)
    exchange(stage)
    return stage


def test_a_manager_erases_and_both_sides_show_the_state(stage, client_of, cast):
    manager = client_of(cast.manager, stage.lessor)
    page = manager.get("/ledger/entries/6/").content.decode()
    assert "VIN1" in page and "Erase the content" in page
    asked = manager.get(URL).content.decode()
    assert "cannot be undone" in asked and "The phone that" not in asked  # a row of a tape
    assert 'button--danger" type="submit">Erase for good' in asked
    for wrong in ({}, {"reason": "subject_request", "confirm": "7"}, {"confirm": "6"}):
        assert manager.post(URL, wrong).status_code == 422
    with tenant_context(stage.lessor):
        assert not Erasure.objects.exists()
    given = {"reason": "subject_request", "confirm": "6"}
    assert manager.post(URL, given).status_code == 302
    assert manager.post(URL, given).status_code == 409  # once
    again = manager.get(URL)
    said = again.content.decode()
    assert again.status_code == 409 and "This payload was erased" in said
    assert "Erase for good" not in said and "cannot be undone" not in said

    def shows():
        return manager.get("/ledger/entries/6/").content.decode()

    page = shows()
    assert "VIN1" not in page and "The person asked for it" in page
    assert "told with the next parcel" in page
    send(stage)
    assert ">asked<" in shows()
    stage.now += timedelta(days=4)
    assert "asked, silent" in shows()
    receive(stage)
    answer(stage)
    assert "erased, they say" in shows()
    analyst = client_of(cast.analyst, stage.trust)
    page = analyst.get(f"/ledger/copies/{stage.lessor.pk}/entries/6/").content.decode()
    assert "Content erased here" in page and "keys and ciphertexts are destroyed" in page
    assert "This entry is proven" in page
    assert "was not shared with you" not in page and "This payload was erased" in page
    chinese = client_of(cast.analyst, stage.trust, language="zh-hans")
    page = chinese.get(f"/ledger/copies/{stage.lessor.pk}/entries/6/").content.decode()
    assert "未与您共享" not in page and "此内容已被销毁" in page
    page = analyst.get(f"/ledger/copies/{stage.lessor.pk}/entries/13/").content.decode()
    assert "subject_request" in page


def test_nobody_else_may(stage, client_of, cast):
    for person in (cast.officer, cast.back_office):
        assert client_of(person, stage.lessor).get(URL).status_code == 403
    manager = client_of(cast.manager, stage.lessor)
    assert "Erase the content" not in manager.get("/ledger/entries/0/").content.decode()
    page = manager.get("/ledger/entries/0/erase/").content.decode()
    assert "The content of this entry cannot be erased" in page and "Erase for good" not in page
    key = {"reason": "subject_request", "confirm": "0"}
    assert manager.post("/ledger/entries/0/erase/", key).status_code == 409
