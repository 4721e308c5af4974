"""Writing an export bundle of this tenant's log, streamed."""

from collections.abc import Iterator
from datetime import datetime
from typing import BinaryIO

from ledger.core.bundle import CHECKPOINT, ENTRY, HEADER, ITEMS, PAYLOAD, BundleWriter, Header
from ledger.core.envelope import items_aad
from ledger.core.keyring import KINDS
from ledger.drafts import stamp
from ledger.models import Checkpoint, Cosignature, Entry, Head, Items, Payload
from ledger.selectors import Opener, latest_checkpoint, opener, signed_note
from ledger.services.checkpoints import seal_checkpoint
from ledger.signer import LogSigner

CHUNK = 2_000


def export_ledger(
    *, stream: BinaryIO, at: datetime | str, disclose: bool = False, items: bool = False
) -> int:
    """Write the whole log up to a fresh checkpoint; answers the number of entries.

    Keys' entries always show their fields, since they say who may sign. `disclose` adds every
    payload that was not erased, `items` the items of every batch: only for readers entitled to all.
    """
    seal_checkpoint(at=at)
    return write_bundle(stream=stream, at=at, disclose=disclose, items=items)


def write_bundle(
    *, stream: BinaryIO, at: datetime | str, disclose: bool = False, items: bool = False
) -> int:
    """`export_ledger` up to the latest checkpoint there is."""
    head, latest = Head.objects.get(), latest_checkpoint()
    size = 0 if latest is None else latest.size
    writer, opening = BundleWriter(stream), opener()
    writer.write(HEADER, _header(head, at).to_bytes())
    notes = Checkpoint.objects.order_by("size")
    checkpoints = {row.size: row for row in notes}
    for row, payload in _entries(size, opening, disclose):
        if payload is not None:
            writer.write(PAYLOAD, payload)
        writer.write(ENTRY, bytes(row.leaf))
        if items and (share := _items(row, opening)) is not None:
            writer.write(ITEMS, share)
        if (checkpoint := checkpoints.get(row.index + 1)) is not None:
            writer.write(CHECKPOINT, signed_note(checkpoint))
    writer.close()
    return size


def _header(head: Head, at: datetime | str) -> Header:
    return Header(
        origin=head.origin,
        log_key=LogSigner(head.log_id).key(head.origin).vkey(),
        log_id=head.log_id,
        exported_at=stamp(at),
        cosigners=tuple(sorted(set(Cosignature.objects.values_list("vkey", flat=True)))),
    )


def _entries(size: int, opening: Opener, disclose: bool) -> Iterator[tuple[Entry, bytes | None]]:
    for start in range(0, size, CHUNK):
        rows = Entry.objects.filter(index__gte=start, index__lt=min(start + CHUNK, size))
        found = list(rows.order_by("index").defer("nodes"))
        shown = [row.index for row in found if disclose or row.kind in KINDS]
        sealed = Payload.objects.filter(index__in=shown, erased_at=None).in_bulk()
        for row in found:
            one = sealed.get(row.index)
            yield row, None if one is None else opening.plain(one, opening.aad(row))


def _items(row: Entry, opening: Opener) -> bytes | None:
    sealed = Items.objects.filter(index=row.index, erased_at=None).first()
    return None if sealed is None else opening.plain(sealed, items_aad(opening.aad(row)))
