"""What this tenant cosigned last of each log: the one memory that every cosignature goes through.

Both ways of cosigning end here, the witness protocol and the exchange of parcels. The row of a log
is locked, the tree checked against it and the new one stored, before a signature leaves: two trees
that contradict each other are never both cosigned, whatever comes in whatever order.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from django.db import transaction

from ledger import vault
from ledger.core.errors import LedgerError
from ledger.core.log_keys import LogKeys
from ledger.core.notes import (
    ED25519,
    MAX_TIMESTAMP,
    Note,
    NoteKey,
    SignatureLine,
    cosign_text,
    verify_note,
)
from ledger.core.tree_heads import Checkpoint
from ledger.core.witness import (
    FORBIDDEN,
    UNPROCESSABLE,
    AddCheckpoint,
    WitnessRefusal,
    advance,
    opened,
    origin_hash,
    response_of,
    unknown_log,
)
from ledger.drafts import instant
from ledger.exchange.convictions import standing_conviction
from ledger.exchange.copy_tree import CopyTree
from ledger.exchange.problems import Contradiction
from ledger.exchange.refusing import note_contradiction, note_outside
from ledger.log_keys import copied_log_keys, published_log_keys, publisher_of, told_log_keys
from ledger.models import Replica, WitnessedLog
from ledger.services.keys import open_log
from ledger.services.published_keys import cosigner_name, ensure_second_keys
from ledger.witnessing.contradictions import check_copy, check_shown, owner_of
from ledger.witnessing.remembering import own_word, seen_again
from tenants.context import current_tenant
from tenants.models import PublishedKey, Relationship


def add_checkpoint(body: bytes, *, at: datetime | str) -> bytes:
    """Answer an `add-checkpoint` request: cosignature lines, or `WitnessRefusal`.

    The new tree is committed before this returns.
    """
    request = AddCheckpoint.parse(body)
    row = known_log(request.claimed().origin)
    if row is None:
        raise unknown_log(request.claimed().origin)
    owner = owner_of(row)
    if standing_conviction(owner, row.origin) is not None:
        detail = "this log was convicted here of two histories, and nobody has decided yet"
        raise WitnessRefusal(FORBIDDEN, detail)
    keys = trusted_keys(row)
    signing = _signing(keys, owner, request.claimed())
    for key in signing:
        checkpoint = opened(request, [key])
    with transaction.atomic(durable=True):
        locked = WitnessedLog.objects.select_for_update().get(origin=row.origin)
        refusal = _convicted(locked, request.note.to_bytes(), checkpoint, keys, at)
        if refusal is None:
            advance(request, checkpoint, locked.size, bytes(locked.root))
            _check_against_copy(checkpoint)
            lines = _cosign(locked, request.note, checkpoint, signing, at)
    if refusal is not None:  # once the evidence is committed
        raise refusal
    return response_of(lines)


def latest_note(hashed_origin: str) -> bytes | None:
    """The checkpoint that was cosigned last of the log with this hash of its origin."""
    row = WitnessedLog.objects.filter(origin_hash=hashed_origin).first()
    return None if row is None or row.note is None else bytes(row.note)


def cosign_copy(replica: Replica, *, at: datetime | str) -> tuple[SignatureLine, ...]:
    """Cosign the newest checkpoint of a complete copy; nothing while more was cosigned already.

    The caller holds the copy's row lock. Raises `Contradiction` if the copy contradicts what this
    tenant cosigned of the log before.
    """
    note, keys = Note.parse(bytes(replica.checkpoint)), copied_log_keys(replica)
    row = _locked(replica.origin, keys.first.vkey(), replica.source)
    check_copy(replica, row)
    if row.size > replica.size:
        return ()  # the log showed us more over HTTP; its parcels follow
    head = Checkpoint.parse(note.text)
    return _cosign(row, note, head, [keys.at(head.size)], at)


def recall(replica: Replica) -> None:
    """A copy's newest checkpoint carries our cosignature: what was forgotten is known again.

    The caller holds the copy's row lock. Raises `Contradiction` as `cosign_copy`.
    """
    keys = copied_log_keys(replica)
    row = _locked(replica.origin, keys.first.vkey(), replica.source)
    check_copy(replica, row)
    floor = own_word(bytes(replica.checkpoint), replica.origin, keys.all)
    if int(str(floor.get("size", 0))) > row.size:
        for name, value in floor.items():
            setattr(row, name, value)
        row.save(update_fields=list(floor))


def recall_logs() -> list[WitnessedLog]:
    """After a restore: what is seen of our cosignatures again, for every counterparty's log."""
    related = Relationship.objects.filter(receiver=current_tenant(), is_active=True)
    published = PublishedKey.objects.filter(
        purpose=PublishedKey.LOG, tenant__in=related.values("sender")
    )
    origins = {NoteKey.parse(text).name for text in published.values_list("key", flat=True)}
    found = [known_log(origin) for origin in sorted(origins)]
    return [row for row in found if row is not None and row.size]


def watch_log(vkey: str, source: UUID | None = None) -> WitnessedLog:
    """Witness a log from now on, by its verifier key; the same one again changes nothing.

    Raises `LedgerError` for what is no log's key, and where the log is pinned with another.
    """
    key = NoteKey.parse(vkey)
    if key.kind != ED25519:
        raise LedgerError("a log is witnessed by its Ed25519 key (type 0x01)")
    row = _locked_or_new(key.name, vkey, source)
    if key not in trusted_keys(row).all:
        raise LedgerError(f"the log {key.name} is pinned with another key")
    return row


def replace_key(old: str, new: str) -> WitnessedLog:
    """Trust a watched log's new key instead of its old one: the operator's word, for logs outside.

    Raises `LedgerError` where that is not the key that is pinned, or where the log itself tells its
    keys (a counterparty's, a copy).
    """
    before, after = NoteKey.parse(old), NoteKey.parse(new)
    if after.kind != ED25519 or after.name != before.name:
        raise LedgerError("the new key is no Ed25519 key (type 0x01) of the same log")
    with transaction.atomic():
        row = WitnessedLog.objects.select_for_update().filter(origin=before.name).first()
        if row is None or trusted_keys(row).all != (before,):
            raise LedgerError(f"the log {before.name} is not pinned with that key alone")
        row.vkey = new
        row.save(update_fields=["vkey"])
    return row


def _convicted(
    row: WitnessedLog, note: bytes, checkpoint: Checkpoint, keys: LogKeys, at: datetime | str
) -> WitnessRefusal | None:
    """The refusal of a checkpoint that makes two histories; its evidence is kept, both are told."""
    try:
        check_shown(row, note, checkpoint, keys)
    except Contradiction as error:
        owner = owner_of(row)
        if owner is not None:
            note_contradiction(source=owner, origin=row.origin, error=error, at=at)
        elif error.fork is not None:
            note_outside(origin=row.origin, fork=error.fork, at=at)
        return WitnessRefusal(UNPROCESSABLE, str(error))
    return None


def _check_against_copy(checkpoint: Checkpoint) -> None:
    """Where the log's entries are kept here, they must lead to the root that is to be cosigned."""
    copied = Replica.objects.filter(origin=checkpoint.origin, size__gte=checkpoint.size).first()
    if copied is None or checkpoint.size == 0:
        return
    if CopyTree(copied.source).root(checkpoint.size) != checkpoint.root:
        detail = f"the {checkpoint.size} entries that are kept here lead to another root"
        raise WitnessRefusal(UNPROCESSABLE, detail)


# -- whose key --------------------------------------------------------------------------------


def known_log(origin: str) -> WitnessedLog | None:
    """The row of a log that may be witnessed: added, copied here, or a counterparty's."""
    row = WitnessedLog.objects.filter(origin=origin).first()
    if row is not None:
        return row
    pinned = _pinned(origin)
    return None if pinned is None else _locked_or_new(origin, pinned[1], pinned[0])


def trusted_keys(row: WitnessedLog) -> LogKeys:
    """The keys that a log signs with.

    Those that the entries of a copy lead to; else, of a counterparty's log, those in the platform's
    directory from the pinned one on; else the pinned one.
    """
    copied = Replica.objects.filter(origin=row.origin).first()
    if copied is not None:
        return copied_log_keys(copied)
    pinned = LogKeys.single(NoteKey.parse(row.vkey))
    published = row.source and published_log_keys(row.source, row.origin)
    return published if published and published.first == pinned.first else pinned


def _signing(keys: LogKeys, owner: UUID | None, head: Checkpoint) -> list[NoteKey]:
    """Whose signatures a checkpoint of this size needs.

    A copy may not have reached the entry at which the log's key changed. The directory's word of
    that is no proof, and here it only takes away: the newer key must have signed, too.
    """
    known = keys.at(head.size)
    told = None if owner is None else published_log_keys(owner, head.origin)
    reigning = told.at(head.size) if told is not None and known in told.all else known
    return list(dict.fromkeys((known, reigning)))


def _pinned(origin: str) -> tuple[UUID, str] | None:
    replica = Replica.objects.filter(origin=origin).first()
    if replica is not None:
        return replica.source, copied_log_keys(replica).first.vkey()
    related = Relationship.objects.filter(receiver=current_tenant(), is_active=True)
    source = publisher_of(origin, related)
    keys = None if source is None else published_log_keys(source, origin)
    return None if source is None or keys is None else (source, keys.first.vkey())


def _ever_signed(origin: str, vkey: str) -> set[NoteKey]:
    """Every key that the log is known to have had: the pinned one, those in the directory."""
    keys = {NoteKey.parse(vkey), *told_log_keys(origin)}
    copied = Replica.objects.filter(origin=origin).first()
    return keys if copied is None else keys | set(copied_log_keys(copied).all)


def _locked_or_new(origin: str, vkey: str, source: UUID | None) -> WitnessedLog:
    made: dict[str, object] = {"vkey": vkey, "source": source, "origin_hash": origin_hash(origin)}
    copied = Replica.objects.filter(origin=origin, checkpoint__isnull=False).first()
    if copied is not None and copied.checkpoint_size == copied.size:  # cosigned before this row was
        note = bytes(copied.checkpoint)
        head = Checkpoint.parse(Note.parse(note).text)
        made |= {"size": head.size, "root": head.root, "note": note}
    seen = seen_again(origin, _ever_signed(origin, vkey))  # our memory may have been lost
    if int(str(seen.get("size", 0))) > int(str(made.get("size", 0))):
        made |= seen
    return WitnessedLog.objects.get_or_create(origin=origin, defaults=made)[0]


def _locked(origin: str, vkey: str, source: UUID | None) -> WitnessedLog:
    _locked_or_new(origin, vkey, source)
    return WitnessedLog.objects.select_for_update().get(origin=origin)


# -- signing ----------------------------------------------------------------------------------


def _cosign(
    row: WitnessedLog,
    note: Note,
    checkpoint: Checkpoint,
    log_keys: Sequence[NoteKey],
    at: datetime | str,
) -> tuple[SignatureLine, ...]:
    """Cosignatures of a checkpoint that the locked row was checked to lead to; stores it.

    One an algorithm, the newest keys' first; while keys are replaced, the old ones' too.
    """
    head = open_log(at=at)
    ensure_second_keys(head)
    time = min(max(int(instant(at).timestamp()), 1), MAX_TIMESTAMP)
    name = cosigner_name(head)
    lines = tuple(cosign_text(note.text, name, key, time) for key in vault.cosigner_secrets())
    row.size, row.root = checkpoint.size, checkpoint.root
    row.note = Note(note.text, _lines_of(note, log_keys)).adding(lines).to_bytes()
    row.cosigned_at = datetime.fromtimestamp(time, tz=UTC)
    row.save(update_fields=["size", "root", "note", "cosigned_at"])
    return lines


def _lines_of(note: Note, keys: Sequence[NoteKey]) -> tuple[SignatureLine, ...]:
    """The log's own verified lines, without whatever else the sender put beside them."""
    verify_note(note, keys)
    own = {(key.name, key.id) for key in keys}
    return tuple(line for line in note.lines if (line.name, line.id) in own)
