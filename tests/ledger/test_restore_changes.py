"""A log with erasures, or with several keys, comes back with what proves them."""

import io

import pytest
from django_tenants.utils import tenant_context

from ledger import selectors, services
from ledger.exchange.erasing import erase_record
from ledger.log_keys import own_log_keys
from ledger.models import (
    Checkpoint,
    Erasure,
    ErasureAnswer,
)
from ledger.problems import PayloadErased
from ledger.rotation.log_key import retire_log_keys, rotate_log_key
from ledger.verifier.check import verify_bundle
from tests.ledger.restoring import (
    BY,
    append_unsealed_change,
    ask,
    destroy,
    give,
    take,
)
from tests.ledger.stage import AT, answer, append, exchange, make_stage


def test_what_was_erased_comes_back_as_erased(committed_cast, monkeypatch):
    stage = make_stage(committed_cast, monkeypatch)
    exchange(stage)
    with tenant_context(stage.lessor):
        told = erase_record(index=7, reason="legal_order", by=BY, at=AT)
    exchange(stage)
    destroy(stage.lessor)
    ask(stage)
    assert give(stage) == 14
    restored = take(stage)
    assert (restored.erased, restored.missing_payloads, restored.missing_items) == ([7], [], [])
    with tenant_context(stage.lessor):
        with pytest.raises(PayloadErased):
            selectors.payload(7)
        again = Erasure.objects.get()
        assert (again.index, again.told_by, again.erased_by) == (7, told.told_by, BY)
        assert not ErasureAnswer.objects.exists()
        assert answer(stage).refusals == []
        said = ErasureAnswer.objects.get()
        assert (said.to_tenant, said.held) == (stage.trust.pk, True)
        stream = io.BytesIO()
        services.export_ledger(stream=stream, at=AT)
        assert verify_bundle(io.BytesIO(stream.getvalue())).erased == [7]


def test_a_log_whose_key_changed_comes_back_with_all_that_proves_it(committed_cast, monkeypatch):
    stage = make_stage(committed_cast, monkeypatch)
    exchange(stage)
    with tenant_context(stage.lessor):
        for _ in range(2):
            changed = rotate_log_key(at=AT)
            retire_log_keys()
        keys = own_log_keys()
    exchange(stage)
    append(stage, "LATER")
    exchange(stage)
    with tenant_context(stage.lessor):  # one that was never sealed: nobody holds it, it is lost
        append_unsealed_change()
        assert len(own_log_keys().all) == 4
    destroy(stage.lessor)
    ask(stage)
    size = give(stage)
    assert size > changed.index + 1
    assert take(stage).entries == size
    with tenant_context(stage.lessor):
        assert own_log_keys() == keys
        sizes = set(Checkpoint.objects.values_list("size", flat=True))
        assert {index + 1 for index in keys.handed_over} <= sizes
        assert rotate_log_key(at=AT).version == 4  # the one that was begun and lost
        stream = io.BytesIO()
        services.export_ledger(stream=stream, at=AT)
        for pinned in keys.all:
            verify_bundle(io.BytesIO(stream.getvalue()), pinned=pinned)
    exchange(stage)
