"""Publishing the current tenant's log: what its newest checkpoint covers, as static files."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.db import connection

from ledger.core.checkpoints import Checkpoint as TreeHead
from ledger.core.errors import LedgerError
from ledger.core.hashing import HASH_SIZE
from ledger.core.notes import Note
from ledger.core.tiles import ENTRIES, HEIGHT, Tile, entry_bundle, fresh_tiles
from ledger.models import Checkpoint, Entry, Head
from ledger.problems import NoSuchEntry, PublishRefused
from ledger.selectors import root_at, signed_note
from ledger.signed import newest_signed
from ledger.tiles.store import CHECKPOINT, TileStore


@dataclass
class Published:
    """What one run did."""

    size: int
    written: int = 0
    repaired: list[str] = field(default_factory=list)


def store_of(log_id: str) -> TileStore:
    """The published files of a log."""
    return TileStore(Path(settings.TILE_DIR) / log_id)


def publish_tiles(*, again: bool = False) -> Published | None:
    """Write what is missing up to the newest checkpoint, then the checkpoint itself.

    `again` compares every file with the log, whatever was published before, and names in
    `repaired` those that were torn or altered. None while there is no checkpoint. Raises
    `PublishRefused` if the log does not extend what was published.
    """
    head, latest = Head.objects.first(), newest_signed()
    if head is None or latest is None:
        return None
    store = store_of(head.log_id)
    with store.locked():
        known = _published(store)
        if known is not None:
            _check_extends(known, latest)
        done, entries = known.size if known else 0, store.entries_done()
        found = Published(latest.size)
        bundled = 0 if again and entries is not None else entries
        fresh = list(_wanted(0 if again else done, bundled, latest.size))
        for tile in fresh:
            stood = again and _stood(tile, done, entries)
            if store.put(tile.path(), content(tile)):
                found.written += 1
                if stood:
                    found.repaired.append(tile.path())
        if entries is not None:
            store.mark_entries(latest.size)
        store.put(CHECKPOINT, signed_note(latest))
        for tile in fresh:
            store.drop_partials(tile)
    return found


def set_lost_aside() -> Path | None:
    """Keep published files of entries that this log lost beside the next ones; where, if any."""
    store = store_of(Head.objects.get().log_id)
    known = _published(store)
    if known is None:
        return None
    with suppress(NoSuchEntry):
        if root_at(known.size) == known.root:
            return None
    return store.set_aside()


def open_entries() -> Published | None:
    """Publish the entries' bytes too (commitments, kinds, ids and times; never content)."""
    store = store_of(Head.objects.get().log_id)
    with store.locked():
        if store.entries_done() is None:
            store.mark_entries(0)
    return publish_tiles()


def close_entries() -> None:
    """Publish hashes and checkpoints only."""
    store = store_of(Head.objects.get().log_id)
    with store.locked():
        store.close_entries()


def _wanted(hashes: int, entries: int | None, size: int) -> Iterable[Tile]:
    """Bundles beyond `entries`, tiles beyond `hashes`: bundles first, as tlog-tiles asks."""
    if entries is not None:
        for tile in fresh_tiles(entries, size):
            if tile.level != ENTRIES:
                break
            yield tile
    yield from fresh_tiles(hashes, size, entries=False)


def _stood(tile: Tile, hashes: int, entries: int | None) -> bool:
    """Whether a tile of this width was published when the log had that size."""
    done = (entries or 0) if tile.level == ENTRIES else hashes >> (HEIGHT * tile.level)
    return tile.nodes().stop <= done


def _published(store: TileStore) -> TreeHead | None:
    """The published tree head; None if there is none or it is torn, so that all is compared."""
    data = store.read(CHECKPOINT)
    try:
        return None if data is None else TreeHead.parse(Note.parse(data).text)
    except LedgerError:
        return None


def _check_extends(known: TreeHead, latest: Checkpoint) -> None:
    if known.size > latest.size:
        raise PublishRefused(
            detail="The log's newest checkpoint has %(size)s entries; %(known)s were published.",
            params={"size": latest.size, "known": known.size},
        )
    if root_at(known.size) != known.root:
        raise PublishRefused(
            detail="The log is another than the one of %(known)s entries that was published.",
            params={"known": known.size},
        )


def content(tile: Tile) -> bytes:
    """A tile's bytes out of the log."""
    if tile.level == ENTRIES:
        rows = Entry.objects.filter(index__in=tile.nodes()).order_by("index")
        return entry_bundle([bytes(leaf) for leaf in rows.values_list("leaf", flat=True)])
    level = HEIGHT * tile.level
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT string_agg(substring(nodes FROM %s FOR %s), ''::bytea ORDER BY index)"
            " FROM ledger_entry WHERE index = ANY(SELECT ((i + 1) << %s) - 1"
            " FROM generate_series(%s::bigint, %s::bigint) AS i)",
            [HASH_SIZE * level + 1, HASH_SIZE, level, tile.nodes().start, tile.nodes().stop - 1],
        )
        (data,) = cursor.fetchone()
    return bytes(data or b"")
