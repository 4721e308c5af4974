"""Writing an export bundle of this tenant's log, streamed."""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import BinaryIO

import structlog
from django.db.models import Min, Q

from ledger.choosing import Reach, reach
from ledger.core.blocks import CHECKPOINT, ERASED, ITEMS, PAYLOAD
from ledger.core.bundle import MAX_KEYS, BundleWriter, Header
from ledger.core.envelope import items_aad
from ledger.core.erasures import SHOWN
from ledger.core.errors import LedgerError
from ledger.core.notes import Note, NoteKey, holding
from ledger.log_keys import own_log_keys, own_second_keys, own_turns
from ledger.models import Checkpoint, Cosignature, Entry, Head, Items, Payload
from ledger.problems import ContentAltered, NotSealed
from ledger.reading import has_items, is_record
from ledger.selectors import opener, signed_note
from ledger.services.checkpoints import seal_checkpoint
from ledger.signed import is_signed, newest_signed

CHUNK = 2_000
log = structlog.get_logger("ledger")


def export_ledger(
    *,
    stream: BinaryIO,
    at: datetime | str,
    disclose: bool = False,
    items: bool = False,
    newest: bool = False,
) -> Reach:
    """Seal, and write the log as far as the trust policy is met (`newest`: or up to what was
    sealed); answers how far that is.

    Entries of keys, erasures and roots of the title registry always show their fields, since they
    say who may sign, what is gone and what was told to all; what was erased is named. `disclose`
    adds every payload, `items` the items of every batch: only for readers entitled to all.
    """
    seal_checkpoint(at=at)
    found = reach(newest=newest)
    if found is None:
        raise NotSealed
    write_bundle(stream=stream, disclose=disclose, items=items, size=found.checkpoint.size)
    return found


def write_bundle(
    *, stream: BinaryIO, disclose: bool = False, items: bool = False, size: int | None = None
) -> int:
    """`export_ledger` up to the checkpoint of `size` entries: the latest there is unless said."""
    if size is None:
        latest = newest_signed()
        size = 0 if latest is None else latest.size
    header = header_of(Head.objects.get(), size)
    writer, source = BundleWriter(stream, header), _Source(header, disclose, items)
    for start in range(0, size, CHUNK):
        for row, parts in source.entries(start, min(start + CHUNK, size)):
            writer.entry(bytes(row.leaf))
            for kind, data in parts:
                if kind == CHECKPOINT:
                    writer.checkpoint(data)
                else:
                    writer.show(kind, data)
    writer.close()
    return size


Parts = list[tuple[int, bytes]]


class _Source:
    """Entries with what their reader may see of them, a chunk at a time."""

    def __init__(self, header: Header, disclose: bool, items: bool) -> None:
        keys = map(NoteKey.parse, (*header.log_keys, *header.cosigners))
        self._known = {(key.name, key.id): key for key in keys}
        self._disclose, self._items, self._opening = disclose, items, opener()
        self._log_keys, self._second = own_log_keys(), own_second_keys(header.origin)

    def entries(self, start: int, end: int) -> Iterator[tuple[Entry, Parts]]:
        """Entries from `start` to before `end`, each with its parts."""
        rows = list(
            Entry.objects.filter(index__gte=start, index__lt=end).order_by("index").defer("nodes")
        )
        wanted = [row.index for row in rows if self._disclose or row.kind in SHOWN]
        erased = Q(index__gte=start, index__lt=end, erased_at__isnull=False)
        sealed = Payload.objects.filter(Q(index__in=wanted) | erased)
        lost = {"ciphertext": None, "erased_at": None}  # did not come back with a copy
        payloads = sealed.exclude(**lost).in_bulk()
        batches = Items.objects.filter(index__gte=start, index__lt=end)
        found = batches.in_bulk() if self._items else {}
        notes = {row.size: row for row in Checkpoint.objects.filter(size__gt=start, size__lte=end)}
        for row in rows:
            parts = self._shown(row, payloads.get(row.index), found.get(row.index))
            checkpoint = notes.get(row.index + 1)
            if checkpoint is not None and is_signed(checkpoint, self._log_keys, self._second):
                parts.append((CHECKPOINT, self._note(checkpoint)))
            yield row, parts

    def _note(self, checkpoint: Checkpoint) -> bytes:
        """The signed checkpoint, its lines those of keys that the header names, and that hold."""
        note = Note.parse(signed_note(checkpoint))
        lines = {(line.name, line.id): line for line in reversed(note.lines)}
        known = [line for place, line in reversed(lines.items()) if place in self._known]
        return Note(note.text, holding(note.text, known, self._known.values())).to_bytes()

    def _shown(self, row: Entry, payload: Payload | None, items: Items | None) -> Parts:
        aad, parts = self._opening.aad(row), []
        if not is_record(bytes(row.leaf)):
            return parts  # whoever verifies the bundle names it
        if payload is not None and payload.erased_at is not None:
            parts.append((ERASED, b""))
        elif payload is not None:
            parts.append((PAYLOAD, self._opening.plain(payload, aad)))
        if items is not None and items.erased_at is None and has_items(bytes(row.leaf)):
            try:
                parts.append((ITEMS, self._opening.plain(items, items_aad(aad))))
            except ContentAltered:  # whoever serves may write a row: `check_ledger` names it too
                log.error("items_do_not_open", index=row.index)
        return parts


def header_of(head: Head, size: int) -> Header:
    """Whose log it is, and the keys of all lines under its checkpoints up to that of `size`."""
    turns = own_turns(size)  # a key counts once entries lead to it
    first, *later = own_log_keys().reigns
    keys = [first[1], *(key for index, key in later if index in turns)]
    second = {key.vkey() for key in own_second_keys()}
    # who came first: whoever serves may add rows of more keys than a header takes
    rows = Cosignature.objects.values("vkey").annotate(first=Min("pk")).order_by("first")
    told = filter(_is_key, rows.values_list("vkey", flat=True))
    return Header(
        origin=head.origin,
        log_id=head.log_id,
        log_keys=tuple(key.vkey() for key in keys),
        cosigners=tuple(sorted({*islice(told, MAX_KEYS - len(second)), *second})),
    )


def _is_key(text: str) -> bool:
    """Whoever serves may add rows of anything."""
    try:
        return NoteKey.parse(text).vkey() == text
    except LedgerError:
        return False
