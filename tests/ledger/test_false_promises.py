"""What a log signed before it sent the entries must turn out true, whatever else is wrong then."""

import pytest
from django.db import transaction
from django_tenants.utils import tenant_context

from ledger.checking.services import check_copy
from ledger.core.checkpoints import Checkpoint
from ledger.core.encoding import unb64
from ledger.core.hashing import leaf_hash, leaf_hashes
from ledger.core.notes import Note, SignatureLine, sign_text
from ledger.core.proofs import consistency_proof
from ledger.core.sealing import seal_to
from ledger.core.tree import Frontier, nodes_of_leaves
from ledger.exchange import sending
from ledger.exchange.parcels import EntriesParcel
from ledger.models import Head, Replica
from ledger.signing import signer_of
from tenants.models import Parcel, PublishedKey
from tests.ledger.forked import evidence_of, log_key, over_http, second_history
from tests.ledger.stage import (
    AT,
    another_leaf,
    append,
    changed,
    exchange,
    leaves_held,
    post_again,
    receive,
    refused,
    send,
)


def signed_tree(stage, leaves):
    """A checkpoint of these leaves, signed with the log's own key past its signer's memory."""
    frontier, key = Frontier(), log_key(stage)
    for leaf in leaves:
        frontier.append(leaf_hash(leaf))
    with tenant_context(stage.lessor):
        secret = signer_of(Head.objects.get().log_id)._seeds.first(1)
    text = Checkpoint(key.name, len(leaves), frontier.root()).text()
    return Note(text, (sign_text(text, key.name, secret),)).to_bytes()


def of_another_history(stage, leaves, start):
    """A parcel of the entries from `start` on of a log that its key signed, with no content."""
    nodes = nodes_of_leaves(leaf_hashes(leaves))
    base = Frontier()
    for leaf in leaves[:start]:
        base.append(leaf_hash(leaf))
    return EntriesParcel(
        origin=log_key(stage).name,
        start=start,
        leaves=leaves[start:],
        checkpoint=signed_tree(stage, leaves),
        base_root=base.root(),
        base_proof=consistency_proof(start, len(leaves), nodes),
    )


def empty_of_content(stage, parcel):
    """The parcel without payloads, its (no) keys sealed for what is left of it."""
    bare = changed(parcel, payload_indexes=[], payloads=[], item_indexes=[], items=[])
    key = PublishedKey.objects.get(tenant=stage.trust, purpose=PublishedKey.PARCELS)
    sealed = seal_to(unb64(key.key, 32), b"", bare.context(str(stage.trust.pk)))
    return changed(bare, sealed_keys=sealed)


@pytest.fixture
def promised(stage, settings, monkeypatch):
    """The trust holds 15 of 17 entries that were signed; the lessor's log then has 13 again."""
    exchange(stage)
    monkeypatch.setattr(sending, "CHUNK_ENTRIES", 2)
    memory = {path: path.read_bytes() for path in settings.KEY_DIR.glob("logs/*/last.json")}
    before = transaction.savepoint()
    for vin in "ABCD":
        append(stage, vin)
    send(stage)
    first = bytes(Parcel.objects.get(subject="entries", from_index=13).body)
    stage.rest = bytes(Parcel.objects.get(subject="entries", from_index=15).body)
    transaction.savepoint_rollback(before)
    post_again(stage, first, 13, 15)
    assert receive(stage).refusals == []
    for path, content in memory.items():
        path.write_bytes(content)
    return stage


def with_a_second_broken_line(parcel):
    note = Note.parse(parcel.checkpoint)
    line = note.lines[0]
    broken = SignatureLine(line.name, line.id, bytes(64))
    return changed(parcel, checkpoint=Note(note.text, (broken, line)).to_bytes())


BREAKS = {
    "nothing else": lambda parcel: parcel,
    "keys that do not open": lambda parcel: changed(parcel, sealed_keys=bytes(80)),
    "another log's name": lambda parcel: changed(parcel, origin="elsewhere.test/log"),
    "a broken line in the log's own name": with_a_second_broken_line,
    "more entries than were signed": lambda parcel: changed(parcel, leaves=[*parcel.leaves, b"x"]),
    "a base that proves nothing": lambda parcel: changed(parcel, base_proof=[bytes(32)]),
}


@pytest.mark.parametrize("name", BREAKS)
@pytest.mark.parametrize("beyond", [0, 1])
def test_a_promise_that_turns_out_false_is_convicted(promised, tmp_path, capsys, name, beyond):
    """17 were signed before; now other entries come under another root, of 17 or of 18."""
    other = another_leaf(promised) if name == "nothing else" else b"no leaf that anybody reads"
    leaves = [*leaves_held(promised), *[other] * (2 + beyond)]
    parcel = BREAKS[name](of_another_history(promised, leaves, 15))
    post_again(promised, parcel.to_bytes(), 15, 17 + beyond)
    refused(promised, "forked")
    assert evidence_of(promised, tmp_path, capsys).size == 17


def test_a_parcel_after_a_gap_convicts_by_its_base(promised, tmp_path, capsys):
    """It goes on from another tree of the 17 entries that were promised."""
    leaves = [*leaves_held(promised), b"other", b"other", b"other"]
    parcel = of_another_history(promised, leaves, 17)
    post_again(promised, parcel.to_bytes(), 17, 18)
    refused(promised, "forked")
    assert evidence_of(promised, tmp_path, capsys).size == 17


def test_the_promise_is_held_against_entries_that_came_under_another_note(
    promised, tmp_path, capsys
):
    """16 of another history's 18 come, which nobody can tell; then 17 as they were promised."""
    leaves = [*leaves_held(promised), *[another_leaf(promised)] * 3]
    whole = of_another_history(promised, leaves, 15)
    proof = consistency_proof(16, 18, nodes_of_leaves(leaf_hashes(leaves)))
    part = empty_of_content(promised, changed(whole, leaves=whole.leaves[:1], consistency=proof))
    post_again(promised, part.to_bytes(), 15, 16)
    assert receive(promised).refusals == []
    post_again(promised, promised.rest, 15, 17)
    refused(promised, "forked")
    fork = evidence_of(promised, tmp_path, capsys)
    assert fork.size == 16
    with tenant_context(promised.trust):
        assert check_copy(Replica.objects.get(), at=AT).is_as_signed


def test_a_fork_below_entries_that_came_in_several_parcels(promised, tmp_path, capsys):
    """15, then 16 of the 17 that were signed came; then another history of 14."""
    parcel = EntriesParcel.parse(promised.rest)
    held = leaves_held(promised)
    proof = consistency_proof(16, 17, nodes_of_leaves(leaf_hashes([*held, *parcel.leaves])))
    part = changed(parcel, leaves=parcel.leaves[:1], consistency=proof)
    post_again(promised, empty_of_content(promised, part).to_bytes(), 15, 16)
    assert receive(promised).refusals == []
    other = of_another_history(promised, [*held[:13], b"other"], 13)
    post_again(promised, other.to_bytes(), 13, 14)
    refused(promised, "forked")
    assert evidence_of(promised, tmp_path, capsys).size == 14


def test_what_was_cosigned_over_http_convicts_a_broken_parcel(stage, settings, tmp_path, capsys):
    exchange(stage)
    one = second_history(stage, settings, keep=13, vins=["A", "B"])
    assert over_http(stage, one)
    leaves = [*leaves_held(stage), b"no leaf", b"no leaf", b"no leaf"]
    post_again(stage, of_another_history(stage, leaves, 13).to_bytes(), 13, 16)
    refused(stage, "forked")
    assert evidence_of(stage, tmp_path, capsys).size == 15
