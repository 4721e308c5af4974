"""Who erases, and who erases a copy, is killed at every step: gone on both sides, or on none."""

import uuid

import pytest
from django_tenants.utils import tenant_context

from ledger import selectors, services
from ledger.exchange import registry
from ledger.exchange import selectors as copies
from ledger.exchange.erasing import erase_record
from ledger.exchange.services import receive_parcels, send_parcels
from ledger.models import Entry, Erasure, ErasureAnswer, Payload, ReplicaErasure, ReplicaPayload
from ledger.problems import PayloadErased
from tests.ledger.faults.conftest import AT, document
from tests.ledger.faults.crash import at_every_step
from tests.ledger.faults.invariants import check_log

BY = uuid.uuid4()


@pytest.fixture
def pair(field, monkeypatch):
    everything = registry.Entitlement(everything=True)
    monkeypatch.setattr(registry, "_entitlements", [lambda to: everything])
    monkeypatch.setattr(registry, "_projectors", {})
    monkeypatch.setattr(registry, "_erasers", {})
    with tenant_context(field.trust):
        services.open_log(at=AT)
    return field


def _copied(pair) -> int:
    """An entry that the trust has a copy of."""
    with tenant_context(pair.lessor):
        index = services.append_entry(draft=document()).index
    _send(pair)
    _receive(pair)
    return index


def _erase(pair, index):
    with tenant_context(pair.lessor):
        erase_record(index=index, reason="subject_request", by=BY, at=AT)


def _send(pair):
    with tenant_context(pair.lessor):
        send_parcels(to_tenant=pair.trust, at=AT)


def _receive(pair):
    with tenant_context(pair.trust):
        assert receive_parcels(from_tenant=pair.lessor, at=AT).refusals == []


def _answer(pair):
    with tenant_context(pair.lessor):
        assert receive_parcels(from_tenant=pair.trust, at=AT).refusals == []


def _is_told_as_it_is(pair, index) -> bool:
    """Content, row and entry of an erasure are all there or none is; which."""
    check_log(pair.lessor)
    with tenant_context(pair.lessor):
        gone = Payload.objects.get(index=index).erased_at is not None
        told = Erasure.objects.filter(index=index).first()
        assert gone == (told is not None)
        if told is not None:
            fields = selectors.payload(told.told_by)
            assert fields["entry"] == str(index)
            kinds = Entry.objects.filter(index__gt=index, kind="payload.erased")
            assert list(kinds.values_list("index", flat=True)) == [told.told_by]
        return gone


def _is_gone_at_the_copy(pair, index) -> bool:
    with tenant_context(pair.trust):
        row = ReplicaPayload.objects.get(index=index)
        gone = ReplicaErasure.objects.filter(index=index).exists()
        assert (row.ciphertext is None) == (row.wrapped_key is None) == gone
        assert (index in copies.replica_payloads(pair.lessor.pk, [index])) != gone
        return gone


def test_who_erases_and_sends_may_die_anywhere(pair):
    def make():
        index = _copied(pair)

        def erase(answer):
            answer(index)
            _erase(pair, index)
            answer(True)
            _send(pair)

        return erase

    for crash in at_every_step(make, stride=5):
        index = crash.answered[0] if crash.answered else None
        if index is None:
            continue
        done = _is_told_as_it_is(pair, index)
        assert done or True not in crash.answered
        if not done:
            _erase(pair, index)
        with pytest.raises(PayloadErased):
            _erase(pair, index)
        _send(pair)
        _receive(pair)
        assert _is_told_as_it_is(pair, index) and _is_gone_at_the_copy(pair, index)
        _answer(pair)
        with tenant_context(pair.lessor):
            assert ErasureAnswer.objects.get(index=index).held is True


def test_a_copy_that_erases_may_die_anywhere(pair):
    def make():
        index = _copied(pair)
        _erase(pair, index)
        _send(pair)

        def receive(answer):
            answer(index)
            _receive(pair)
            answer(True)

        return receive

    for crash in at_every_step(make, stride=5):
        index = crash.answered[0]
        gone = _is_gone_at_the_copy(pair, index)
        assert gone or True not in crash.answered
        _receive(pair)
        assert _is_gone_at_the_copy(pair, index)
        _answer(pair)
        with tenant_context(pair.lessor):
            assert ErasureAnswer.objects.get(index=index).held is True
