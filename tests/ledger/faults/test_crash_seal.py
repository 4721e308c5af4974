"""A process that seals or erases is killed at every step."""

import pytest
from django_tenants.utils import tenant_context

from ledger import selectors, services
from ledger.problems import PayloadErased
from tests.ledger.faults.conftest import AT, document
from tests.ledger.faults.crash import at_every_step
from tests.ledger.faults.invariants import check_log


@pytest.mark.parametrize("lose_power", [False, True])
def test_a_checkpoint_is_remembered_before_it_is_stored(field, lose_power):
    """Killed between signing and storing, the next seal extends what only the signer knows."""

    def make():
        with tenant_context(field.lessor):
            services.append_entry(draft=document())

        def seal(answer):
            with tenant_context(field.lessor):
                answer(services.seal_checkpoint(at=AT).size)

        return seal

    for crash in at_every_step(make, lose_power=lose_power):
        assert set(crash.answered) <= set(check_log(field.lessor).checkpoints)
        (size,) = crash.again()
        state = check_log(field.lessor)
        assert state.checkpoints[-1] == size == state.size
    names = crash.steps
    stored = next(place for place, name in enumerate(names) if "ledger_seal" in name)
    remembered = next(place for place, name in enumerate(names) if "replace last.json" in name)
    assert any(name.startswith("fsync") for name in names[remembered:stored])


def test_an_erasure_is_whole_or_not_there(field):
    def make():
        with tenant_context(field.lessor):
            index = services.append_entry(draft=document()).index

        def erase(answer):
            with tenant_context(field.lessor):
                services.erase_payload(index=index, at=AT)
            answer(index)

        return erase

    for crash in at_every_step(make):
        check_log(field.lessor)
        with tenant_context(field.lessor):
            for index in crash.answered:
                with pytest.raises(PayloadErased):
                    selectors.payload(index)
            try:
                crash.again()
            except PayloadErased:
                continue  # done before the kill, and told as what it is
        check_log(field.lessor)
