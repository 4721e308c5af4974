"""Sealing: the log key signs the tree head, after the signer checked it."""

from datetime import datetime

from django.db import connection, transaction

from ledger.core.checkpoints import Checkpoint as TreeHead
from ledger.drafts import instant
from ledger.models import Checkpoint, Head
from ledger.problems import KeyFileDamaged, LogFrozen, RollbackRefused, SignerMemoryDamaged
from ledger.selectors import consistency_proof, latest_checkpoint, root_at
from ledger.services.keys import ensure_second_keys, open_log
from ledger.signing import signer_of
from ledger.signing.signer import Signed, check_extends
from ledger.witnessing.hearing import check_words, hear

SealingRefused = RollbackRefused | KeyFileDamaged | SignerMemoryDamaged | LogFrozen


def seal_checkpoint(*, at: datetime | str) -> Checkpoint:
    """Sign and store a checkpoint of the whole committed log; the latest one if nothing is new.

    Runs in a transaction of its own (`durable`): a tree that a caller could still roll back must
    never be signed. Raises `RollbackRefused` if the log does not extend what was signed before,
    `SignerMemoryDamaged` or `KeyFileDamaged` if the signer cannot tell or cannot sign, `LogFrozen`
    while a witness is known to hold another tree. Whoever cosigns the log is heard before it is
    signed (`witnessing.hearing`): nobody outside holds a tree that this log lacks.
    """
    with transaction.atomic(durable=True):
        head = open_log(at=at)
        ensure_second_keys(head)
    signer = signer_of(head.log_id)
    words = hear(head, at=at)
    with signer.turn():
        signer.freeze.check()
        tree_head, latest = _committed()
        check_words(words, Head.objects.get(), at=at)
        if latest is not None and latest.size == tree_head.size:
            check_extends(tree_head, consistency_proof, signer.last(), _signed(latest))
            return latest
        time = max(int(instant(at).timestamp()), 0)
        note = signer.sign(tree_head, consistency_proof, _signed(latest), time=time)
        with transaction.atomic(durable=True), connection.cursor() as cursor:
            cursor.execute(
                "SELECT ledger_seal(%s, %s, %s, %s)",
                [tree_head.size, tree_head.root, note, instant(at)],
            )
    return Checkpoint.objects.get(size=tree_head.size)


def sealing_refused() -> SealingRefused | None:
    """Why the next checkpoint of this log would be refused, without signing; None if it is not."""
    head = Head.objects.first()
    if head is None:
        return None
    signer = signer_of(head.log_id)
    try:
        signer.freeze.check()
        signer.key(head.origin)
        last = signer.last()  # before the head is read: one read later is never behind it
        tree_head, latest = _committed()
        check_extends(tree_head, consistency_proof, last, _signed(latest))
    except (RollbackRefused, KeyFileDamaged, SignerMemoryDamaged, LogFrozen) as problem:
        return problem
    return None


def _committed() -> tuple[TreeHead, Checkpoint | None]:
    """The tree as it is committed now, and the newest checkpoint that is stored."""
    head, latest = Head.objects.get(), latest_checkpoint()
    if bytes(head.root) != root_at(head.size):
        raise RollbackRefused(
            detail="The stored tree of %(size)s entries does not lead to the root that it states.",
            params={"size": head.size},
        )
    return TreeHead(head.origin, head.size, bytes(head.root)), latest


def _signed(checkpoint: Checkpoint | None) -> Signed | None:
    return None if checkpoint is None else (checkpoint.size, bytes(checkpoint.root))
