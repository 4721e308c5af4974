"""Whoever owns the database alters a row: going over the stored log names the first one."""

import io
from contextlib import contextmanager

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django_tenants.utils import tenant_context

from ledger import services
from ledger.checking.services import check_copy, check_own, latest_checks
from ledger.core.items import BatchItem
from ledger.exchange.erasing import erase_record
from ledger.models import LedgerCheck, Replica
from ledger.rotation import kek
from ledger.rotation.log_key import retire_log_keys, rotate_log_key
from tenants.models import User
from tests.ledger.faults.conftest import AT, document
from tests.ledger.faults.test_crash_exchange import _receive, _receive_cosignature, _send
from tests.ledger.reading_pages import english


@pytest.fixture
def filled(pair):
    """Records, a batch, an erased record, a change of the log's key; the trust keeps a copy."""
    with tenant_context(pair.lessor):
        services.append_entries(drafts=[document() for _ in range(5)])
        items = [BatchItem({"lease_rid": str(n), "amount_minor": "5"}) for n in range(3)]
        pair.batch = services.append_batch(
            kind="payments.batch", rid=document().rid, fields={"month": "11"}, items=items, at=AT
        ).index
    _send(pair), _receive(pair)
    with tenant_context(pair.lessor):
        erase_record(index=3, reason="legal_order", by=pair.lessor.pk, at=AT)
        rotate_log_key(at=AT)
        retire_log_keys()
        services.append_entry(draft=document())
        services.seal_checkpoint(at=AT)
    _send(pair), _receive(pair), _receive_cosignature(pair)
    return pair


def own(pair) -> LedgerCheck:
    with tenant_context(pair.lessor):
        return check_own(at=AT)


def copied(pair) -> LedgerCheck:
    with tenant_context(pair.trust):
        return check_copy(Replica.objects.get(), at=AT)


def found(row: LedgerCheck) -> tuple[str, int | None]:
    return row.part, row.index


def test_an_untouched_log_and_copy_are_as_signed(filled):
    mine, copy = own(filled), copied(filled)
    assert mine.is_as_signed and copy.is_as_signed, (str(mine), copy.detail, mine.detail)
    assert mine.entries == copy.entries == 11
    assert mine.contents == copy.contents == 10  # one is erased
    assert mine.checkpoints >= 3 and copy.checkpoints == 1
    with tenant_context(filled.lessor):
        kek.rotate_key_encryption_key()
        kek.retire_key_encryption_keys()
    assert own(filled).is_as_signed
    said = io.StringIO()
    call_command("check_ledger", "trust", stdout=said)
    assert "copy of" in said.getvalue() and "all as signed" in said.getvalue()


_OTHER = r"set_byte({0}, 9, 255 - get_byte({0}, 9))"
ALTERED = {
    "a leaf": (f"UPDATE {{}}entry SET leaf = {_OTHER.format('leaf')} WHERE index = 4", "leaf", 4),
    "nodes": (
        r"UPDATE {}entry SET nodes = nodes || '\x00'::bytea WHERE index = 5", "nodes", 5,
    ),
    "a removed entry": ("DELETE FROM {}entry WHERE index = 6", "entry", 6),
    "a removed last entry": ("DELETE FROM {}entry WHERE index = 10", "entry", 10),
    "a kind": ("UPDATE {}entry SET kind = 'lease.recorded' WHERE index = 2", "columns", 2),
    "a content": (
        f"UPDATE {{}}payload SET ciphertext = {_OTHER.format('ciphertext')} WHERE index = 4",
        "content",
        4,
    ),
    "a key": (
        f"UPDATE {{}}payload SET wrapped_key = {_OTHER.format('wrapped_key')} WHERE index = 4",
        "key",
        4,
    ),
    "a silent erasure": (
        "UPDATE {}payload SET ciphertext = NULL, wrapped_key = NULL, erased_at = now()"
        " WHERE index = 4",
        "content",
        4,
    ),
    "items": (
        f"UPDATE {{}}items SET ciphertext = {_OTHER.format('ciphertext')}", "key", 7,
    ),
}  # fmt: skip


@contextmanager
def altered(pair, table: str, statement: str):
    """The statement's effect on one table, inside only."""
    pair.raw.execute(f"CREATE TEMP TABLE kept AS TABLE {table}")
    try:
        pair.raw.execute(statement)
        yield
    finally:
        pair.raw.execute(f"DELETE FROM {table}")
        pair.raw.execute(f"INSERT INTO {table} TABLE kept")
        pair.raw.execute("DROP TABLE kept")


def test_the_first_altered_row_is_named(filled):
    for name, (statement, part, index) in ALTERED.items():
        table = statement.split("{}")[1].split()[0]
        with altered(filled, f"anda.ledger_{table}", statement.format("anda.ledger_")):
            assert found(own(filled)) == (part, index), name
        prefix = "trust.ledger_replica_"
        with altered(filled, f"{prefix}{table}", statement.format(prefix)):
            assert found(copied(filled)) == (part, index), name
    assert own(filled).is_as_signed and copied(filled).is_as_signed
    statement = ALTERED["a leaf"][0].format("anda.ledger_")
    with altered(filled, "anda.ledger_entry", statement):
        with pytest.raises(CommandError, match="not as it was signed"):
            call_command("check_ledger", "anda", stdout=io.StringIO())
        with tenant_context(filled.lessor):
            assert not latest_checks()[None].is_as_signed


REWRITTEN = (
    r"UPDATE {0} SET leaf = leaf || ' '::bytea,"
    r" nodes = sha256('\x00'::bytea || leaf || ' '::bytea) || substring(nodes FROM 33)"
    r" WHERE index = 4"
)


def test_what_agrees_with_itself_does_not_lead_to_what_was_signed(filled):
    """A rewritten leaf with its own hash, a checkpoint, a head, a memory that was set otherwise."""
    with altered(filled, "anda.ledger_entry", REWRITTEN.format("anda.ledger_entry")):
        assert found(own(filled)) in {("nodes", 5), ("checkpoint", 6)}
    table = "trust.ledger_replica_entry"
    with altered(filled, table, REWRITTEN.format(table)):
        assert copied(filled).part in {"nodes", "checkpoint", "cosigned"}
    other = (
        "UPDATE anda.ledger_checkpoint SET root = sha256(root) WHERE size ="
        " (SELECT min(size) FROM anda.ledger_checkpoint WHERE size > 2)"
    )
    with altered(filled, "anda.ledger_checkpoint", other):
        assert own(filled).part == "checkpoint"
    filled.raw.execute("UPDATE trust.ledger_witnessed SET root = sha256(root)")
    assert copied(filled).part == "cosigned"
    filled.raw.execute("DELETE FROM anda.ledger_checkpoint")
    filled.raw.execute("UPDATE anda.ledger_head SET root = sha256(root)")
    assert own(filled).part == "head"


def test_what_was_found_is_never_changed(filled):
    own(filled)
    with tenant_context(filled.lessor), connection.cursor() as cursor:
        for statement in ("UPDATE ledger_check SET part = ''", "DELETE FROM ledger_check"):
            with pytest.raises(Exception, match="permission denied|append-only"):
                cursor.execute(statement)


def test_pages_say_when_all_was_gone_over_and_what_was_found(filled, client_of):
    people = {user.email.partition("@")[0]: user for user in User.objects.all()}
    desk = client_of(people["manager"], filled.lessor)
    assert "not yet" in desk.get("/ledger/").content.decode()
    own(filled)
    assert "11 entries, all as signed" in desk.get("/ledger/").content.decode()
    assert desk.post("/ledger/check/").status_code == 302
    assert client_of(people["officer"], filled.lessor).post("/ledger/check/").status_code == 403
    filled.raw.execute(ALTERED["a leaf"][0].format("trust.ledger_replica_"))
    filled.raw.execute(ALTERED["a leaf"][0].format("anda.ledger_"))
    own(filled), copied(filled)
    for language, words in (("en", "Entry 4 is not as"), ("zh-hans", "第 4 条与签署时不符")):
        for person, tenant, path in (
            ("manager", filled.lessor, "/ledger/"),
            ("portfolio_manager", filled.trust, "/ledger/copies/"),
        ):
            page = client_of(people[person], tenant, language=language).get(path).content.decode()
            assert words in page, (path, language)
            assert language == "en" or english(page) == []
    desk = client_of(people["manager"], filled.lessor, language="zh-hans")
    unreadable = desk.get("/ledger/entries/4/").content.decode()
    assert "不是 JSON" in unreadable and english(unreadable) == []
    filled.raw.execute(
        "UPDATE anda.ledger_entry SET nodes = set_byte(nodes, 0, 255 - get_byte(nodes, 0)) "
        "WHERE index = 4"
    )
    unproven = desk.get("/ledger/entries/5/").content.decode()
    assert "此条目未通过验证" in unproven and english(unproven) == []
