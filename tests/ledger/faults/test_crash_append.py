"""A process that appends is killed at every step: all of an entry is there, or nothing of it."""

import uuid

import pytest
from django_tenants.utils import tenant_context

from ledger import services
from ledger.core.items import BatchItem
from ledger.drafts import rows
from ledger.problems import Replayed
from tests.ledger.faults.conftest import AT, document
from tests.ledger.faults.crash import at_every_step
from tests.ledger.faults.invariants import check_log


def append_one(tenant):
    draft = document()

    def operation(answer):
        with tenant_context(tenant):
            services.append_entry(draft=draft)
        answer([draft.rid])

    return operation


def append_batch(tenant):
    rid = str(uuid.uuid4())
    items = [BatchItem({"lease_rid": str(n), "amount_minor": "5"}) for n in range(7)]

    def operation(answer):
        with tenant_context(tenant):
            services.append_batch(
                kind="payments.batch", rid=rid, fields={"month": "11"}, items=items, at=AT
            )
        answer([rid])

    return operation


def append_tape(tenant):
    rid = str(uuid.uuid4())
    leases = [str(uuid.uuid4()) for _ in range(5)]
    drafts = rows(kind="lease.recorded", records=[(one, {"vin": one}) for one in leases], ts=AT)

    def operation(answer):
        with tenant_context(tenant):
            services.append_tape(rid=rid, fields={"rows": "5"}, rows=drafts, at=AT)
        answer([rid, *leases])

    return operation


@pytest.mark.parametrize("make", [append_one, append_batch, append_tape])
def test_an_append_is_whole_or_not_there(field, make):
    field.open()
    for crash in at_every_step(lambda: make(field.lessor)):
        before = check_log(field.lessor)
        for rid in sum(crash.answered, []):
            assert before.count(rid) == 1, "an accepted entry was lost"
        try:
            (written,) = crash.again()
        except Replayed:  # the kill came after the commit: told as what it is
            continue
        after = check_log(field.lessor)
        assert [after.count(rid) for rid in written] == [1] * len(written)
        assert after.size - before.size in (len(written), len(written) + 2)  # with a key's entries
    assert crash.steps


@pytest.mark.parametrize(("lose_power", "stride"), [(False, 8), (True, 4)])
def test_opening_a_log_is_whole_or_not_there(ground, lose_power, stride):
    """The first append makes the log, its keys and their files; a power cut takes unsynced ones."""

    def make():
        ground.wipe()
        return append_one(ground.lessor)

    for crash in at_every_step(make, lose_power=lose_power, stride=stride):
        check_log(ground.lessor)
        try:
            crash.again()
        except Replayed:
            assert check_log(ground.lessor).size == 3
            continue
        assert check_log(ground.lessor).size == 3
