"""Sealing: the log key signs the tree head, after the signer checked it."""

from datetime import datetime

from django.db import connection, transaction

from ledger.core.checkpoints import Checkpoint as TreeHead
from ledger.core.hashing import EMPTY_ROOT
from ledger.drafts import instant
from ledger.models import Checkpoint, Head
from ledger.selectors import consistency_proof, latest_checkpoint, root_at
from ledger.services.keys import open_log
from ledger.signer import LogSigner


def seal_checkpoint(*, at: datetime | str) -> Checkpoint:
    """Sign and store a checkpoint of the whole committed log; the latest one if nothing is new.

    Runs in a transaction of its own (`durable`): a tree that a caller could still roll back must
    never be signed. Raises `RollbackRefused` if the log does not extend what was signed before.
    """
    with transaction.atomic(durable=True):
        open_log(at=at)
    head = Head.objects.get()
    latest = latest_checkpoint()
    if latest is not None and latest.size >= head.size:
        return latest
    tree_head = TreeHead(head.origin, head.size, bytes(head.root))
    assert tree_head.root != EMPTY_ROOT and tree_head.root == root_at(head.size)
    note = LogSigner(head.log_id).sign(tree_head, consistency_proof)
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(
            "SELECT ledger_seal(%s, %s, %s, %s)",
            [tree_head.size, tree_head.root, note, instant(at)],
        )
    found = latest_checkpoint()  # another sealer may have been first with a longer one
    assert found is not None
    return found
