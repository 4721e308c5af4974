"""Files that are read in several places at once, by several processes."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile


@contextmanager
def readable(path: Path) -> Iterator[Path]:
    """The file, or a copy of what a pipe brings: that can be read once only. `OSError`."""
    if path.is_file() or path.is_dir():
        yield path
        return
    with path.open("rb") as pipe, NamedTemporaryFile(prefix="ledger-") as copy:
        shutil.copyfileobj(pipe, copy)
        copy.flush()
        yield Path(copy.name)
