"""Reads of the current tenant's ledger."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from ledger import vault
from ledger.core.envelope import items_aad, record_aad, unseal, unwrap_key
from ledger.core.errors import DecryptionError, LedgerError
from ledger.core.hashing import EMPTY_ROOT, HASH_SIZE
from ledger.core.items import ItemShare, ItemTable, share_from_bytes
from ledger.core.notes import MAX_SIGNATURES, Note, SignatureLine
from ledger.core.payloads import Payload as PlainPayload
from ledger.core.proofs import Range, consistency_ranges, inclusion_ranges
from ledger.core.tlog_proof import TlogProof
from ledger.core.tree import fold_peaks, node_row, range_nodes
from ledger.models import (
    Checkpoint,
    Cosignature,
    Entry,
    Erasure,
    Head,
    Items,
    Payload,
    Pending,
)
from ledger.problems import ContentAltered, NoSuchEntry, PayloadErased, PayloadMissing
from tenants.database.bound import run_bound
from tenants.models import PublishedKey


def head() -> Head | None:
    """The head of the log; None before the first entry."""
    return Head.objects.first()


def entries(*, kind: str | None = None, rid=None) -> QuerySet[Entry]:
    """Entries in order, of a kind or a record if given."""
    found = Entry.objects.order_by("index")
    if kind is not None:
        found = found.filter(kind=kind)
    return found if rid is None else found.filter(rid=rid)


def entry(index: int) -> Entry:
    """One entry; `NoSuchEntry` if the log is not that long."""
    found = Entry.objects.filter(index=index).first()
    if found is None:
        last = log_size() - 1
        if last < 0:
            raise NoSuchEntry(detail="It has none at all.")
        raise NoSuchEntry(
            detail="You asked for entry %(index)s; the newest is entry %(last)s.",
            params={"index": index, "last": last},
            mend="Open the ledger, which lists them, and choose one.",
        )
    return found


def erased_at(index: int | None) -> datetime | None:
    """When the content of an entry was erased; None where it was not, or waits for its place."""
    return Erasure.objects.filter(index=index).values_list("erased_at", flat=True).first()


def waiting(*, kind: str, rid: UUID | str) -> Pending | None:
    """A record that was accepted and waits for its place. Ask this before the log: it moves."""
    return Pending.objects.filter(kind=kind, rid=rid, refused_at=None).first()


# -- proofs -----------------------------------------------------------------------------------


def _hashes_of(ranges: Sequence[Range]) -> list[bytes]:
    """Merkle tree hashes of ranges of leaves, with one query for the 32 bytes of each node."""
    covers = [range_nodes(low, high) for low, high in ranges]
    wanted = list({place for nodes in covers for place in nodes})
    rows = run_bound(
        "SELECT t.place, substring(e.nodes FROM t.byte FOR 32)"
        " FROM unnest(%b::bigint[], %b::integer[]) WITH ORDINALITY AS t(index, byte, place)"
        " JOIN ledger_entry AS e ON e.index = t.index",
        [
            [node_row(level, index) for level, index in wanted],
            [HASH_SIZE * level + 1 for level, _index in wanted],
        ],
        binary=True,
    )
    if len(rows) != len(wanted):
        raise NoSuchEntry(detail="The log does not reach that far.")
    found = {wanted[place - 1]: node for place, node in rows}
    return [fold_peaks([found[place] for place in nodes]) for nodes in covers]


def root_at(size: int) -> bytes:
    """Root of the first `size` entries."""
    return _hashes_of([(0, size)])[0] if size else EMPTY_ROOT


def inclusion_proof(index: int, size: int) -> list[bytes]:
    """Hashes that prove entry `index` in the tree of `size`, leaf's sibling first."""
    if not 0 <= index < size:
        raise NoSuchEntry(detail="The log has no entry %(index)s.", params={"index": index})
    return _hashes_of(inclusion_ranges(index, size))


def consistency_proof(first: int, second: int) -> list[bytes]:
    """Hashes that prove that the tree of `second` extends the tree of `first`."""
    return _hashes_of(consistency_ranges(first, second))


# -- checkpoints ------------------------------------------------------------------------------


def latest_checkpoint() -> Checkpoint | None:
    """The newest signed checkpoint."""
    return Checkpoint.objects.order_by("-size").first()


def checkpoint_covering(index: int) -> Checkpoint | None:
    """The newest checkpoint, if it covers entry `index`."""
    latest = latest_checkpoint()
    return latest if latest is not None and latest.size > index else None


def cosignatures(size: int) -> list[Cosignature]:
    """Cosignatures of one checkpoint."""
    return list(Cosignature.objects.filter(size=size).order_by("cosigner"))


def signed_note(checkpoint: Checkpoint) -> bytes:
    """The checkpoint as the log signed it, with the cosignatures it has got since."""
    return with_cosignatures(checkpoint, cosignatures(checkpoint.size))


def with_cosignatures(checkpoint: Checkpoint, rows: Sequence[Cosignature]) -> bytes:
    """A checkpoint's note with lines under the log's own, never more than a reader takes.

    Where there are too many, institutions of the platform come before witnesses outside.
    """
    note = Note.parse(bytes(checkpoint.note))
    if len(note.lines) + len(rows) > MAX_SIGNATURES:
        published = PublishedKey.objects.filter(purpose=PublishedKey.COSIGNER)
        first = set(published.values_list("key", flat=True))
        rows = sorted(rows, key=lambda row: row.vkey not in first)
    lines = (*note.lines, *parsed_lines(row.line for row in rows))
    return Note(note.text, lines[:MAX_SIGNATURES]).to_bytes()


def parsed_lines(texts: Iterable[str]) -> list[SignatureLine]:
    """Cosignatures as they are stored, without what is no line: whoever serves may add rows."""
    found = []
    for text in texts:
        with suppress(LedgerError):
            found.append(SignatureLine.parse(text))
    return found


def proof_file(index: int, checkpoint: Checkpoint | None = None) -> bytes | None:
    """The `.tlog-proof` of an entry under a checkpoint that covers it, the newest unless given.

    None while none covers it.
    """
    entry(index)
    checkpoint = checkpoint or checkpoint_covering(index)
    if checkpoint is None:
        return None
    hashes = tuple(inclusion_proof(index, checkpoint.size))
    return TlogProof(index, hashes, signed_note(checkpoint)).to_bytes()


# -- payloads ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class OpenedRecord:
    """A decrypted record."""

    index: int
    kind: str
    rid: str
    ts: str
    payload: PlainPayload

    @property
    def fields(self) -> dict[str, str]:
        return dict(self.payload.fields)


class Opener:
    """Opens many data keys, unwrapping each key-encryption key once."""

    def __init__(self, log_id: str) -> None:
        self._log_id = log_id
        self._keks: dict[int, bytes] = {}

    def aad(self, row: Entry) -> bytes:
        """Additional data of an entry's record."""
        return record_aad(log_id=self._log_id, rid=str(row.rid), version=row.ts, kind=row.kind)

    def data_key(self, sealed, aad: bytes) -> bytes:
        """The data key of a `Sealed` row."""
        if sealed.erased_at is not None:
            raise PayloadErased
        if sealed.wrapped_key is None or sealed.ciphertext is None:
            raise PayloadMissing
        version = sealed.kek_version
        if version not in self._keks:
            self._keks[version] = vault.kek_of(version).key
        try:
            return unwrap_key(self._keks[version], bytes(sealed.wrapped_key), aad)
        except DecryptionError as error:
            raise ContentAltered(detail=_UNREADABLE, params={"index": sealed.index}) from error

    def plain(self, sealed, aad: bytes) -> bytes:
        """The plaintext of a `Sealed` row."""
        key = self.data_key(sealed, aad)
        try:
            return unseal(key, bytes(sealed.ciphertext), aad)
        except DecryptionError as error:
            raise ContentAltered(detail=_UNREADABLE, params={"index": sealed.index}) from error


_UNREADABLE = "The payload of entry %(index)s does not open: its key or its bytes were altered."


def opener() -> Opener:
    """An opener for this tenant's own log."""
    return Opener(Head.objects.get().log_id)


def payloads(indexes: Iterable[int]) -> list[OpenedRecord]:
    """Decrypted records of entries, in order of index; erased ones are left out."""
    wanted = list(indexes)
    rows = Entry.objects.defer("leaf", "nodes").in_bulk(wanted)
    sealed = Payload.objects.filter(index__in=wanted, erased_at=None).order_by("index")
    opening, found = opener(), []
    for item in sealed:
        row = rows[item.index]
        plain = PlainPayload.parse(opening.plain(item, opening.aad(row)))
        found.append(OpenedRecord(item.index, row.kind, str(row.rid), row.ts, plain))
    return found


def payload(index: int) -> dict[str, str]:
    """The decrypted fields of one entry; `PayloadErased` if they were destroyed."""
    return record(index).fields


def record(index: int) -> OpenedRecord:
    """One decrypted record with its salts."""
    entry(index)
    found = payloads([index])
    if not found:
        raise PayloadErased(params={"index": index})
    return found[0]


def batch_items(index: int) -> ItemTable:
    """All items of a batch entry of this tenant's own log."""
    return batch_share(index).items


def batch_share(index: int) -> ItemShare:
    """All items of a batch entry with their places; `PayloadErased` if they were destroyed."""
    row = entry(index)
    sealed = Items.objects.filter(index=index).first()
    if sealed is None:
        raise NoSuchEntry(detail="Entry %(index)s has no items.", params={"index": index})
    opening = opener()
    return share_from_bytes(opening.plain(sealed, items_aad(opening.aad(row))))


def log_size() -> int:
    """How many entries the log has."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce((SELECT size FROM ledger_head), 0)")
        return cursor.fetchone()[0]
