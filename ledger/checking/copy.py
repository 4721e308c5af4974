"""Going over the copy of another's log."""

from uuid import UUID

from django.db import connection

from ledger import receipts
from ledger.checking.comparing import check_last
from ledger.checking.contents import Erasures, is_there, look, look_at_items
from ledger.checking.reading import Content, chunks, copy_content, copy_rows
from ledger.checking.receipts import check_contents
from ledger.core.audit import AuditError
from ledger.core.checkpoints import open_by_any
from ledger.core.erasures import KIND, SHOWN
from ledger.core.errors import LedgerError
from ledger.core.gathering import Gathered
from ledger.core.items import pack_places, unpack_places
from ledger.core.leaves import Leaf
from ledger.core.log_keys import LogKeys
from ledger.core.notes import Note, NoteKey
from ledger.core.payloads import Payload
from ledger.core.proofs import verify_consistency
from ledger.core.stored import StoredLog
from ledger.exchange.copy_tree import hashes_of, peaks_of
from ledger.exchange.selectors import replica_payloads
from ledger.log_keys import copied_log_keys
from ledger.models import (
    Replica,
    ReplicaErasure,
    ReplicaItems,
    ReplicaPayload,
    WitnessedLog,
)
from ledger.selectors import Opener
from ledger.witnessing.remembering import own_word
from tenants.problems import Problem


class CopyCheck:
    """One check; `run` raises `AuditError` with the first thing that is not as it was signed."""

    unheard = ""

    def __init__(self, replica: Replica) -> None:
        self.walk: StoredLog | None = None
        self._replica, self._source = replica, replica.source
        self._opening = Opener(replica.log_id)
        self._erasures = Erasures(self._still_there)

    def run(self) -> None:
        """Go over the copy as its row says now that it is."""
        replica = self._replica
        try:
            keys = copied_log_keys(replica)
        except (LedgerError, LookupError, TypeError, AttributeError) as error:
            raise AuditError(0, "replica", f"its keys cannot be read: {error}") from error
        with Gathered() as signatures:
            self.walk = walk = StoredLog(replica.log_id, keys.first, check=signatures.check)
            self._walk(walk)
        self._check_row(walk)
        self._check_witnessed(walk.keys.log_keys)
        self._check_beyond()
        rows = ReplicaErasure.objects.filter(source=self._source)
        self._erasures.end(replica.size, rows, self._says)
        receipts.begin()
        check_contents(self._source, replica.size, replica.log_id)

    def _walk(self, walk: StoredLog) -> None:
        replica = self._replica
        notes = {change["index"] + 1: change["note"].encode() for change in replica.handovers}
        if replica.checkpoint is None:
            if replica.size:
                raise AuditError(replica.size, "checkpoint", "it is missing")
        else:
            notes.setdefault(replica.checkpoint_size, bytes(replica.checkpoint))
        witnessed = WitnessedLog.objects.filter(origin=replica.origin).first()
        for start, end in chunks(replica.size):
            shared = ReplicaItems.objects.filter(
                source=self._source, index__gte=start, index__lt=end
            )
            batches = set(shared.values_list("index", flat=True))
            for entry, held in copy_rows(self._source, start, end):
                index = entry.index
                leaf = walk.take(entry, lambda leaf, i=index, row=held: self._show(i, leaf, row))
                if index in batches:
                    self._items(index, leaf)
                if (note := notes.get(walk.frontier.size)) is not None:
                    walk.checkpoint(walk.frontier.size, walk.frontier.root(), note)
                if witnessed is not None and walk.frontier.size == witnessed.size:
                    walk.root(witnessed.size, bytes(witnessed.root), "cosigned")
        walk.end(replica.size, bytes(replica.peaks), "replica")

    def _check_row(self, walk: StoredLog) -> None:
        """What the copy's row says of keys and checkpoint is what its entries lead to."""
        replica, size = self._replica, self._replica.size
        known = walk.keys.log_keys
        if known.reigns != copied_log_keys(replica).reigns or known.first.name != replica.origin:
            raise AuditError(size, "replica", "its entries lead to other keys of the log")
        if replica.checkpoint is None:
            return
        if replica.checkpoint_size < size:
            raise AuditError(size, "checkpoint", "the entries go beyond the checkpoint beside them")
        if replica.checkpoint_size == size:
            holds = bytes(replica.tail) == b""
        else:  # the log had signed more than it sent
            try:
                ahead, _ = known.open(bytes(replica.checkpoint))
            except LedgerError as error:
                raise AuditError(replica.checkpoint_size, "checkpoint", str(error)) from error
            holds = ahead.size == replica.checkpoint_size
        if replica.cover is not None:
            self._check_cover(known, bytes(replica.cover), size)
        if not holds:
            detail = "its note states another tree than its row"
            raise AuditError(replica.checkpoint_size, "checkpoint", detail)

    def _check_cover(self, known: LogKeys, note: bytes, size: int) -> None:
        """The note that the newest entries came under, where another one was promised."""
        try:
            cover, _ = known.open(note)
            tail = hashes_of(bytes(self._replica.cover_tail))
            root = peaks_of(size, bytes(self._replica.peaks)).root()
            verify_consistency(size, cover.size, tail, root, cover.root)
        except LedgerError as error:
            raise AuditError(size, "checkpoint", str(error)) from error

    def _check_witnessed(self, known: LogKeys) -> None:
        """What is kept of the checkpoint that was cosigned last is the log's, and ours.

        Beyond the entries that are here the log's keys are not known; a line of ours by a key that
        is no longer in the directory tells no time.
        """
        row = WitnessedLog.objects.filter(origin=self._replica.origin).first()
        if row is None or row.note is None or row.size > self._replica.size:
            return
        note = bytes(row.note)
        try:
            is_known = NoteKey.parse(row.vkey) in known.all
            tree = open_by_any(note, known.all)
            lines = Note.parse(note).lines
        except LedgerError as error:
            raise AuditError(row.size, "cosigned", str(error)) from error
        told = own_word(note, row.origin, known.all).get("cosigned_at", row.cosigned_at)
        is_ours = row.cosigned_at is None or any(line.name != row.origin for line in lines)
        holds = (tree.size, tree.root, told) == (row.size, bytes(row.root), row.cosigned_at)
        if not (is_known and is_ours and holds):
            raise AuditError(row.size, "cosigned", "its row is not what was cosigned")

    def _check_beyond(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT size, (SELECT max(index) FROM ledger_replica_entry WHERE source = r.source)"
                ", (SELECT max(index) FROM ledger_replica_payload WHERE source = r.source)"
                ", (SELECT max(index) FROM ledger_replica_items WHERE source = r.source)"
                " FROM ledger_replica AS r WHERE source = %s",
                [self._source],
            )
            size, *last = cursor.fetchone()
        check_last(size, zip(("entry", "content", "items"), last, strict=True))

    def _show(self, index: int, leaf: Leaf, row: Content | None) -> Payload | None:
        shown = leaf.core.kind in SHOWN
        if row is None or not is_there(index, row, "content"):
            if shown:
                raise AuditError(index, "content", "everybody reads it, and it is gone")
            if row is not None and row.erased_at is None:
                raise AuditError(index, "content", "it is gone, and is not marked as erased")
            if row is not None:
                self._erasures.gone(index)
            return None
        payload = look(self._opening, leaf, row, lambda: copy_content(self._source, index))
        if payload is not None and leaf.core.kind == KIND:
            self._erasures.learn(index, payload)
        return payload

    def _items(self, index: int, leaf: Leaf) -> None:
        """Each share of a batch, with the places that its row names."""
        if leaf.core.items_root is None:
            raise AuditError(index, "items", "items stand beside an entry that has none")
        held: set[int] = set()
        rows = ReplicaItems.objects.filter(source=self._source, index=index).order_by("pk")
        for row in rows.iterator(chunk_size=1):
            places = unpack_places(bytes(row.places))
            fresh = [place for place in places if place not in held]
            if not fresh or row.first_place != fresh[0]:
                raise AuditError(index, "items", "its places are not those of its items")
            held.update(places)
            if is_there(index, row, "items"):
                self._share(index, leaf, row)
            elif row.erased_at is None:
                raise AuditError(index, "items", "it is gone, and is not marked as erased")
            else:
                self._erasures.gone(index)

    def _share(self, index: int, leaf: Leaf, row: ReplicaItems) -> None:
        def fresh() -> ReplicaItems | None:
            return ReplicaItems.objects.filter(pk=row.pk).first()

        share = look_at_items(self._opening, index, leaf, row, fresh)
        if share is not None and pack_places(share.places) != bytes(row.places):
            raise AuditError(index, "items", "its places are not those of its items")

    def _still_there(self, index: int) -> bool:
        of = {"source": self._source, "index": index, "ciphertext__isnull": False}
        held = ReplicaPayload.objects.filter(**of).exists()
        return held or ReplicaItems.objects.filter(**of).exists()

    def _says(self, told_by: int, index: int) -> bool:
        return _erases(self._source, told_by, index)


def _erases(source: UUID, told_by: int, index: int) -> bool:
    try:
        payload = replica_payloads(source, [told_by]).get(told_by)
    except (Problem, LedgerError, LookupError):
        return False
    return payload is not None and payload.fields.get("entry") == str(index)
