"""Going over this tenant's log and the copies it keeps, and remembering what came of it."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

import structlog

from ledger.checking.reading import (
    Content,
    copy_content,
    copy_rows,
    need_content,
    own_content,
    own_rows,
)
from ledger.core.envelope import items_aad
from ledger.core.errors import LedgerError
from ledger.core.items import share_from_bytes
from ledger.core.leaves import Leaf
from ledger.core.stored import Altered, StoredLog
from ledger.drafts import instant
from ledger.exchange.selectors import replica_items
from ledger.log_keys import copied_log_keys, own_log_keys
from ledger.models import (
    Checkpoint,
    Erasure,
    Head,
    Items,
    LedgerCheck,
    Replica,
    ReplicaErasure,
    ReplicaItems,
    WitnessedLog,
)
from ledger.selectors import Opener, opener
from tenants.problems import Problem

log = structlog.get_logger("ledger.checks")


def check_own(*, at: datetime | str) -> LedgerCheck | None:
    """Go over the whole log of this tenant; None while it has none.

    Entries, tree, contents with their keys, batches' items, checkpoints and head. What is appended
    meanwhile is the next check's.
    """
    head = Head.objects.first()
    if head is None:
        return None
    walk = StoredLog(own_log_keys())
    return _told(walk, None, at, lambda: _walk_own(walk, head))


def check_copy(replica: Replica, *, at: datetime | str) -> LedgerCheck:
    """Go over the copy of another's log as it is now."""
    walk = StoredLog(copied_log_keys(replica))
    return _told(walk, replica.source, at, lambda: _walk_copy(walk, replica))


def latest_checks() -> dict[object, LedgerCheck]:
    """The newest check of this log (None) and of each copy (its source)."""
    rows = LedgerCheck.objects.order_by("source", "-checked_at", "-pk").distinct("source")
    return {row.source: row for row in rows}


def _told(walk: StoredLog, source, at, going) -> LedgerCheck:
    found: Altered | None = None
    try:
        going()
    except Altered as altered:
        found = altered
        log.error("ledger_altered", source=str(source), what=str(altered))
    return LedgerCheck.objects.create(
        source=source,
        entries=walk.frontier.size,
        contents=walk.contents,
        checkpoints=walk.checkpoints,
        part=found.part if found else "",
        index=found.index if found else None,
        detail=found.detail[:300] if found else "",
        checked_at=instant(at),
    )


def _walk_own(walk: StoredLog, head: Head) -> None:
    opening, batches = opener(), _batches(head.size)
    sealed = {row.size: row for row in Checkpoint.objects.filter(size__lte=head.size)}
    for entry, held in own_rows(head.size):
        leaf, index = walk.take(entry), entry.index
        content = need_content(index, held)
        if leaf is not None:
            aad = leaf.core.aad()
            if content.ciphertext is not None:
                _opens(index, content, opening.data_key, aad, lambda i=index: own_content(i))
            elif content.erased_at is not None and not _is_told(Erasure.objects, index):
                raise Altered(index, "content", "it was erased, and no entry says so")
            if index in batches:
                _holds(index, lambda i=index, x=leaf, a=aad: _check_items(opening, i, x, a))
        if (row := sealed.get(walk.frontier.size)) is not None:
            walk.checkpoint(row.size, bytes(row.root), bytes(row.note))
    if walk.frontier.size != head.size:
        raise Altered(walk.frontier.size, "entry", "it is missing")
    walk.root(head.size, bytes(head.root), "head")


def _batches(size: int) -> set[int]:
    """Entries whose items are stored."""
    rows = Items.objects.filter(index__lt=size, ciphertext__isnull=False)
    return set(rows.values_list("index", flat=True))


def _check_items(opening: Opener, index: int, leaf: Leaf, aad: bytes) -> None:
    row = Items.objects.get(pk=index)
    if row.erased_at is None:
        share = share_from_bytes(opening.plain(row, items_aad(aad)))
        share.verify(leaf.core.items_root or b"", leaf.core.items_count)


def _walk_copy(walk: StoredLog, replica: Replica) -> None:
    source, opening = replica.source, Opener(replica.log_id)
    told = ReplicaErasure.objects.filter(source=source)
    shared = ReplicaItems.objects.filter(source=source, ciphertext__isnull=False)
    batches = set(shared.values_list("index", flat=True))
    witnessed = WitnessedLog.objects.filter(origin=replica.origin).first()
    for entry, held in copy_rows(source, replica.size):
        leaf, index = walk.take(entry), entry.index
        if leaf is not None and held is not None:
            if held.ciphertext is not None:
                fresh = partial(copy_content, source, index)
                _opens(index, held, opening.data_key, leaf.core.aad(), fresh)
            elif not _is_told(told, index):
                raise Altered(index, "content", "it was erased, and no entry says so")
        if leaf is not None and index in batches:
            _holds(index, partial(replica_items, source, index))
        size = walk.frontier.size
        if size == replica.checkpoint_size and replica.checkpoint is not None:
            note = bytes(replica.checkpoint)
            walk.checkpoint(size, walk.frontier.root(), note)
        if witnessed is not None and size == witnessed.size:
            walk.root(size, bytes(witnessed.root), "cosigned")
    if walk.frontier.size != replica.size:
        raise Altered(walk.frontier.size, "entry", "it is missing")


def _is_told(erasures: Any, index: int) -> bool:
    """Whether an entry says that this one's content was destroyed; asked when it is met."""
    return erasures.filter(index=index).exists()


def _opens(
    index: int,
    content: Content,
    open_key: Callable[[Content, bytes], bytes],
    aad: bytes,
    fresh: Callable[[], Content | None],
) -> None:
    """Raise `Altered` where the key beside a content does not open, now either.

    While this goes on contents are erased and their keys are wrapped anew.
    """
    try:
        open_key(content, aad)
    except (Problem, LedgerError):
        again = need_content(index, fresh())
        if again.erased_at is None:
            _holds(index, lambda: open_key(again, aad))


def _holds(index: int, check: Callable[[], object]) -> None:
    try:
        check()
    except (Problem, LedgerError) as error:
        detail = error.text("detail") if isinstance(error, Problem) else str(error)
        raise Altered(index, "key", detail) from error
