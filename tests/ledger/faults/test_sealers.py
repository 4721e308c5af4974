"""Two processes that seal at once while a third appends: one history, and the signer knows it."""

import itertools

from django_tenants.utils import tenant_context

from ledger import selectors, services
from ledger.core.proofs import verify_consistency
from ledger.models import Checkpoint
from ledger.signing import signer_of
from tests.ledger.faults.conftest import AT, document
from tests.ledger.faults.crash import at_every_step, listen, start
from tests.ledger.faults.invariants import check_log

ROUNDS = 40


def _seal(tenant, rounds, answer):
    with tenant_context(tenant):
        for _ in range(rounds):
            answer(services.seal_checkpoint(at=AT).size)


def _append(tenant, rounds, answer):
    with tenant_context(tenant):
        for _ in range(rounds):
            answer(services.append_entry(draft=document()).rid)


def one_history(tenant):
    state = check_log(tenant)
    with tenant_context(tenant):
        rows = list(Checkpoint.objects.order_by("size"))
        for one, other in itertools.combinations(rows[-12:], 2):
            proof = selectors.consistency_proof(one.size, other.size)
            verify_consistency(one.size, other.size, proof, bytes(one.root), bytes(other.root))
    return state


def test_sealers_race_and_agree(field):
    field.open()
    sealers = [start(lambda answer: _seal(field.lessor, ROUNDS, answer)) for _ in range(2)]
    appender = start(lambda answer: _append(field.lessor, ROUNDS, answer))
    found = [listen(child) for child in (*sealers, appender)]
    assert all(crash.finished for crash in found)
    state = one_history(field.lessor)
    for sealed in found[:2]:
        assert set(sealed.answered) <= set(state.checkpoints)
        assert sealed.answered == sorted(sealed.answered)
    assert [state.count(rid) for rid in found[2].answered] == [1] * ROUNDS
    with tenant_context(field.lessor):
        newest = services.seal_checkpoint(at=AT)
        head = selectors.head()
        assert signer_of(head.log_id).last() == (newest.size, bytes(newest.root))
    assert len(state.checkpoints) > 2, "they never met"


def test_a_sealer_killed_in_its_turn_lets_the_other_go_on(field):
    """While one process appends and one seals, a third that seals is killed at every step."""
    field.open()
    others = [
        start(lambda answer: _append(field.lessor, 4 * ROUNDS, answer)),
        start(lambda answer: _seal(field.lessor, 4 * ROUNDS, answer)),
    ]

    def make():
        return lambda answer: _seal(field.lessor, 1, answer)

    answered = [size for crash in at_every_step(make) for size in crash.answered]
    for child in others:
        answered += [size for size in listen(child).answered if isinstance(size, int)]
    state = one_history(field.lessor)
    assert set(answered) <= set(state.checkpoints)
