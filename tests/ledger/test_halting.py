"""A restored database takes nothing that could never be signed, until the log is right again."""

import uuid
from datetime import timedelta

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.utils.translation import gettext, override

from ledger import drainer, halting, services
from ledger.core.items import BatchItem
from ledger.drafts import rows
from ledger.exchange.carriers import carrying
from ledger.exchange.tasks import enqueue_exchange
from ledger.models import Halt, Head, Pending, Witness
from ledger.problems import LogFrozen, LogHalted, RollbackRefused
from ledger.selectors import log_size
from ledger.services import checkpoints
from ledger.services.checkpoints import sealing_refused
from ledger.signing import signer_of
from ledger.standstill import for_reader
from ledger.witnessing.asking import ask_witness
from tenants.jobs import run_waiting_jobs
from tests.ledger.outside import AT, grow
from tests.ledger.rolled_back import lose_what_was_signed, memory_file, note
from tests.ledger.test_append_tree import RID, _write, record_of
from tests.ledger.test_asking import signed_by_us


@pytest.fixture
def log(cast, enter):
    """The cast, inside a lessor whose log of five entries lost two that were signed."""
    enter(cast.anda)
    grow(3)
    cast.memory = lose_what_was_signed()
    return cast


def ways_into_the_log():
    items = [BatchItem({"lease_rid": "1", "amount_minor": "5"})]
    batch = {"kind": "payments.batch", "rid": uuid.uuid4(), "fields": {"month": "11"}}
    tape = rows(kind="lease.recorded", records=[(uuid.uuid4(), {"n": "1"})], ts=AT)
    yield lambda: services.append_entry(draft=note())
    yield lambda: services.submit_entry(draft=note())
    yield lambda: services.append_batch(**batch, items=items, at=AT)
    yield lambda: services.append_tape(rid=uuid.uuid4(), fields={"n": "1"}, rows=tape, at=AT)


def test_from_the_first_refusal_on_nothing_is_taken_whichever_way(log):
    with pytest.raises(RollbackRefused):
        services.seal_checkpoint(at=AT)
    size = log_size()
    for log.anda.hot_ledger in (False, True):
        log.anda.save()
        for go in ways_into_the_log():
            with pytest.raises(LogHalted) as refused:
                go()
            assert "signed before" in refused.value.text() and refused.value.status == 503
    assert (log_size(), Pending.objects.count()) == (size, 0)
    with override("zh-hans"):
        assert "签名" in refused.value.text("detail", gettext)
    row = Halt.objects.get()
    assert (row.code, row.lifted_at) == ("rollback_refused", None)


@pytest.mark.parametrize("way", ["append", "submit"])
def test_the_database_refuses_by_itself(log, way):
    with pytest.raises(RollbackRefused):
        services.seal_checkpoint(at=AT)
    leaf = record_of(Head.objects.get(), RID)
    with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState), transaction.atomic():
        _write(way, leaf)


def test_what_waits_in_the_queue_waits_on_and_comes_into_the_log_when_it_is_right(log):
    log.anda.hot_ledger = True
    log.anda.save()
    halting._looked.add(Head.objects.get().log_id)  # submitted before anybody noticed
    waiting = services.submit_entry(draft=note())
    with pytest.raises(RollbackRefused):
        services.seal_checkpoint(at=AT)
    size = log_size()
    with pytest.raises(LogHalted):
        services.integrate_pending()
    assert drainer._with_queues() == []
    assert (Pending.objects.filter(refused_at=None).count(), log_size()) == (1, size)
    memory_file().write_bytes(log.memory)  # the signer's memory was what was wrong
    services.seal_checkpoint(at=AT)
    assert [str(row.rid) for row in services.integrate_pending()] == [waiting.rid]
    row = Halt.objects.get()
    assert row.lifted_at is not None and "was signed" in row.lifted_why


def test_a_new_process_sees_it_before_it_writes(log):
    halting.forget()
    for _ in range(2):
        with pytest.raises(LogHalted, match="signed before"):
            services.append_entry(draft=note())
    memory_file().write_bytes(log.memory)
    services.append_entry(draft=note())


def test_the_worker_sees_it_where_nothing_is_new(log):
    assert Head.objects.get().halted_at is None
    enqueue_exchange(tenant=log.anda)
    with pytest.raises(RollbackRefused):
        run_waiting_jobs()
    assert Head.objects.get().halted_at is not None
    memory_file().write_bytes(log.memory)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM public.procrastinate_jobs")  # the one that was refused
    with carrying([(log.anda.pk, log.trust.pk)]):  # a demo's days seal it, and end where it stands
        enqueue_exchange(tenant=log.anda)
    run_waiting_jobs()
    assert Head.objects.get().halted_at is None
    services.append_entry(draft=note())


def test_a_witness_that_holds_more_halts_it_and_a_persons_ruling_lets_it_go_on(witness, script):
    from ledger.core.witness import SIZE_TYPE

    script.post = lambda asked: (409, SIZE_TYPE, b"90\n")
    assert ask_witness(witness, at=AT).state == Witness.CONTRADICTS
    services.append_entry(draft=note())  # its mere word stops what is signed, not what is written
    halting.forget()
    services.append_entry(draft=note())
    with pytest.raises(LogFrozen):
        services.seal_checkpoint(at=AT)
    services.append_entry(draft=note())
    script.shows = signed_by_us(90, b"\7" * 32)
    assert ask_witness(witness, at=AT).state == Witness.CONTRADICTS
    with pytest.raises(LogHalted) as refused:
        services.append_entry(draft=note())
    words = refused.value.text()
    assert "holds a tree of 90 entries with this log's own signature" in words
    Witness.objects.all().delete()
    call_command("resolve_frozen_log", "anda", reason="it lies", anyway=True)
    services.append_entry(draft=note())
    assert Halt.objects.get().lifted_why == "the freeze was resolved: it lies"


def test_a_slow_sealer_lifts_no_standstill_that_began_after_it_had_signed(log, monkeypatch):
    with pytest.raises(RollbackRefused):
        services.seal_checkpoint(at=AT)
    memory_file().write_bytes(log.memory)
    halting.forget()
    seal_all, newer = checkpoints._seal_all, RollbackRefused(detail="found by another process")

    def slow(at):
        sealed = seal_all(at)
        halting.lift(halting.seen(), "another sealer's", at=AT)
        halting.halt(newer, at=AT)
        return sealed

    with monkeypatch.context() as patched:
        patched.setattr(checkpoints, "_seal_all", slow)
        services.seal_checkpoint(at=AT)
    with pytest.raises(LogHalted, match="found by another process"):
        services.append_entry(draft=note())
    services.seal_checkpoint(at=AT)  # begun since, it looked at that one, too
    services.append_entry(draft=note())


def test_the_same_reason_found_again_while_it_is_lifted_stands_on(log, monkeypatch):
    with pytest.raises(RollbackRefused) as found:
        services.seal_checkpoint(at=AT)
    memory_file().write_bytes(log.memory)
    seal_all = checkpoints._seal_all

    def slow(at):
        sealed = seal_all(at)
        assert not halting.halt(found.value, at=AT)  # another process: no second row of it
        return sealed

    with monkeypatch.context() as patched:
        patched.setattr(checkpoints, "_seal_all", slow)
        services.seal_checkpoint(at=AT)
    with pytest.raises(LogHalted, match="signed before"):
        services.append_entry(draft=note())
    services.seal_checkpoint(at=AT)  # begun since, it looked at that finding, too
    services.append_entry(draft=note())
    assert Halt.objects.get().findings == 2


def test_a_second_reason_within_a_standstill_has_to_be_lifted_too(log, monkeypatch):
    with pytest.raises(RollbackRefused):
        services.seal_checkpoint(at=AT)
    memory_file().write_bytes(log.memory)
    seal_all, newer = checkpoints._seal_all, RollbackRefused(detail="found by another process")

    def slow(at):
        sealed = seal_all(at)
        assert halting.halt(newer, at=AT) and not halting.halt(newer, at=AT)
        return sealed

    with monkeypatch.context() as patched:
        patched.setattr(checkpoints, "_seal_all", slow)
        services.seal_checkpoint(at=AT)
    with pytest.raises(LogHalted, match="found by another process"):
        services.append_entry(draft=note())
    one, two = Halt.objects.order_by("pk")
    assert "was signed" in one.lifted_why and two.lifted_at is None
    begun = one.halted_at - timedelta(hours=1)
    assert halting.halted_between(begun, one.halted_at + timedelta(hours=2)) == timedelta(hours=2)
    with transaction.atomic(), connection.cursor() as cursor:
        for named in (
            (one.pk, one.code, 1),
            (two.pk, "log_frozen", 2),
            (two.pk + 1, two.code, 2),
            (two.pk, two.code, 1),  # found twice
        ):
            cursor.execute("SELECT ledger_lift_halt(%s, %s, %s, 'x', %s)", [*named, AT])
            assert cursor.fetchone() == (False,)
    assert Head.objects.get().halted_at is not None
    services.seal_checkpoint(at=AT)  # begun since, it looked at that one, too
    services.append_entry(draft=note())


def test_pages_and_the_api_say_so(log, client_of, enter):
    with pytest.raises(RollbackRefused):
        services.seal_checkpoint(at=AT)
    memory_file().write_bytes(log.memory)  # right again, and not sealed yet
    assert sealing_refused() is None
    for language, words in (
        ("en", "stands still; nothing was written"),
        ("zh-hans", "账本已停滞，未写入"),
    ):
        client = client_of(log.manager, log.anda, language=language)
        for page in ("", "consistency/", "anchors/", "verify/", "entries/0/", "entries/4/erase/"):
            assert words in client.get(f"/ledger/{page}").content.decode(), page
    enter(log.anda)
    with override("zh-hans"):  # as a page words a freeze
        why = halting.Why("%(name)s: %(size)s", {"name": log.anda.name, "size": 16246})
        assert str(for_reader({"why": why})["why"]) == f"{log.anda.name_zh}: 16,246"


def test_asking_whether_it_may_be_signed_asks_once_where_the_key_changed(log, monkeypatch):
    from ledger import log_keys
    from ledger.services import published_keys

    asked, ask = [], log_keys.own_turns
    for module in (log_keys, checkpoints, published_keys):
        monkeypatch.setattr(module, "own_turns", lambda size: asked.append(size) or ask(size))
    assert sealing_refused().code == "rollback_refused"
    assert len(asked) == 1
    assert signer_of(Head.objects.get().log_id).last() is not None


def test_nothing_is_exported_and_everybody_is_told(log, client_of, enter):
    """On *Home* too, to who seals and who does not; *Copies* says nothing good beside it."""
    manager = client_of(log.manager, log.anda)
    for refused in (0, 1):  # seen at once, and once the head says so
        for address in ("/ledger/export", "/ledger/export?newest=1"):
            answer = manager.get(address)
            assert answer.status_code == 503, address
            assert "nothing was exported" in answer.content.decode()
        if not refused:
            assert "/ledger/export" in manager.get("/ledger/").content.decode()
            enter(log.anda)
            with pytest.raises(RollbackRefused):
                services.seal_checkpoint(at=AT)
    assert "/ledger/export" not in manager.get("/ledger/").content.decode()
    for person in (log.manager, log.officer, log.back_office):
        page = client_of(person, log.anda).get("/").content.decode()
        assert page.count("The ledger stands still") == 1, person
    assert "are healthy" not in manager.get("/ledger/copies/").content.decode()
