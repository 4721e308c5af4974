"""Whoever owns the database alters a row: going over the stored log names the first one."""

import io
import uuid

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django_tenants.utils import tenant_context

from ledger import services
from ledger.checking.own import OwnCheck
from ledger.checking.services import check_stored, latest_checks
from ledger.core.ed25519 import SecretKey
from ledger.core.keys import KeyRole
from ledger.drafts import rows
from ledger.models import Items, ReplicaItems
from ledger.rotation import kek
from ledger.selectors import Opener
from tenants import clock
from tenants.models import User
from tests.ledger.faults.conftest import AT, may_forget_former_keys
from tests.ledger.faults.stored import altered, copied, found, own
from tests.ledger.reading_pages import english


def test_an_untouched_log_and_copy_are_as_signed(filled):
    mine, copy = own(filled), copied(filled)
    assert mine.is_as_signed and copy.is_as_signed, (str(mine), copy.detail, mine.detail)
    assert mine.entries == copy.entries == 11
    assert mine.contents == copy.contents == 10  # one is erased
    assert mine.checkpoints >= 3 and copy.checkpoints == 2
    may_forget_former_keys(filled)
    with tenant_context(filled.lessor):
        kek.rotate_key_encryption_key()
        kek.retire_key_encryption_keys()
    assert own(filled).is_as_signed
    said = io.StringIO()
    call_command("check_ledger", "trust", stdout=said)
    assert (
        f"copy of {filled.lessor.name} (" in said.getvalue() and "all as signed" in said.getvalue()
    )


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
    "a content that is gone": (
        "UPDATE {}payload SET ciphertext = NULL, wrapped_key = NULL WHERE index = 4", "content", 4,
    ),
    "an erased content that stays": (
        "UPDATE {}payload SET erased_at = now() WHERE index = 4", "content", 4,
    ),
    "the content of a key": ("DELETE FROM {}payload WHERE index = 0", "content", 0),
    "erased items that stay": ("UPDATE {}items SET erased_at = now()", "items", 7),
    "items that are gone": (
        "UPDATE {}items SET ciphertext = NULL, wrapped_key = NULL", "items", 7,
    ),
    "items silently erased": (
        "UPDATE {}items SET ciphertext = NULL, wrapped_key = NULL, erased_at = now()", "content", 7,
    ),
    "an erasure": ("DELETE FROM {}erasure", "erasure", 3),
    "a reason to erase": ("UPDATE {}erasure SET reason = 'retention_over'", "erasure", 3),
    "a key version": ("UPDATE {}payload SET kek_version = 77 WHERE index = 4", "key", 4),
}  # fmt: skip
#: Of one's own log: the newest checkpoint is of 11 entries, the key changes with entry 9.
OWN = {
    "items deleted": ("DELETE FROM {}items", "items", 7),
    "items beside a record": ("UPDATE {}items SET index = 4", "items", 4),
    "no checkpoint": ("DELETE FROM {}checkpoint", "checkpoint", 11),
    "no checkpoint of the change": ("DELETE FROM {}checkpoint WHERE size = 10", "checkpoint", 10),
    "a note": (r"UPDATE {}checkpoint SET note = '\x00ff00' WHERE size = 11", "checkpoint", 11),
    "a checkpoint beyond": (
        "UPDATE {}checkpoint SET size = 1011 WHERE size = 9", "checkpoint", 1011,
    ),
    "a cosignature": ("UPDATE {}cosignature SET line = 'x' WHERE size = 11", "cosignature", 11),
    "when it was cosigned": (
        "UPDATE {}cosignature SET cosigned_at = '2001-01-01' WHERE size = 11", "cosignature", 11,
    ),
    "when it was sealed": (
        "UPDATE {}checkpoint SET sealed_at = sealed_at - interval '1 day' WHERE size = 10",
        "checkpoint",
        10,
    ),
    "sealed later": (
        "UPDATE {}checkpoint SET sealed_at = sealed_at + interval '1 day' WHERE size = 10",
        "checkpoint",
        10,
    ),
    "who erased": ("UPDATE {}erasure SET erased_by = gen_random_uuid()", "erasure", 3),
    "nobody erased": ("UPDATE {}erasure SET erased_by = NULL", "erasure", 3),
    "when it was erased": (
        "UPDATE {}erasure SET erased_at = erased_at - interval '1 day'", "erasure", 3,
    ),
    "a key that looks revoked": ("UPDATE {}signing_key SET revoked_at = now()", "signing_key", 0),
    "a key's record": ("UPDATE {}signing_key SET rid = gen_random_uuid()", "signing_key", 0),
    "a closed key": ("UPDATE {}kek SET closed_at = now()", "held_key", 11),
    "no private halves": ("DELETE FROM {}secret WHERE purpose = 'sign'", "held_key", 11),
    "no key to cosign with": ("DELETE FROM {}secret WHERE name = 'cosigner'", "held_key", 11),
    "another key of parcels": (
        "UPDATE {}secret SET public_key = sha256(public_key) WHERE name = 'parcels'",
        "held_key",
        11,
    ),
    "peaks": ("UPDATE {}head SET peaks = sha256(peaks)", "head", 11),
    "whose log": ("UPDATE {}head SET log_id = repeat('0', 32)", "tenant_log", 0),
    "its name": ("UPDATE {}head SET origin = origin || 'x'", "directory", 0),
    "no head": ("DELETE FROM {}head", "head", 0),
    "a public key": (
        "UPDATE {}signing_key SET public_key = sha256(public_key)", "signing_key", 0,
    ),
    "a key's state": ("UPDATE {}signing_key SET state = 'revoked'", "signing_key", 0),
    "no key": ("DELETE FROM {}signing_key", "signing_key", 0),
    "an entry beyond": (
        "INSERT INTO {}entry SELECT 11, kind, gen_random_uuid(), ts, kid, leaf, nodes, appended_at"
        " FROM {}entry WHERE index = 10",
        "entry",
        11,
    ),
    "a content beyond, too": (
        "INSERT INTO {}payload SELECT 11, ciphertext, wrapped_key, kek_version, erased_at"
        " FROM {}payload WHERE index = 10",
        "content",
        11,
    ),
}  # fmt: skip
#: Of a copy; its tables' names begin otherwise.
COPIED = {
    "places": (r"UPDATE {}_items SET places = '\x00000000'", "items", 7),
    "a first place": ("UPDATE {}_items SET first_place = 2", "items", 7),
    "a content beyond": ("UPDATE {}_payload SET index = 11 WHERE index = 4", "content", 11),
    "peaks": ("UPDATE {} SET peaks = sha256(peaks)", "replica", 11),
    "no checkpoint": ("UPDATE {} SET checkpoint = NULL", "checkpoint", 11),
    "a checkpoint's size": (
        "UPDATE {} SET checkpoint_size = checkpoint_size + 5", "checkpoint", 16,
    ),
    "a size": ("UPDATE {} SET size = 5", "replica", 5),
    "a key": ("UPDATE {} SET vkey = 'x'", "replica", 0),
    "no change of the key": ("UPDATE {} SET handovers = '[]'", "device", 9),
    "an unreadable change": ("UPDATE {} SET handovers = '[{{}}]'", "replica", 0),
    "a note": (
        """UPDATE {} SET handovers = jsonb_set(handovers, '{{0,note}}', '"x"')""", "checkpoint", 10,
    ),
    "a place": (
        "UPDATE {} SET handovers = jsonb_set(handovers, '{{0,index}}', '3')", "checkpoint", 4,
    ),
    "a tail": (r"UPDATE {} SET tail = '\x01'", "checkpoint", 11),
}  # fmt: skip
#: What is remembered of the copied log's checkpoint that was cosigned last.
COSIGNED = {
    "another key": "vkey = (SELECT max(key) FROM public.tenants_publishedkey"
    " WHERE purpose = 'cosigner')",
    "no note": r"note = '\x78'",
    "not ours": "note = convert_to(regexp_replace(convert_from(note, 'utf8'),"
    " '— [^ ]*/cosigner[^\n]*\n', '', 'g'), 'utf8')",
    "when": "cosigned_at = cosigned_at - interval '1 day'",
}
PUBLISHED = "public.tenants_publishedkey"
DIRECTORY = {
    "no key": "DELETE FROM {} WHERE purpose = 'log'",
    "another place": "UPDATE {} SET from_index = 2 WHERE from_index IS NOT NULL",
    "no place": "UPDATE {} SET from_index = NULL",
    "an unreadable key": "UPDATE {} SET key = key || 'x' WHERE purpose = 'log'",
}


def test_the_first_altered_row_is_named(filled):
    for name, (statement, part, index) in ALTERED.items():
        table = statement.split("{}")[1].split()[0]
        with altered(filled, f"anda.ledger_{table}", statement.format("anda.ledger_")):
            assert found(own(filled)) == (part, index), name
        prefix = "trust.ledger_replica_"
        with altered(filled, f"{prefix}{table}", statement.format(prefix)):
            assert found(copied(filled)) == (part, index), name
    for name, (statement, part, index) in OWN.items():
        table = statement.split("{}")[1].split()[0]
        with altered(filled, f"anda.ledger_{table}", statement.replace("{}", "anda.ledger_")):
            assert found(own(filled)) == (part, index), name
    for name, (statement, part, index) in COPIED.items():
        table = "trust.ledger_replica" + statement.split("{}")[1].split()[0].replace("SET", "")
        with altered(filled, table, statement.format("trust.ledger_replica")):
            assert found(copied(filled)) == (part, index), name
    for name, change in COSIGNED.items():
        table = "trust.ledger_witnessed"
        with altered(filled, table, f"UPDATE {table} SET {change}"):
            assert found(copied(filled)) == ("cosigned", 11), name
    for name, statement in DIRECTORY.items():
        with altered(filled, PUBLISHED, statement.format(PUBLISHED)):
            assert own(filled).part == "directory", name
    assert own(filled).is_as_signed and copied(filled).is_as_signed
    statement = ALTERED["a leaf"][0].format("anda.ledger_")
    with altered(filled, "anda.ledger_entry", statement):
        with pytest.raises(CommandError, match="not as it was signed"):
            call_command("check_ledger", "anda", stdout=io.StringIO())
        with tenant_context(filled.lessor):
            assert not latest_checks()[None].is_as_signed


def test_keys_that_are_retired_while_they_are_used_are_no_lie(filled, monkeypatch):
    real = Opener.plain
    may_forget_former_keys(filled)

    def plain(self, row, aad):
        if isinstance(row, Items | ReplicaItems):
            monkeypatch.setattr(Opener, "plain", real)
            kek.rotate_key_encryption_key()
            kek.retire_key_encryption_keys()
        return real(self, row, aad)

    for check in (own, copied):
        monkeypatch.setattr(Opener, "plain", plain)
        assert check(filled).is_as_signed


def test_one_log_does_not_keep_the_others_from_being_gone_over(filled, monkeypatch):
    def late(_check):
        raise OperationalError("canceling statement due to statement timeout")

    statement = "UPDATE trust.ledger_head SET origin = 'x'"
    with (
        altered(filled, "trust.ledger_head", statement),
        pytest.raises(CommandError, match="not as it was signed"),
    ):
        call_command("check_ledger", "trust", stdout=io.StringIO())
    with tenant_context(filled.trust):
        mine, copy = (latest_checks()[key] for key in (None, filled.lessor.pk))
        assert mine.part == "directory" and copy.is_as_signed
        monkeypatch.setattr(OwnCheck, "run", late)
        with pytest.raises(OperationalError):
            list(check_stored(now=clock.now))
        assert latest_checks()[filled.lessor.pk].pk > copy.pk


def test_tapes_and_keys_with_a_life_are_as_signed_and_their_rows_are_looked_at(pair):
    with tenant_context(pair.lessor):
        records = [(uuid.uuid4(), {"n": str(n)}) for n in range(3)]
        drafts = rows(kind="lease.recorded", records=records, ts=AT)
        services.append_tape(rid=uuid.uuid4(), fields={"rows": "3"}, rows=drafts, at=AT)
        kids = [
            services.enrol_key(
                role=KeyRole.DEVICE, public_key=SecretKey(bytes([n]) * 32).public, at=AT
            ).kid
            for n in range(3)
        ]
        for kid in kids[1:]:
            services.approve_key(kid=kid, by=uuid.uuid4(), at=AT)
        services.revoke_key(kid=kids[2], by=uuid.uuid4(), at=AT)
    mine = own(pair)
    assert mine.is_as_signed, str(mine)
    table = "anda.ledger_signing_key"
    states = ("approved", "revoked", "approved")
    for kid, state in zip(kids, states, strict=True):
        statement = f"UPDATE {table} SET state = '{state}' WHERE kid = '{kid}'"
        with altered(pair, table, statement):
            assert own(pair).part == "signing_key", (kid, state)


def test_a_check_without_the_signer_says_so(filled, client_of, monkeypatch):
    monkeypatch.setattr(settings, "SIGNER_SOCKET", "/nowhere/signer")
    assert own(filled).is_as_signed
    monkeypatch.setattr(settings, "SIGNER_SOCKET", "")
    manager = User.objects.get(email__startswith="manager@")
    page = client_of(manager, filled.lessor, language="zh-hans").get("/ledger/").content.decode()
    assert "未与签名进程核对" in page and english(page) == []


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
    for statement in (DIRECTORY["no key"], DIRECTORY["an unreadable key"]):
        with altered(filled, PUBLISHED, statement.format(PUBLISHED)):
            own(filled)
            for path in (
                "/ledger/",
                "/ledger/checkpoints/",
                "/ledger/entries/5/",
                "/ledger/trust/",
            ):
                answer = desk.get(path)
                page = answer.content.decode()
                assert answer.status_code < 500 and "目录中此账本的密钥" in page, (path, statement)
                assert english(page) == []
    unreadable = desk.get("/ledger/entries/4/").content.decode()
    assert "不是 JSON" in unreadable and english(unreadable) == []
    filled.raw.execute(
        "UPDATE anda.ledger_entry SET nodes = set_byte(nodes, 0, 255 - get_byte(nodes, 0)) "
        "WHERE index = 4"
    )
    unproven = desk.get("/ledger/entries/5/").content.decode()
    assert "此条目未通过验证" in unproven and english(unproven) == []
