"""Rows that whoever owns the database takes away or writes anew as a whole: none goes unnoticed."""

import uuid
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import transaction
from django_tenants.utils import tenant_context

from ledger import receipt_ends, services
from ledger.checking.words import is_rolled_back, notice
from ledger.core.ed25519 import SecretKey
from ledger.core.hashing import leaf_hash
from ledger.core.keys import KeyRole
from ledger.core.tree import Frontier
from ledger.models import Cosignature, Entry, Receipt, Replica, Restoration
from ledger.receipts import put, taken_in
from ledger.tiles.publishing import publish_tiles
from tests.ledger.faults.conftest import AT, document, exchange_all
from tests.ledger.faults.stored import altered, copied, found, own
from tests.ledger.rolled_back import append_unnoticed, note

REWRITTEN = (
    r"UPDATE {0} SET leaf = leaf || ' '::bytea,"
    r" nodes = sha256('\x00'::bytea || leaf || ' '::bytea) || substring(nodes FROM 33)"
    r" WHERE index = 4"
)


def test_what_agrees_with_itself_does_not_lead_to_what_was_signed(filled):
    """A rewritten leaf with its own hash, a checkpoint, a head, a memory that was set otherwise."""
    with altered(filled, "anda.ledger_entry", REWRITTEN.format("anda.ledger_entry")):
        assert found(own(filled)) == ("leaf", 4)  # no record
    table = "trust.ledger_replica_entry"
    with altered(filled, table, REWRITTEN.format(table)):
        assert found(copied(filled)) == ("leaf", 4)
    other = (
        "UPDATE anda.ledger_checkpoint SET root = sha256(root) WHERE size ="
        " (SELECT min(size) FROM anda.ledger_checkpoint WHERE size > 2)"
    )
    with altered(filled, "anda.ledger_checkpoint", other):
        assert own(filled).part == "checkpoint"
    filled.raw.execute("UPDATE trust.ledger_witnessed SET root = sha256(root)")
    assert copied(filled).part == "cosigned"
    filled.raw.execute("UPDATE anda.ledger_head SET root = sha256(root)")
    assert own(filled).part == "head"


def _rebuild(pair, leaves: list[bytes]) -> None:
    """The whole log set anew of these leaves, as far as they go, with head and tree to match."""
    frontier = Frontier()
    for index, leaf in enumerate(leaves):
        nodes = frontier.append(leaf_hash(leaf))
        pair.raw.execute(
            "UPDATE anda.ledger_entry SET leaf = %s, nodes = %s WHERE index = %s",
            [leaf, nodes, index],
        )
    size = len(leaves)
    for table, place in (("entry", "index"), ("payload", "index"), ("items", "index")):
        pair.raw.execute(f"DELETE FROM anda.ledger_{table} WHERE {place} >= {size}")
    pair.raw.execute(f"DELETE FROM anda.ledger_checkpoint WHERE size > {size}")
    pair.raw.execute(f"DELETE FROM anda.ledger_cosignature WHERE size > {size}")
    pair.raw.execute(
        "UPDATE anda.ledger_head SET size = %s, root = %s, peaks = %s",
        [size, frontier.root(), b"".join(frontier.peaks)],
    )


def test_a_log_that_was_rewritten_or_cut_off_as_a_whole_is_found(filled, monkeypatch):
    """Tree, head and columns agree with each other: signatures, signer and readers do not."""
    with tenant_context(filled.lessor):
        publish_tiles()
        leaves = [bytes(row.leaf) for row in Entry.objects.order_by("index")]
    _rebuild(filled, leaves[:8])
    assert found(own(filled)) == ("signer", 11)
    with tenant_context(filled.lessor):
        append_unnoticed([note() for _ in range(5)])
    went_on = own(filled)  # what is stored is as long again, and other entries
    assert found(went_on) == ("signer", 11) and "older backup" in notice(went_on)["mend"]
    _rebuild(filled, leaves[:6])
    monkeypatch.setattr(settings, "SIGNER_SOCKET", "/nowhere/signer")
    away = own(filled)
    assert found(away) == ("published", 11) and "signer" in away.unheard
    monkeypatch.setattr(settings, "TILE_DIR", settings.TILE_DIR / "none")
    assert found(own(filled)) == ("content", 3)  # the entry that erased it was cut off
    start = leaves[4].index(b'"fields_root":"') + 15
    forged = leaves[4][:start] + b"A" * 43 + b"=" + leaves[4][start + 44 :]
    _rebuild(filled, [*leaves[:4], forged, leaves[5]])
    assert found(own(filled)) == ("dev_sig", 4)


def test_without_the_signers_word_the_command_does_not_call_it_well(filled, monkeypatch):
    call_command("check_ledger", "anda", stdout=StringIO())
    monkeypatch.setattr(settings, "SIGNER_SOCKET", "/nowhere/signer")
    with pytest.raises(CommandError, match="the signer was not heard") as told:
        call_command("check_ledger", "anda", stdout=StringIO())
    assert told.value.returncode == 3


def test_what_a_restoration_left_out_is_no_lie(filled):
    with tenant_context(filled.lessor):
        Restoration.objects.create(
            other=filled.trust.pk,
            by_us=True,
            state=Restoration.State.TAKEN,
            asked_at=AT,
            missing_payloads=[4],
            missing_items=[7],
        )
    gone = "UPDATE anda.ledger_payload SET ciphertext = NULL, wrapped_key = NULL WHERE index = "
    with altered(filled, "anda.ledger_items", "DELETE FROM anda.ledger_items"):
        with altered(filled, "anda.ledger_payload", f"{gone} 4"):
            assert own(filled).is_as_signed
        with altered(filled, "anda.ledger_payload", f"{gone} 5"):
            assert found(own(filled)) == ("content", 5)


#: What came beside signed entries, and is taken away; and the statements that say that it came.
REMOVED = {
    "a content": ("payload WHERE index = 5", "content", 5),
    "an erased content": ("payload WHERE index = 3", "content", 3),
    "all contents of records": ("payload WHERE index IN (2, 4, 5, 6, 7, 10)", "content", 2),
    "items": ("items", "items", 7),
}


def test_what_a_copy_took_in_is_missed(filled):
    for name, (rows, part, index) in REMOVED.items():
        table = f"trust.ledger_replica_{rows.split()[0]}"
        statement = f"DELETE FROM trust.ledger_replica_{rows}"
        with altered(filled, table, statement):
            assert found(copied(filled)) == (part, index), name
    with altered(filled, "trust.ledger_replica_payload", "SELECT 1"):
        filled.raw.execute("DELETE FROM trust.ledger_replica_payload WHERE index = 5")
        receipts = "trust.ledger_receipt"
        for forged in (
            f"DELETE FROM {receipts} WHERE number = 0",
            f"DELETE FROM {receipts} WHERE number = (SELECT max(number) FROM {receipts})",
            f"UPDATE {receipts} SET statement = convert_to(replace(convert_from(statement, 'UTF8'),"
            " 'contents', 'content'), 'UTF8')",
            f"UPDATE {receipts} SET number = number + 100",
            f"WITH n AS (SELECT * FROM {receipts} WHERE number = 1) UPDATE {receipts} AS r"
            " SET statement = n.statement, mac = n.mac FROM n WHERE r.number = 0",
        ):
            with altered(filled, receipts, forged):
                assert copied(filled).part in {"receipt", "content"}, forged
    assert copied(filled).is_as_signed


def test_cosignatures_that_came_are_missed(filled):
    with tenant_context(filled.lessor):
        sizes = sorted(set(Cosignature.objects.values_list("size", flat=True)))
    table = "anda.ledger_cosignature"
    for size in sizes:
        with altered(filled, table, f"DELETE FROM {table} WHERE size = {size}"):
            assert found(own(filled)) == ("cosignature", size)
    with altered(filled, table, f"DELETE FROM {table} WHERE length(vkey) < 300"):
        assert own(filled).part == "cosignature"
    with altered(filled, "anda.ledger_receipt", "DELETE FROM anda.ledger_receipt WHERE number = 0"):
        assert found(own(filled)) == ("receipt", 0)
    assert own(filled).is_as_signed


def test_receipts_that_end_earlier_than_they_did_are_missed(filled, settings):
    """The last statements or all of them, with the rows that they name: a check saw them before."""
    lost = (
        ("trust", copied, "trust.ledger_replica_payload", "index = 10"),
        ("anda", own, "anda.ledger_cosignature", "size = 11"),
    )
    for schema, look, table, row in lost:
        receipts = f"{schema}.ledger_receipt"
        first = look(filled)
        assert first.is_as_signed, first.detail
        for gone in ("number >= 1", "true"):
            with (
                altered(filled, table, f"DELETE FROM {table} WHERE {row}"),
                altered(filled, receipts, f"DELETE FROM {receipts} WHERE {gone}"),
            ):
                for _ in range(2):  # what the first one states anew is not believed
                    missed = look(filled)
                    assert missed.part == "receipt", (schema, gone)
                    assert is_rolled_back(missed) and "older backup" in notice(missed)["mend"]
        assert look(filled).is_as_signed
    (path,) = (settings.KEY_DIR / "receipts" / filled.lessor.pk.hex).iterdir()
    kept, _ = path.read_bytes(), path.write_bytes(b"{")
    assert own(filled).part == "receipt"
    path.write_bytes(kept)
    with (
        tenant_context(filled.lessor),
        altered(filled, receipts, f"DELETE FROM {receipts}"),
        altered(filled, table, f"DELETE FROM {table}"),
    ):
        receipt_ends.forget()  # a database that was restored from a backup of before
        assert own(filled).is_as_signed


def test_rows_that_no_receipt_names_are_found(filled):
    """The statements from a removed row on are gone; later rows are there, and later ones come."""
    assert own(filled).is_as_signed
    with tenant_context(filled.lessor):
        services.append_entry(draft=document())
        services.seal_checkpoint(at=AT)
    exchange_all(filled)
    for schema, look, part in (("trust", copied, "content"), ("anda", own, "cosignature")):
        table = f"{schema}.ledger_receipt"
        last = f"DELETE FROM {table} WHERE number = (SELECT max(number) FROM {table})"
        with altered(filled, table, last):
            if part == "content":
                with tenant_context(filled.trust), transaction.atomic():
                    size, source = Replica.objects.values_list("size", "source").get()
                    put(source, taken_in(size, [], []))
            assert look(filled).part == part
        assert look(filled).is_as_signed


def test_copies_of_before_begin_with_what_they_hold(filled):
    with tenant_context(filled.trust):
        filled.raw.execute("DELETE FROM trust.ledger_receipt")
        assert copied(filled).is_as_signed and Receipt.objects.count() == 1
    filled.raw.execute("DELETE FROM trust.ledger_replica_payload WHERE index = 5")
    assert found(copied(filled)) == ("content", 5)


def test_a_keys_label_holder_and_times_are_those_of_its_entries(filled):
    with tenant_context(filled.lessor):
        public, holder = SecretKey(b"k" * 32).public, uuid.uuid4()
        row = services.enrol_key(
            role=KeyRole.DEVICE, public_key=public, at=AT, label="Phone", holder_id=holder
        )
        services.approve_key(kid=row.kid, by=uuid.uuid4(), at=AT)
        services.revoke_key(kid=row.kid, by=uuid.uuid4(), at=AT)
    mine = own(filled)
    assert mine.is_as_signed, mine.detail
    table = "anda.ledger_signing_key"
    for change in (
        "label = 'Another'",
        "holder_id = NULL",
        "enrolled_at = '2001-01-01'",
        "approved_at = '2001-01-01'",
        "revoked_at = NULL",
    ):
        with altered(filled, table, f"UPDATE {table} SET {change} WHERE kid = '{row.kid}'"):
            assert own(filled).part == "signing_key", change
