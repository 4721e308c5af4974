"""The connection breaks while COMMIT is under way: the answer is honest, and a retry is safe."""

import pytest
from django.db import OperationalError, connections
from django.utils import timezone
from django_tenants.utils import tenant_context

from ledger import services
from ledger.drafts import Draft
from ledger.models import Head
from ledger.problems import Replayed
from ledger.services import approve_key
from mobile_api.services import enrol_device
from tenants.models import User
from tests.cast import email
from tests.ledger.faults.conftest import AT, document
from tests.ledger.faults.invariants import check_log
from tests.ledger.faults.proxy import AFTER, BEFORE, CuttableWire
from tests.mobile_api.phone import LEASE, Phone


@pytest.fixture
def wire(field):
    """The product's way to the database leads over a wire that the test may cut."""
    field.open()
    target = connections["default"].settings_dict
    kept = {name: target[name] for name in ("HOST", "PORT")}
    with CuttableWire(f"{kept['HOST']}/.s.PGSQL.5432") as wire:
        connections.close_all()
        target.update(HOST="127.0.0.1", PORT=str(wire.port))
        try:
            yield wire
        finally:
            connections.close_all()
            target.update(kept)


@pytest.mark.parametrize("when", [BEFORE, AFTER])
def test_an_append_may_be_sent_again(field, wire, when):
    draft = document()
    with tenant_context(field.lessor):
        wire.armed = when
        with pytest.raises(OperationalError):
            services.append_entry(draft=draft)
        assert wire.was_cut
        connections.close_all()
        again = Draft(draft.kind, draft.rid, draft.payload, draft.ts)
        if when == AFTER:  # it did happen: told as what it is, with nothing left to do
            with pytest.raises(Replayed) as told:
                services.append_entry(draft=again)
            assert "in the ledger already" in told.value.text("title")
            assert "Nothing needs to be sent again" in told.value.text("mend")
        else:
            services.append_entry(draft=again)
    assert check_log(field.lessor).count(draft.rid) == 1


@pytest.mark.parametrize(("when", "status"), [(BEFORE, 201), (AFTER, 200)])
def test_a_phone_is_told_that_it_is_not_known_and_sends_again(field, wire, client_of, when, status):
    officer = User.objects.get(email=email("officer"))
    phone = Phone()
    with tenant_context(field.lessor):
        enrol_device(public_key=phone.public, label="phone", by=officer.pk, at=timezone.now())
        approve_key(kid=phone.kid, by=officer.pk, at=timezone.now())
        log_id = Head.objects.get().log_id
    body = phone.sign(LEASE, log_id=log_id, at=timezone.now())
    client = client_of(officer, field.lessor)
    wire.armed = when
    lost = client.post("/api/v1/leases/", body, content_type="application/json")
    assert wire.was_cut
    assert (lost.status_code, lost.json()["code"]) == (503, "database_lost")
    assert "not known" in lost.json()["detail"] and "only once" in lost.json()["mend"]
    connections.close_all()
    answer = client.post("/api/v1/leases/", body, content_type="application/json")
    assert (answer.status_code, answer.json()["repeated"]) == (status, status == 200)
    assert check_log(field.lessor).count(body["rid"], "lease.recorded") == 1


def test_a_page_says_that_it_is_not_known(field, wire, client_of):
    with tenant_context(field.lessor):
        services.append_entry(draft=document(ts=AT))
    client = client_of(User.objects.get(email=email("manager")), field.lessor)
    wire.mark, wire.armed = b"ledger_seal", AFTER
    answer = client.post("/ledger/checkpoints/seal/")
    assert wire.was_cut and answer.status_code == 503
    assert "not known whether" in answer.content.decode()
    connections.close_all()
    assert client.post("/ledger/checkpoints/seal/").status_code == 302
    state = check_log(field.lessor)
    assert state.checkpoints == [state.size]
