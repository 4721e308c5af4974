"""Sealing: the log key signs the tree head, after the signer checked it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from ledger.core.checkpoints import Checkpoint as TreeHead
from ledger.core.log_keys import LogKeys
from ledger.drafts import instant
from ledger.halting import FATAL, halt, lift, seen
from ledger.log_keys import own_log_keys, own_second_keys, own_turns
from ledger.models import Checkpoint, Head, ReplacedNote
from ledger.problems import (
    BadSignerRequest,
    KeyFileDamaged,
    LogFrozen,
    LogKeysUnreadable,
    RollbackRefused,
    SignerAway,
    SignerMemoryDamaged,
    SignerMoved,
    SignerVersion,
)
from ledger.selectors import (
    consistency_proof,
    entry,
    inclusion_proof,
    latest_checkpoint,
    log_size,
    record,
    root_at,
)
from ledger.services.keys import open_log
from ledger.services.published_keys import ensure_second_keys, signing_key
from ledger.signed import is_signed, newest_signed
from ledger.signing import Signer, signer_of
from ledger.signing.rules import Growth, Signed, Turns, TurnShown, check_extends, grown
from ledger.witnessing.hearing import Word, check_words, hear
from tenants.database.durability import wait_until_durable
from tenants.problems import Problem

#: What stops sealing until somebody mends it.
_STOPS = (
    RollbackRefused,
    KeyFileDamaged,
    SignerMemoryDamaged,
    LogFrozen,
    LogKeysUnreadable,
    SignerAway,
    SignerVersion,
    BadSignerRequest,
)
#: Each time another sealer was first, the log was sealed: this ends where they are that many.
ATTEMPTS = 50


def seal_checkpoint(*, at: datetime | str) -> Checkpoint:
    """Sign and store a checkpoint of the whole committed log; the latest one if nothing is new.

    Runs in a transaction of its own (`durable`): a tree that a caller could still roll back must
    never be signed. Raises `RollbackRefused` if the log does not extend what was signed before,
    `SignerMemoryDamaged` or `KeyFileDamaged` if the signer cannot tell or cannot sign, `LogFrozen`
    while a witness is known to hold another tree, `SignerAway` or `SignerVersion` where it is a
    process of its own and does not answer. Whoever cosigns the log is heard before it is signed
    (`witnessing.hearing`): nobody outside holds a tree that this log lacks. A log whose tree is
    refused takes no entries from then on, until a checkpoint of it is signed again (`halting`).
    """
    stands = seen()  # one that begins while this signs is no longer about the tree signed here
    try:
        sealed = _seal_all(at)
    except FATAL as problem:
        halt(problem, at=at)
        raise
    lift(stands, f"the checkpoint of {sealed.size} entries was signed", at=at)
    return sealed


def _seal_all(at: datetime | str) -> Checkpoint:
    with transaction.atomic(durable=True):
        head = open_log(at=at)
        ensure_second_keys(head)
    words, size = hear(head, at=at), log_size()
    for _ in range(ATTEMPTS):
        try:
            sealed = _seal(signer_of(head.log_id), words, at)
        except SignerMoved:  # another process signed between our question and our answer
            continue
        if sealed.size >= size:  # else a change of the log's key was sealed by itself
            return sealed
    raise SignerMoved


def _seal(signer: Signer, words: Sequence[Word], at: datetime | str) -> Checkpoint:
    last = signer.last()  # before the head is read: one read later is never behind it
    stored = _stored()
    _mend_turns(stored, at)
    tree_head, latest = _to_sign(stored), stored.signed
    signer.freeze.check()
    check_words(words, Head.objects.get(), at=at)
    grew, floor = _grown(tree_head, last), _grown(tree_head, _signed(latest))
    if latest is not None and latest.size == tree_head.size:
        check_extends(tree_head, grew, floor)
        return latest
    time, turns = max(int(instant(at).timestamp()), 0), own_turns(tree_head.size)
    wait_until_durable()  # a crash of the database must not take back what is signed now
    foreign = stored.foreign_at(tree_head.size)
    note = None if foreign is None else _signed_before(tree_head, stored.keys)
    is_past = last is not None and last[0] > tree_head.size and tree_head.size - 1 in turns
    if note is not None:  # somebody put his own in its place
        if not is_past:
            check_extends(tree_head, grew, floor)
    elif last is not None and is_past:
        # a change of keys whose checkpoint was lost: signed once more, if all that followed is here
        again = consistency_proof(tree_head.size, last[0]) if log_size() >= last[0] else []
        note = signer.sign_again(tree_head, again, time=time)
    else:
        note = signer.sign(
            tree_head,
            grew,
            floor,
            time=time,
            turns=turns,
            shown=_shown(tree_head, turns),
            floor_note=b"" if latest is None else bytes(latest.note),
        )
    _store(tree_head, note, foreign, at)
    # one that another process signed after ours may be stored already, and covers more
    return Checkpoint.objects.filter(size__gte=tree_head.size).order_by("size")[0]


def _store(tree_head: TreeHead, note: bytes, foreign: bytes | None, at: datetime | str) -> None:
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(
            "SELECT ledger_seal(%s, %s, %s, %s, %s)",
            [tree_head.size, tree_head.root, note, instant(at), foreign],
        )


def _signed_before(tree_head: TreeHead, keys: LogKeys) -> bytes | None:
    """What was stored of this tree, signed, before a note of somebody else took its place."""
    for row in ReplacedNote.objects.filter(size=tree_head.size).order_by("-pk"):
        stood = Checkpoint(size=row.size, root=tree_head.root, note=row.note)
        if is_signed(stood, keys):
            return bytes(row.note)
    return None


def _shown(tree_head: TreeHead, turns: Turns) -> TurnShown | None:
    """The entry that changes the log's key, if the tree ends with it."""
    index = tree_head.size - 1
    if index not in turns:
        return None
    leaf, payload = bytes(entry(index).leaf), record(index).payload
    return TurnShown(leaf, payload.to_bytes(), tuple(inclusion_proof(index, tree_head.size)))


def sealing_refused() -> Problem | None:
    """Why the next checkpoint of this log would be refused, without signing; None if it is not."""
    head = Head.objects.first()
    if head is None:
        return None
    signer = signer_of(head.log_id)
    try:
        signer.freeze.check()
        last = signer.last()
        stored = _stored()
        head, turns = stored.head, stored.turns
        signing_key(head, 1 + len(turns))
        tree_head = _to_sign(stored)
        if last is not None and last[0] > tree_head.size and tree_head.size - 1 in turns:
            tree_head = TreeHead(head.origin, head.size, bytes(head.root))
        floor = _grown(tree_head, _signed(stored.signed))
        check_extends(tree_head, _grown(tree_head, last), floor)
    except _STOPS as problem:
        return problem
    return None


@dataclass(frozen=True)
class _Stored:
    """What is committed: the newest checkpoint, and the newest that the log's key signed."""

    newest: Checkpoint | None
    signed: Checkpoint | None
    head: Head
    turns: Turns
    keys: LogKeys

    def foreign_at(self, size: int) -> bytes | None:
        """The note of somebody else that stands where the checkpoint of this size belongs."""
        found = self.newest
        if found is not None and found.size > size and size - 1 in self.turns:
            found = Checkpoint.objects.filter(size=size).first()
            return None if found is None or is_signed(found, self.keys) else bytes(found.note)
        if found is None or found.size != size or found == self.signed:
            return None
        return bytes(found.note)


def _stored() -> _Stored:
    newest = latest_checkpoint()  # read first: another process may append and seal meanwhile
    head = Head.objects.get()
    turns = own_turns(head.size)
    keys = own_log_keys(turns)  # the directory's word of them is what pages go by
    signed = newest
    if newest is not None and not is_signed(newest, keys):
        signed = newest_signed(keys)
    return _Stored(newest, signed, head, turns, keys)


def _to_sign(stored: _Stored) -> TreeHead:
    """Of the committed tree what is signed next.

    Only up to the entry at which the log's key changed, where no signed checkpoint covers that:
    the one that ends there carries both keys' signatures (`core/log_keys.py`).
    """
    head = stored.head
    if bytes(head.root) != root_at(head.size):
        raise RollbackRefused(
            detail="The stored tree of %(size)s entries does not lead to the root that it states.",
            params={"size": head.size},
        )
    sealed = 0 if stored.signed is None else stored.signed.size
    for turn in stored.turns:
        if turn >= sealed and turn + 1 < head.size:
            return TreeHead(head.origin, turn + 1, root_at(turn + 1))
    return TreeHead(head.origin, head.size, bytes(head.root))


def _mend_turns(stored: _Stored, at: datetime | str) -> None:
    """Put back what was signed where the log's key changed, below the newest checkpoint.

    Somebody stored a note of his own there. What was signed was kept aside; there is nothing to
    sign: the key that handed over may be gone.
    """
    sealed = 0 if stored.signed is None else stored.signed.size
    sizes = [turn + 1 for turn in stored.turns if turn + 1 < sealed]
    if not sizes:
        return
    second = own_second_keys(stored.head.origin)
    for row in Checkpoint.objects.filter(size__in=sizes).order_by("size"):
        if is_signed(row, stored.keys, second):
            continue
        tree_head = TreeHead(stored.head.origin, row.size, bytes(row.root))
        note = _signed_before(tree_head, stored.keys)
        if note is not None:
            _store(tree_head, note, bytes(row.note), at)


def _signed(checkpoint: Checkpoint | None) -> Signed | None:
    return None if checkpoint is None else (checkpoint.size, bytes(checkpoint.root))


def _grown(tree_head: TreeHead, signed: Signed | None) -> Growth | None:
    return grown(tree_head, signed, consistency_proof)
