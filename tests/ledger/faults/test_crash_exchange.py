"""Sender and receiver are killed at every step: every entry arrives verified, and once."""

import pytest
from django.db import connection
from django_tenants.utils import tenant_context

from ledger import services
from ledger.core.items import BatchItem
from ledger.exchange import registry
from ledger.exchange.services import receive_parcels, send_parcels
from ledger.models import Cosignature, Refusal
from tests.ledger.faults.conftest import AT, document
from tests.ledger.faults.crash import at_every_step
from tests.ledger.faults.invariants import check_copy, check_log

KINDS = ("document.issued", "payments.batch")


@pytest.fixture
def pair(field, monkeypatch):
    """The lessor shares everything; what the trust hears of is written down in its transaction."""
    everything = registry.Entitlement(everything=True)
    monkeypatch.setattr(registry, "_entitlements", [lambda to: everything])
    monkeypatch.setattr(registry, "_projectors", {kind: [_hear] for kind in KINDS})
    field.raw.execute("CREATE TABLE IF NOT EXISTS public.faults_heard (rid uuid, items integer)")
    field.raw.execute("GRANT ALL ON public.faults_heard TO ll_app")
    field.raw.execute("DELETE FROM public.faults_heard")
    with tenant_context(field.trust):
        services.open_log(at=AT)
    return field


def _hear(batch):
    items = len(next(iter(batch.items.values()), []))
    with connection.cursor() as cursor:
        for rid in batch.rids:
            cursor.execute("INSERT INTO public.faults_heard VALUES (%s, %s)", [rid, items])


def _append(pair):
    """A document and a batch of three items; their record ids."""
    one, two = document(), document()
    items = [BatchItem({"lease_rid": str(n), "amount_minor": "5"}) for n in range(3)]
    with tenant_context(pair.lessor):
        services.append_entry(draft=one)
        services.append_batch(
            kind="payments.batch", rid=two.rid, fields={"month": "11"}, items=items, at=AT
        )


def _send(pair, answer=lambda size: None):
    with tenant_context(pair.lessor):
        answer(send_parcels(to_tenant=pair.trust, at=AT).size)


def _receive(pair, answer=lambda count: None):
    with tenant_context(pair.trust):
        received = receive_parcels(from_tenant=pair.lessor, at=AT)
    assert received.refusals == []
    answer(received.parcels)


def _receive_cosignature(pair, answer=lambda size: None):
    with tenant_context(pair.lessor):
        received = receive_parcels(from_tenant=pair.trust, at=AT)
    assert received.refusals == []
    answer(received.parcels)


def _whole(pair):
    """Both logs hold, the copy is the log, each record was heard of once."""
    state = check_log(pair.lessor)
    assert check_copy(pair.lessor, pair.trust) == state.size
    heard = pair.raw.execute("SELECT rid::text, sum(items) FROM faults_heard GROUP BY rid, items")
    rows = heard.fetchall()
    wanted = {rid for kind, rid, _ in state.entries if kind in KINDS}
    assert {rid for rid, _ in rows} == wanted
    count = pair.raw.execute("SELECT count(*) FROM faults_heard").fetchone()[0]
    batches = sum(1 for kind, _, _ in state.entries if kind == "payments.batch")
    assert count == len(wanted) + batches  # a batch's own fields, and its items
    with tenant_context(pair.trust):
        assert not Refusal.objects.exists()
    return state


def test_a_sender_may_die_anywhere(pair):
    def make():
        _append(pair)
        return lambda answer: _send(pair, answer)

    for crash in at_every_step(make, stride=3):
        check_log(pair.lessor)
        if crash.answered:  # what was said to be sent lies in the mailbox
            _receive(pair)
            _whole(pair)
        crash.again()
        _receive(pair)
        _whole(pair)


def test_a_receiver_may_die_anywhere(pair):
    def make():
        _append(pair)
        _send(pair)
        return lambda answer: _receive(pair, answer)

    for crash in at_every_step(make, stride=3):
        check_copy(pair.lessor, pair.trust)
        if crash.answered:
            _whole(pair)
        crash.again()
        _whole(pair)


def test_a_sender_that_takes_its_cosignature_may_die_anywhere(pair):
    def make():
        _append(pair)
        _send(pair)
        _receive(pair)
        return lambda answer: _receive_cosignature(pair, answer)

    for crash in at_every_step(make, stride=3):
        crash.again()
        state = _whole(pair)
        with tenant_context(pair.lessor):
            sizes = list(Cosignature.objects.values_list("size", flat=True))
        assert sizes.count(state.size) == 2  # one of each algorithm, none twice
