"""What else speaks of this log: the signer, the published files, the directory, other tables."""

from collections.abc import Iterable

from django.db import connection

from ledger.checking.lives import Lives
from ledger.core.audit import AuditError
from ledger.core.checkpoints import Checkpoint as TreeHead
from ledger.core.errors import LedgerError
from ledger.core.keyring import APPROVED, ENROLLED, REVOKED, KeyRing, KnownKey
from ledger.core.log_keys import LogKeys
from ledger.core.notes import Note, NoteKey, SignatureLine, verify_note
from ledger.log_keys import published_log_keys
from ledger.models import (
    Checkpoint,
    Cosignature,
    Entry,
    Head,
    KeyState,
    Pending,
    ReplacedNote,
    SigningKey,
)
from ledger.signing import signer_of
from ledger.tiles.publishing import store_of
from ledger.tiles.store import CHECKPOINT
from tenants.context import current_tenant
from tenants.problems import Problem

Words = dict[int, list[tuple[bytes, str]]]
"""By size: the roots that others hold of this log, each with who."""


def words_of_others(head: Head) -> tuple[Words, str]:
    """What the signer signed last and what is published; who could not be asked, and why."""
    words, unheard = Words(), ""
    try:
        signed = signer_of(head.log_id).last()
    except Problem as problem:  # it is away, or its memory is damaged: no row tells that
        signed, unheard = None, problem.text("title")
    if signed is None and not unheard and Checkpoint.objects.exists():
        unheard = "this process finds no signer that signed this log (LL_SIGNER_SOCKET names one)"
    if signed is not None:
        words.setdefault(signed[0], []).append((signed[1], "signer"))
    if (published := published_head(head)) is not None:
        words.setdefault(published.size, []).append((published.root, "published"))
    return words, unheard


def published_head(head: Head) -> TreeHead | None:
    """The published checkpoint; None where there is none that opens with the log's keys."""
    try:
        data = store_of(head.log_id).read(CHECKPOINT)
        keys = published_log_keys(current_tenant().pk, head.origin)  # also those of entries cut off
        return None if data is None or keys is None else keys.open_reigning(data)
    except (LedgerError, OSError, Problem):
        return None


def check_ends(words: Words, size: int) -> None:
    """Nobody holds more of this log than is stored of it."""
    for beyond in sorted(words):
        if beyond > size:
            _root, part = words[beyond][0]
            raise AuditError(beyond, part, f"{beyond} entries were signed, and {size} are stored")
    signed = any(part == "signer" for said in words.values() for _root, part in said)
    if signed and not Checkpoint.objects.exists():
        raise AuditError(size, "checkpoint", "the signer signed some, and none is stored")


_BEYOND = """SELECT size,
    (SELECT max(index) FROM ledger_entry), (SELECT max(index) FROM ledger_payload),
    (SELECT max(index) FROM ledger_items), (SELECT max(size) - 1 FROM ledger_checkpoint),
    (SELECT max(size) - 1 FROM ledger_cosignature)
FROM ledger_head"""
PARTS = ("entry", "content", "items", "checkpoint", "cosignature")


def check_beyond() -> None:
    """Nothing stands beyond the head, in one look at all tables."""
    with connection.cursor() as cursor:
        cursor.execute(_BEYOND)
        size, *last = cursor.fetchone()
    check_last(size, zip(PARTS, last, strict=True))


def check_last(size: int, last: Iterable[tuple[str, int | None]]) -> None:
    """Raise where the last row of a table stands beyond the end."""
    for part, index in last:
        if index is not None and index >= size:
            at = index + 1 if part in {"checkpoint", "cosignature"} else index
            raise AuditError(at, part, "it stands beyond the end of the log")


def check_sealed(row: Checkpoint, signed_at: int | None) -> None:
    """When a checkpoint was sealed is when its note says that the log signed it.

    Later only where a note of somebody else stood there meanwhile.
    """
    if row.sealed_at is None or signed_at is None:  # restored, or of a log of before
        return
    sealed_at = int(row.sealed_at.timestamp())
    was_replaced = ReplacedNote.objects.filter(size=row.size)
    if sealed_at != signed_at and (sealed_at < signed_at or not was_replaced.exists()):
        raise AuditError(row.size, "checkpoint", "its row tells another time than its note")


def check_turns(keys: KeyRing) -> None:
    """Where the log's key changed and something later is signed, both keys signed the change."""
    latest = Checkpoint.objects.order_by("-size").values_list("size", flat=True).first() or 0
    for index, _old in keys.rotations:
        size = index + 1
        if size < latest and not Checkpoint.objects.filter(size=size).exists():
            raise AuditError(
                size, "checkpoint", "the one in which the log's key changes is missing"
            )


def check_directory(keys: KeyRing, published: LogKeys) -> None:
    """The keys that entries lead to are those in the directory, from the same places.

    A key beyond is none: a restored database does not know of its last change.
    """
    reigns, told = keys.log_keys.reigns, published.reigns
    if told == reigns[: len(told)] and len(told) < len(reigns):
        detail = f"its entries lead to {len(reigns)} keys of the log, and {len(told)} are published"
        raise AuditError(reigns[len(told)][0], "directory", detail)
    for index, key in reigns:
        if (index, key) not in published.reigns:
            detail = "its entries lead to other keys of the log than were published"
            raise AuditError(max(index, 0), "directory", detail)


def check_cosignature(row: Cosignature, checkpoint: Checkpoint | None) -> None:
    """A cosignature holds under its own key, over a checkpoint that is stored."""
    found = checkpoint or Checkpoint.objects.filter(size=row.size).first()
    if found is None:
        raise AuditError(row.size, "cosignature", "its checkpoint is missing")
    try:
        key, text = NoteKey.parse(row.vkey), Note.parse(bytes(found.note)).text
        (line,) = verify_note(Note(text, (SignatureLine.parse(row.line),)), [key])
    except LedgerError as error:
        raise AuditError(row.size, "cosignature", str(error)) from error
    told = (row.cosigner, int(row.cosigned_at.timestamp()))
    if told != (key.name, line.time or 0):
        raise AuditError(row.size, "cosignature", "its columns are not what its line says")


def check_signing_keys(keys: KeyRing, lives: Lives, size: int) -> None:
    """The table of signing keys says what the entries say, or what is on its way into the log."""
    rows = {row.kid: row for row in SigningKey.objects.all()}
    for kid, known in keys.keys.items():
        row = rows.pop(kid, None)
        if row is None or (bytes(row.public_key), row.role) != (known.public, known.role):
            raise AuditError(known.enrolled, "signing_key", "its row is not the key of this entry")
        _check_life(row, known, size)
        lives.check(row, known.enrolled)
        if not all(_is_on_its_way(kind, row, size) for kind in lives.untold(row)):
            detail = "its row tells a time of which no entry tells"
            raise AuditError(known.enrolled, "signing_key", detail)
    for row in rows.values():
        if not _is_on_its_way(ENROLLED, row, size):
            raise AuditError(size, "signing_key", f"no entry enrols the key {row.kid}")


def _check_life(row: SigningKey, known: KnownKey, size: int) -> None:
    is_revoked, is_approved = row.state == KeyState.REVOKED, row.state == KeyState.APPROVED
    index = known.enrolled
    if known.revoked is not None:
        holds = is_revoked
    elif is_revoked:
        holds = _is_on_its_way(REVOKED, row, size)
    elif known.approved is not None:
        holds = is_approved
    else:
        holds = not is_approved or _is_on_its_way(APPROVED, row, size)
    if not holds:
        raise AuditError(index, "signing_key", "its row tells another state than the entries")


def _is_on_its_way(kind: str, row: SigningKey, size: int) -> bool:
    """Whether the word waits for its place, or was appended since, in this order: it moves."""
    if Pending.objects.filter(kind=kind, rid=row.rid, refused_at=None).exists():
        return True
    return Entry.objects.filter(kind=kind, rid=row.rid, index__gte=size).exists()
