"""Signatures that several processes verify beside a walk: the first that does not hold is named."""

import multiprocessing

import pytest

from ledger.core import gathering
from ledger.core.audit import AuditError
from ledger.core.ed25519 import SecretKey, verifier
from ledger.core.gathering import Gathered

KEYS = [SecretKey(bytes([number]) * 32) for number in (1, 2)]


@pytest.fixture(autouse=True)
def few(monkeypatch):
    monkeypatch.setattr(gathering, "SMALL", 3)
    monkeypatch.setattr(gathering, "BATCH", 4)


def walk(gathered, count, wrong=(), ends=None):
    for index in range(count):
        if index == ends:
            raise AuditError(index, "leaf", "altered")
        key, message = KEYS[index % 2], b"entry %d" % index
        signature = key.sign(b"other" if index in wrong else message)
        gathered.check(index, verifier(key.public), message, signature)


def test_the_first_that_does_not_hold_is_raised():
    with Gathered(2) as good:
        walk(good, 70)
    for wrong, ends, part in (
        ((41, 9, 60), None, ("dev_sig", 9)),
        ((68,), None, ("dev_sig", 68)),  # in the last batch, which is not full
        ((20,), 30, ("dev_sig", 20)),  # before what the walk itself found
        ((), 30, ("leaf", 30)),
    ):
        with pytest.raises(AuditError) as found, Gathered(2) as gathered:
            walk(gathered, 70, wrong, ends)
        assert (found.value.part, found.value.index) == part
    assert not multiprocessing.active_children()


def test_a_process_that_was_ended_says_nothing_of_the_log():
    with Gathered(2) as gathered:
        walk(gathered, 20)
        for process in multiprocessing.active_children():
            process.kill()
        walk(gathered, 40)
    with pytest.raises(AuditError) as found, Gathered(2) as gathered:
        walk(gathered, 20)
        for process in multiprocessing.active_children():
            process.kill()
        walk(gathered, 40, (33,))
    assert found.value.index == 33
