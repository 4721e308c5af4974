"""Replacing the key that signs a log's checkpoints: a new one beside it, then the old one retired.

The change is an entry and a checkpoint of its own (docs/decisions/0012): whoever pinned either key
is led to the other by the log alone. Until the old key is retired both sign, so that readers
outside have time to take the new one.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection, transaction

from ledger.core.log_keys import ROTATED
from ledger.drafts import Draft
from ledger.log_keys import own_log_keys, own_turns
from ledger.models import Checkpoint, Head
from ledger.problems import KeyStillNeeded
from ledger.services.checkpoints import seal_checkpoint
from ledger.services.published_keys import log_key_version
from ledger.services.writing import write_drafts
from ledger.signed import is_signed
from ledger.signing import signer_of
from tenants.context import current_tenant
from tenants.models import PublishedKey


@dataclass(frozen=True)
class Rotated:
    """The key that signs from now on (vkey), its version, and the entry that says so.

    `is_new` is False where that entry stood already.
    """

    vkey: str
    version: int
    index: int
    is_new: bool = field(compare=False)


def rotate_log_key(*, at: datetime | str) -> Rotated:
    """Hand this tenant's log over to a new key. Call outside of a transaction.

    A change that was begun and whose old key is still here is finished, not followed by another.
    Raises what `seal_checkpoint` raises; then nothing is written, or the next seal finishes it.
    """
    seal_checkpoint(at=at)  # a log that cannot be signed now does not change its key
    head = Head.objects.get()
    signer = signer_of(head.log_id)
    with transaction.atomic(durable=True):
        _hold_the_head()
        size = Head.objects.get().size
        turns, version = own_turns(size), log_key_version()
        is_new = not (turns and _is_kept(version - 1))
        if not is_new:
            index = turns[-1]
        else:
            index, version = size, version + 1
            fields = signer.hand_over(head.origin, index, version - 1)
            draft = Draft.service(kind=ROTATED, rid=str(uuid.uuid4()), fields=fields, ts=at)
            (appended,) = write_drafts(drafts=[draft])
            assert appended.index == index, "the head was held"
            _publish(PublishedKey.LOG, fields["new"], index)
            _publish(PublishedKey.LOG_MLDSA, fields["new_mldsa"], index)
    seal_checkpoint(at=at)
    vkey = own_log_keys().reigns[version - 1][1].vkey()
    return Rotated(vkey, version, index, is_new)


def retire_log_keys() -> list[int]:
    """Destroy the secrets of the keys that handed over; which versions those were.

    `KeyStillNeeded` while the change is not sealed: its checkpoint wants both signatures.
    """
    head = Head.objects.get()
    turns = own_turns(head.size)
    sealed = Checkpoint.objects.filter(size=turns[-1] + 1).first() if turns else None
    if turns and (sealed is None or not is_signed(sealed, own_log_keys(turns))):
        raise KeyStillNeeded(
            detail="The checkpoint in which the log's key changes is not signed yet.",
            mend=(
                "Seal a checkpoint, then retire the old key. If the checkpoint was lost, restore "
                "it from a backup."
            ),
        )
    return signer_of(head.log_id).retire(head.origin)


def kept_log_keys() -> list[int]:
    """Versions whose secrets are here, newest first."""
    return [version for version in range(log_key_version(), 0, -1) if _is_kept(version)]


def _is_kept(version: int) -> bool:
    head = Head.objects.get()
    return version in signer_of(head.log_id).versions()


def _hold_the_head() -> None:
    """Nobody appends until the transaction ends: the entry's place is part of what is signed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock('ledger_head'::regclass::oid::bigint)")


def _publish(purpose: str, key: str, index: int) -> None:
    # a change that a restored database does not know published the same key before
    PublishedKey.objects.update_or_create(
        tenant=current_tenant(), purpose=purpose, key=key, defaults={"from_index": index}
    )
