"""The queue of a hot tenant: accepted at once, in the log a moment later, exactly once."""

import uuid

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from ledger import drainer, integration, selectors, services, vault
from ledger.core.hashing import leaf_hash
from ledger.core.items import BatchItem
from ledger.core.keys import KeyRole
from ledger.core.proofs import verify_inclusion
from ledger.drafts import Draft, item_table
from ledger.integration import Integrated, on_integrated
from ledger.models import Head, KeyState, Pending, SigningKey
from ledger.problems import KeyStillNeeded, Replayed
from ledger.rotation.kek import retire_key_encryption_keys, rotate_key_encryption_key
from tenants.context import tenant_context

AT = "2026-11-01T08:00:00.000000Z"
LATER = "2026-11-01T09:00:00.000000Z"


def note(number: int = 1, **more) -> Draft:
    fields = {"sha256": f"{number:064x}"}
    return Draft.service(kind="document.issued", rid=uuid.uuid4(), fields=fields, ts=AT, **more)


def rows_read(table: str) -> int:
    """How many of a table's rows were looked at in this transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_xact_user_tables"
            " WHERE schemaname = current_schema() AND relname = %s",
            [table],
        )
        return cursor.fetchone()[0]


@pytest.fixture
def hot(cast, enter):
    """The test runs inside a lessor whose queue is switched on."""
    cast.anda.hot_ledger = True
    cast.anda.save()
    enter(cast.anda)
    services.open_log(at=AT)
    return cast


def test_off_is_the_default_and_appends_at_once(cast, enter):
    enter(cast.anda)
    accepted = services.submit_entry(draft=note())
    assert accepted.index == 2
    assert not services.anything_waits()


def test_what_waits_is_integrated_in_order_of_arrival_and_proved(hot):
    before = bytes(Head.objects.get().root)
    accepted = [services.submit_entry(draft=note(number)) for number in range(5)]
    assert {row.index for row in accepted} == {None}
    assert bytes(Head.objects.get().root) == before
    assert selectors.waiting(kind="document.issued", rid=accepted[0].rid) is not None
    rows = services.integrate_pending(limit=3) + services.integrate_pending(limit=3)
    assert [(row.index, str(row.rid)) for row in rows] == [
        (2 + place, row.rid) for place, row in enumerate(accepted)
    ]
    assert services.integrate_pending() == []
    assert selectors.waiting(kind="document.issued", rid=accepted[0].rid) is None
    for place, row in enumerate(accepted):
        proof = selectors.inclusion_proof(2 + place, 7)
        verify_inclusion(2 + place, 7, leaf_hash(row.leaf), proof, bytes(Head.objects.get().root))
        assert selectors.payload(2 + place)["sha256"] == f"{place:064x}"


def test_a_rolled_back_transaction_leaves_nothing(hot):
    with pytest.raises(RuntimeError), transaction.atomic():
        services.submit_entry(draft=note())
        raise RuntimeError
    assert services.drain() == 0
    assert selectors.log_size() == 2


def test_a_replay_is_refused_wherever_the_record_is(hot):
    draft = note()
    services.submit_entry(draft=draft)
    for again in (services.submit_entry, services.append_entry):
        with pytest.raises(Replayed):
            again(draft=draft)
    assert services.drain() == 1
    for again in (services.submit_entry, services.append_entry):
        with pytest.raises(Replayed):
            again(draft=draft)
    assert services.drain() == 0
    assert selectors.log_size() == 3


def test_appending_goes_on_beside_the_queue(hot):
    services.submit_entry(draft=note())
    assert services.append_entry(draft=note()).index == 2
    assert [row.index for row in services.integrate_pending()] == [3]


def test_batches_are_appended_at_once(hot):
    draft = note()
    item = BatchItem({"lease_rid": str(uuid.uuid4()), "amount_minor": "1"})
    with_items = Draft.service(
        kind="payments.batch",
        rid=uuid.uuid4(),
        fields={"count": "1"},
        ts=AT,
        items=item_table([item]),
    )
    assert services.submit_entry(draft=with_items).index == 2
    assert services.submit_entry(draft=draft).index is None


def test_who_needs_the_index_is_told_in_the_same_transaction(hot, monkeypatch):
    monkeypatch.setattr(integration, "_listeners", {})
    told: list[Integrated] = []
    on_integrated("document.issued", told.extend)
    accepted = services.submit_entry(draft=note())
    services.drain()
    assert [(row.index, str(row.rid), row.ts) for row in told] == [(2, accepted.rid, AT)]
    wanted = RuntimeError("the business row could not learn its index")

    def fail(rows):
        raise wanted

    on_integrated("tape.imported", fail)
    draft = Draft.service(kind="tape.imported", rid=uuid.uuid4(), fields={"rows": "0"}, ts=AT)
    services.submit_entry(draft=draft)
    with pytest.raises(RuntimeError):
        services.drain()
    assert selectors.log_size() == 3
    assert services.anything_waits()


def test_what_a_key_signed_comes_before_its_revocation(hot):
    accepted = services.submit_entry(draft=note())
    kid = Pending.objects.get().kid
    services.revoke_key(kid=services.ensure_back_office_key(at=AT).kid, by=uuid.uuid4(), at=AT)
    kinds = [row.kind for row in selectors.entries()]
    assert kinds.index("document.issued") < kinds.index("device.revoked")
    assert selectors.entries(rid=accepted.rid).get().kid == kid


def test_one_tenants_queue_is_no_other_tenants(hot):
    services.submit_entry(draft=note())
    with tenant_context(hot.xingyu):
        assert services.submit_entry(draft=note()).index == 2
        assert services.drain() == 0
        assert not services.anything_waits()
    assert services.anything_waits()


def test_the_switch_is_a_command_and_switching_back_empties_the_queue(cast, enter, capsys):
    call_command("hot_ledger", "anda", "on")
    cast.anda.refresh_from_db()
    with tenant_context(cast.anda):
        assert services.submit_entry(draft=note()).index is None
    call_command("hot_ledger")
    assert "anda hot waiting 1 refused 0" in capsys.readouterr().out
    call_command("hot_ledger", "anda", "off")
    assert "anda off waiting 0 refused 0" in capsys.readouterr().out
    with tenant_context(cast.anda):
        assert selectors.log_size() == 3
    with pytest.raises(Exception, match="no tenant"):
        call_command("hot_ledger", "nobody", "on")


def test_a_record_whose_key_was_revoked_while_it_waited_holds_up_nobody(hot):
    """The race that draining before a revocation leaves: it is kept, marked, and passed over."""
    late = services.submit_entry(draft=note(1))
    revoked = Pending.objects.get().kid
    services.enrol_server_key(role=KeyRole.SERVICE, label="next", at=LATER)
    SigningKey.objects.filter(kid=revoked).update(state=KeyState.REVOKED, revoked_at=LATER)
    good = services.submit_entry(draft=note(2))
    assert [str(row.rid) for row in services.integrate_pending()] == [good.rid]
    assert not services.anything_waits()
    assert str(Pending.objects.exclude(refused_at=None).get().rid) == late.rid


def test_however_many_are_passed_over_the_next_ones_are_looked_at_too(hot):
    """Two that cannot be integrated, of which a batch of one sees one: the second jammed it."""
    for number in range(2):
        services.submit_entry(draft=note(number))
    revoked = Pending.objects.order_by("seq")[0].kid
    services.enrol_server_key(role=KeyRole.SERVICE, label="next", at=LATER)
    SigningKey.objects.filter(kid=revoked).update(state=KeyState.REVOKED, revoked_at=LATER)
    good = services.submit_entry(draft=note(2))
    assert [str(row.rid) for row in services.integrate_pending(limit=1)] == [good.rid]
    assert Pending.objects.exclude(refused_at=None).count() == 2


def test_the_queue_reads_no_more_of_a_log_the_longer_it_is(hot):
    """Of a log that was never analysed the index by kind was taken: a tenth of the rate."""
    for number in range(120):
        services.submit_entry(draft=note(number))
    services.drain()
    before = rows_read("ledger_entry")
    for number in range(4):
        services.submit_entry(draft=note(number))
    services.integrate_pending()
    assert rows_read("ledger_entry") - before < 30


def test_what_cannot_be_integrated_reads_no_more_of_a_long_log(hot):
    """What was erased meanwhile was looked for by kind: under the head's lock, the whole log."""

    def refused(number: int) -> None:
        services.submit_entry(draft=note(number))
        old = Pending.objects.filter(refused_at=None).order_by("seq")[0].kid
        services.enrol_server_key(role=KeyRole.SERVICE, label=str(number), at=LATER)
        SigningKey.objects.filter(kid=old).update(state=KeyState.REVOKED, revoked_at=LATER)

    for number in range(6):  # plans are made while the log is short, and kept
        refused(number)
        services.integrate_pending()
    services.append_entries(drafts=[note(number) for number in range(300)])
    refused(7)
    before = rows_read("ledger_entry")
    services.integrate_pending()
    assert rows_read("ledger_entry") - before < 30


def test_one_tenants_stuck_queue_stops_no_other(hot, monkeypatch):
    asked = []

    def one_batch(tenant):
        asked.append(tenant.schema_name)
        if tenant.schema_name == "anda":
            raise ZeroDivisionError
        return 7

    monkeypatch.setattr(drainer, "_one_batch", one_batch)
    assert drainer._round([hot.anda, hot.xingyu]) == (7, True)
    assert asked == ["anda", "xingyu"]
    assert drainer._round([]) == (None, False)


def test_what_waits_under_a_closed_key_holds_up_nobody(hot):
    """It was submitted a moment after the rotation's last pass."""
    services.submit_entry(draft=note(1))
    vault.new_kek(version=2)
    services.submit_entry(draft=note(2))
    assert [row.kek_version for row in Pending.objects.order_by("seq")] == [1, 2]
    with pytest.raises(KeyStillNeeded):  # closed, but it stays
        retire_key_encryption_keys()
    services.drain()
    assert not services.anything_waits()
    rotate_key_encryption_key()
    with pytest.raises(KeyStillNeeded, match="owner alone"):
        retire_key_encryption_keys()
    assert selectors.payload(3)["sha256"] == f"{2:064x}"
