"""The key that signs a log's checkpoints is replaced: under traffic, and by killed processes."""

import io

import pytest
from django.core.management import call_command
from django_tenants.utils import tenant_context

from ledger import services
from ledger.core.checkpoints import Checkpoint as TreeHead
from ledger.core.checkpoints import open_checkpoint
from ledger.core.log_keys import LogKeys
from ledger.core.notes import Note
from ledger.exchange import problems
from ledger.exchange.services import receive_parcels, send_parcels
from ledger.log_keys import copied_log_keys, own_log_keys, own_turns
from ledger.models import Checkpoint, Entry, Head, Outbox, Refusal, Replica
from ledger.problems import (
    BadSignerRequest,
    HandoverLost,
    KeyFileDamaged,
    KeyStillNeeded,
    RollbackRefused,
)
from ledger.rotation import log_key
from ledger.rotation.log_key import kept_log_keys, retire_log_keys, rotate_log_key
from ledger.selectors import consistency_proof, entry, inclusion_proof, record
from ledger.services.checkpoints import seal_checkpoint, sealing_refused
from ledger.signing import signer_of
from ledger.signing.rules import Growth, TurnShown, check_turns
from ledger.witnessing.state import known_log
from tenants.database.bound import run_bound
from tenants.models import PublishedKey
from tests.ledger.faults.conftest import AT, document
from tests.ledger.faults.crash import at_every_step
from tests.ledger.faults.invariants import check_copy, check_log, memory_file
from tests.ledger.faults.test_crash_exchange import _receive, _receive_cosignature, _send
from tests.ledger.faults.traffic import traffic, verify_export
from tests.ledger.rolled_back import forget_all


def rotated(tenant):
    with tenant_context(tenant):
        return rotate_log_key(at=AT)


def append(tenant, count=1):
    with tenant_context(tenant):
        services.append_entries(drafts=[document() for _ in range(count)])


def keys_of(tenant) -> LogKeys:
    with tenant_context(tenant):
        return own_log_keys()


def test_the_logs_key_while_traffic_runs(pair):
    with traffic(pair) as running:
        call_command("rotate_keys", "log", tenant="anda")
        running.rounds(1)
        call_command("rotate_keys", "log", tenant="anda", retire=True)
        running.rounds(1)
        call_command("rotate_keys", "log", tenant="anda")  # and once more
    keys = keys_of(pair.lessor)
    assert len(keys.all) == 3
    with tenant_context(pair.trust):
        assert copied_log_keys(Replica.objects.get()) == keys
    for pinned in keys.all:  # whoever trusts one of them is led to the others
        assert verify_export(pair, pinned=pinned).entries


def test_both_sign_until_the_old_one_is_destroyed(pair):
    append(pair.lessor, 3)
    first = keys_of(pair.lessor).newest
    found = rotated(pair.lessor)
    with tenant_context(pair.lessor):
        assert Entry.objects.get(index=found.index).kind == "log.key_rotated"
        second = own_log_keys().newest
        assert (second.vkey(), found.version, own_turns(found.index + 1)) == (
            found.vkey, 2, (found.index,),
        )  # fmt: skip
        assert kept_log_keys() == [2, 1]
        assert rotate_log_key(at=AT) == found, "a rotation that was begun is finished first"
    append(pair.lessor)
    with tenant_context(pair.lessor):
        for note in (
            seal_checkpoint(at=AT).note,
            Checkpoint.objects.get(size=found.index + 1).note,
        ):
            for key in (first, second):
                open_checkpoint(bytes(note), key)
        assert retire_log_keys() == [1]
        assert (kept_log_keys(), retire_log_keys()) == ([2], [])
        services.append_entry(draft=document())
        note = bytes(seal_checkpoint(at=AT).note)
        open_checkpoint(note, second)
        with pytest.raises(Exception, match="did not sign|no known key"):
            open_checkpoint(note, first)
        with pytest.raises(KeyFileDamaged, match="replaced by a newer"):
            signer_of(Head.objects.get().log_id).create(Head.objects.get().origin)
    check_log(pair.lessor)


def test_a_rotation_may_die_anywhere(pair):
    append(pair.lessor, 2)

    def change(answer):
        with tenant_context(pair.lessor):
            answer(rotate_log_key(at=AT).index)
            answer(retire_log_keys())
            services.append_entry(draft=document())
            services.seal_checkpoint(at=AT)

    for crash in at_every_step(lambda: change, stride=11):
        check_log(pair.lessor)
        append(pair.lessor, 2)  # the next seal is somebody else's
        with tenant_context(pair.lessor):
            services.seal_checkpoint(at=AT)
        check_log(pair.lessor)
        crash.again()
        state = check_log(pair.lessor)
        assert all(index + 1 in state.checkpoints for index in keys_of(pair.lessor).handed_over)
        _send(pair), _receive(pair)
        assert check_copy(pair.lessor, pair.trust) == state.size
    verify_export(pair, pinned=keys_of(pair.lessor).first)


def test_a_copy_that_lags_behind_two_changes_catches_up(pair):
    append(pair.lessor, 2)
    _send(pair), _receive(pair)
    for _ in range(2):
        append(pair.lessor, 2)
        rotated(pair.lessor)
        with tenant_context(pair.lessor):
            retire_log_keys()
    append(pair.lessor, 2)
    _send(pair), _receive(pair), _receive_cosignature(pair)
    state = check_log(pair.lessor)
    assert check_copy(pair.lessor, pair.trust) == state.size
    with tenant_context(pair.trust):
        assert copied_log_keys(Replica.objects.get()) == keys_of(pair.lessor)


@pytest.mark.parametrize("missing", ["old", "new"])
def test_a_change_that_one_key_did_not_sign_is_refused(pair, missing):
    append(pair.lessor, 2)
    found = rotated(pair.lessor)
    keys = keys_of(pair.lessor)
    gone = keys.first if missing == "old" else keys.newest
    append(pair.lessor, 1)
    with tenant_context(pair.lessor):
        services.seal_checkpoint(at=AT)  # else it would be sealed over
        row = Checkpoint.objects.get(size=found.index + 1)
        note = Note.parse(bytes(row.note))
        lines = tuple(line for line in note.lines if line.id != gone.id)
        pair.raw.execute(
            "UPDATE anda.ledger_checkpoint SET note = %s WHERE size = %s",
            [Note(note.text, lines).to_bytes(), row.size],
        )
    _send(pair)
    with tenant_context(pair.trust):
        received = receive_parcels(from_tenant=pair.lessor, at=AT)
        assert [refusal.code for refusal in received.refusals] == [problems.BAD_CHECKPOINT]
        assert not Replica.objects.filter(size__gt=found.index).exists()
        # without the old key's line there is nothing that a copy of before knows
        words = {"old": "no known key signed", "new": "new key did not sign"}[missing]
        assert words in Refusal.objects.get(by_us=True).detail


def test_who_serves_takes_no_signature_from_a_change(pair):
    """A note without the old key's line, or a newer one of anything, holds up nothing for good."""
    seal = "SELECT ledger_seal(%b, %b, %b, now(), %b)"
    append(pair.lessor, 2)
    found = rotated(pair.lessor)
    keys = keys_of(pair.lessor)
    with tenant_context(pair.lessor):
        retire_log_keys()
        row = Checkpoint.objects.get(size=found.index + 1)
        good, note = bytes(row.note), Note.parse(bytes(row.note))
        lines = tuple(line for line in note.lines if line.id != keys.first.id)
        without = Note(note.text, lines).to_bytes()
        run_bound(seal, [row.size, bytes(row.root), without, good])
        services.append_entry(draft=document())
        head = Head.objects.get()
        text = TreeHead(head.origin, head.size, bytes(head.root)).text().encode()
        run_bound(seal, [head.size, bytes(head.root), text, None])
        assert seal_checkpoint(at=AT).size == head.size
        assert bytes(Checkpoint.objects.get(size=row.size).note) == good
        run_bound(seal, [row.size, bytes(row.root), without, good])  # and below a signed one
        seal_checkpoint(at=AT)
    state = check_log(pair.lessor)
    _send(pair), _receive(pair)
    assert check_copy(pair.lessor, pair.trust) == state.size


def test_a_change_is_sealed_below_a_newer_note_of_anything(pair, monkeypatch):
    append(pair.lessor, 2)
    with tenant_context(pair.lessor), monkeypatch.context() as between:
        seal_checkpoint(at=AT)
        between.setattr(log_key, "seal_checkpoint", lambda at: None)
        index = rotate_log_key(at=AT).index
        services.append_entry(draft=document())
        head = Head.objects.get()
        text = TreeHead(head.origin, head.size, bytes(head.root)).text().encode()
        run_bound("SELECT ledger_seal(%b, %b, %b, now())", [head.size, bytes(head.root), text])
        assert seal_checkpoint(at=AT).size == head.size
    assert check_log(pair.lessor).checkpoints[-2:] == [index + 1, head.size]


def test_the_signer_goes_back_to_no_old_key():
    assert check_turns(12, (), ()) == ()
    assert check_turns(11, (10,), ()) == (10,)  # to be proven
    assert check_turns(30, (10,), (10,)) == ()
    with pytest.raises(RollbackRefused, match="lost an entry at which its key changed"):
        check_turns(30, (), (10,))
    for turns in ((11, 10), (30,), (-1,), (4, 4)):
        with pytest.raises(BadSignerRequest):
            check_turns(12, turns, ())


def test_the_signer_takes_a_new_key_only_where_an_entry_hands_over_to_it(pair):
    """Whoever may ask it for signatures cannot make it leave its key, and the log unsealable."""
    append(pair.lessor, 2)
    with tenant_context(pair.lessor):
        seal_checkpoint(at=AT)
        services.append_entry(draft=document())
        head = Head.objects.get()
        signer, tree = signer_of(head.log_id), TreeHead(head.origin, head.size, bytes(head.root))
        signer.hand_over(head.origin, head.size - 1, 1)
        last = signer.last()
        grew = Growth(*last, tuple(consistency_proof(last[0], head.size)))
        path = tuple(inclusion_proof(head.size - 1, head.size))
        leaf, other = bytes(entry(head.size - 1).leaf), record(head.size - 1).payload.to_bytes()
        for shown in (None, TurnShown(leaf, other, path), TurnShown(b"{}", b"{}", path)):
            with pytest.raises(BadSignerRequest, match="show that"):
                signer.sign(tree, grew, None, turns=(head.size - 1,), shown=shown)
        assert signer.last() == last
        assert seal_checkpoint(at=AT).size == head.size


def test_what_an_older_memory_of_the_signer_does_not_know_the_database_shows(pair):
    append(pair.lessor, 2)
    with tenant_context(pair.lessor):
        seal_checkpoint(at=AT)
        memory = memory_file(Head.objects.get())
        before = memory.read_bytes()
        rotate_log_key(at=AT)
        services.append_entry(draft=document())
        seal_checkpoint(at=AT)
        for content in (before, None):  # restored from before, and from its beginning
            memory.write_bytes(content) if content else forget_all(memory)
            services.append_entry(draft=document())
            seal_checkpoint(at=AT)
            memory.write_bytes(before)
            assert rotate_log_key(at=AT).version >= 2
            retire_log_keys()
            services.append_entry(draft=document())
            seal_checkpoint(at=AT)
            check_log(pair.lessor)


def test_the_checkpoint_of_a_change_that_a_backup_lacks_is_signed_again(pair):
    append(pair.lessor, 2)
    found = rotated(pair.lessor)
    append(pair.lessor, 2)
    with tenant_context(pair.lessor):
        seal_checkpoint(at=AT)
    pair.raw.execute("DELETE FROM anda.ledger_checkpoint WHERE size > %s", [found.index])
    with tenant_context(pair.lessor):
        assert sealing_refused() is None
        assert seal_checkpoint(at=AT).size == Head.objects.get().size
    check_log(pair.lessor)
    pair.raw.execute("DELETE FROM anda.ledger_checkpoint WHERE size = %s", [found.index + 1])
    with tenant_context(pair.lessor), pytest.raises(HandoverLost, match="nobody can check"):
        send_parcels(to_tenant=pair.trust, at=AT)
    with tenant_context(pair.lessor), pytest.raises(KeyStillNeeded):
        retire_log_keys()


def test_no_key_is_destroyed_before_the_newest_opens(pair):
    append(pair.lessor, 2)
    rotated(pair.lessor)
    folder = memory_file(head_of(pair.lessor)).parent
    kept = (folder / "seed-2").read_bytes()
    (folder / "seed-2").unlink()
    with tenant_context(pair.lessor):
        with pytest.raises(KeyFileDamaged, match="seed-2 is missing"):
            retire_log_keys()
        assert (folder / "seed").exists()
        (folder / "seed-2").write_bytes(kept)
        assert retire_log_keys() == [1]
        (folder / "retired.json").write_bytes(b'["torn')
        services.append_entry(draft=document())
        seal_checkpoint(at=AT)
        with pytest.raises(KeyFileDamaged, match="retired.json is damaged"):
            signer_of(head_of(pair.lessor).log_id).signed_by_itself(
                bytes(Checkpoint.objects.first().note)
            )


def test_a_schema_restored_alone_does_not_follow_the_directory(pair):
    """The rotation was committed, never sealed, and its entry lost with the schema's last state."""
    append(pair.lessor, 2)
    with tenant_context(pair.lessor):
        seal_checkpoint(at=AT)
        head = Head.objects.get()
        fields = signer_of(head.log_id).hand_over(head.origin, head.size, 1)
        PublishedKey.objects.create(
            tenant=pair.lessor, purpose=PublishedKey.LOG, key=fields["new"], from_index=head.size
        )
        services.append_entry(draft=document())
        seal_checkpoint(at=AT)
        assert rotate_log_key(at=AT).vkey == fields["new"]
    check_log(pair.lessor)


def head_of(tenant) -> Head:
    with tenant_context(tenant):
        return Head.objects.get()


def test_a_hand_over_is_signed_for_the_next_place_alone(pair):
    append(pair.lessor, 2)
    with tenant_context(pair.lessor):
        size = seal_checkpoint(at=AT).size
        head = Head.objects.get()
        signer = signer_of(head.log_id)
        for index, version in ((size - 1, 1), (size, 2)):
            with pytest.raises(BadSignerRequest):
                signer.hand_over(head.origin, index, version)
        with pytest.raises(BadSignerRequest):
            signer.vouch(b"lease-key-rotation/1\n" + head.origin.encode() + b"\n9\nx\ny\n")


def test_what_the_command_says(pair):
    append(pair.lessor)
    said = io.StringIO()
    again = [{"dry_run": True}, {}, {}, {"dry_run": True}, {"retire": True}, {"dry_run": True}]
    for options in again:
        call_command("rotate_keys", "log", tenant="anda", stdout=said, **options)
    lines = said.getvalue().splitlines()
    assert lines[0] == "anda: versions, newest first: 1"
    assert "version 2 signs since entry" in lines[1] and "already" not in lines[1]
    assert "already, nothing was rotated; --retire destroys the old one" in lines[2]
    assert lines[3:] == [
        "anda: versions, newest first: 2, 1",
        "anda: destroyed 1.",
        "anda: versions, newest first: 2",
    ]


def test_a_restored_witness_knows_what_it_cosigned_under_a_newer_key(pair):
    """Its own tables are gone; its lines stand under a checkpoint of the log's second key."""
    append(pair.lessor, 3)
    _send(pair), _receive(pair), _receive_cosignature(pair)
    rotated(pair.lessor)
    with tenant_context(pair.lessor):
        retire_log_keys()
    append(pair.lessor, 3)
    _send(pair), _receive(pair), _receive_cosignature(pair)
    for table in ("replica_entry", "replica_payload", "replica_items", "replica", "witnessed"):
        pair.raw.execute(f"DELETE FROM trust.ledger_{table}")
    with tenant_context(pair.lessor):
        head = Head.objects.get()
        Outbox.objects.update(cursor=head.size, sent_at="2001-01-01T00:00:00Z")
    _send(pair)  # the day's sign of life, with our cosignature under its checkpoint
    with tenant_context(pair.trust):
        row = known_log(head.origin)
        assert (row.size, bytes(row.root)) == (head.size, bytes(head.root))
