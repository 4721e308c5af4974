"""One log's published files: written whole and synced, the checkpoint last and never backwards.

    <folder>/checkpoint                    the newest signed checkpoint
    <folder>/tile/<L>/<N>[.p/<W>]          hashes
    <folder>/tile/entries/<N>[.p/<W>]      entries, where the log's owner opened them
    <folder>/.entries                      how many entries are in bundles; absent: not opened

A crash leaves either the old file or the new one, and at worst tiles beyond the checkpoint, which
the next run compares and writes again. Files are 0644 and folders 0755: a web server of another
user may serve them.
"""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ledger.core.tiles import Tile
from ledger.durable import make_folder, replace_file

CHECKPOINT = "checkpoint"
_ENTRIES_MARK = ".entries"


class TileStore:
    """The folder of one log."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Only one publisher of a log at a time, across processes."""
        make_folder(self.folder, is_public=True)
        with (self.folder / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def read(self, name: str) -> bytes | None:
        """A file's bytes; None if there is none."""
        try:
            return (self.folder / name).read_bytes()
        except FileNotFoundError:
            return None

    def put(self, name: str, data: bytes) -> bool:
        """Write a file whole or not at all; answers whether it was another, or missing."""
        if self.read(name) == data:
            return False
        path = self.folder / name
        make_folder(path.parent, is_public=True)
        replace_file(path, data, fresh=path.with_name(f".{path.name}.new"), is_public=True)
        return True

    def drop_partials(self, tile: Tile) -> None:
        """Remove the partial tiles of a full one, which must stand already."""
        path = self.folder / f"{tile.path()}.p"
        if tile.is_full and path.is_dir():
            shutil.rmtree(path)

    def set_aside(self) -> Path:
        """Keep what was published beside, and begin anew; entries stay open where they were."""
        with self.locked():
            entries, number = self.entries_done(), 1
            while (aside := self.folder.with_name(f"{self.folder.name}.before-{number}")).exists():
                number += 1
            self.folder.rename(aside)
        if entries is not None:
            make_folder(self.folder, is_public=True)
            self.mark_entries(0)
        return aside

    def entries_done(self) -> int | None:
        """How many entries stand in complete bundles; None if entries are not published."""
        mark = self.read(_ENTRIES_MARK)
        if mark is None:
            return None
        return int(mark) if mark.isdigit() else 0  # a torn mark: every bundle is looked at again

    def mark_entries(self, size: int) -> None:
        """Remember that the bundles of the first `size` entries stand."""
        self.put(_ENTRIES_MARK, b"%d" % size)

    def close_entries(self) -> None:
        """Take the entries' bundles away; what others copied stays with them."""
        (self.folder / _ENTRIES_MARK).unlink(missing_ok=True)
        shutil.rmtree(self.folder / "tile" / "entries", ignore_errors=True)
