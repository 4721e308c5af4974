"""Files that a power cut does not take back: content and name synced before the call returns.

Pure: no Django. A rename or a new name is durable only when its folder was synced too (fsync(2)).
"""

import os
from pathlib import Path


def sync_folder(folder: Path) -> None:
    """Make names in a folder durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def make_folder(folder: Path, *, is_public: bool = False) -> None:
    """The folder (mode 0700, public: 0755) with what is missing above it, each name durable."""
    if folder.is_dir():
        return
    make_folder(folder.parent, is_public=is_public)
    folder.mkdir(mode=0o700, exist_ok=True)
    if is_public:  # whatever the umask
        folder.chmod(0o755)
    sync_folder(folder.parent)


def write_fresh(path: Path, content: bytes, *, is_public: bool = False) -> None:
    """A file (mode 0600, public: 0644) that did not exist, its content durable.

    `FileExistsError` if it did.
    """
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        if is_public:
            os.fchmod(handle, 0o644)
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def replace_file(
    path: Path, content: bytes, *, fresh: Path | None = None, is_public: bool = False
) -> None:
    """Old content or new at any instant, the new one durable on return.

    `fresh`: where to write first, for a caller who has the folder to himself; what a killed one
    left there is overwritten.
    """
    if fresh is None:
        fresh = path.with_name(f"{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
    else:
        fresh.unlink(missing_ok=True)
    try:
        write_fresh(fresh, content, is_public=is_public)
        os.replace(fresh, path)
    except BaseException:
        fresh.unlink(missing_ok=True)  # a full disk leaves no litter
        raise
    sync_folder(path.parent)


def create_once(path: Path, content: bytes) -> None:
    """Make the file unless another process was first, whose content then counts."""
    fresh = path.with_name(f"{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
    try:
        write_fresh(fresh, content)
        os.link(fresh, path)
    except FileExistsError:
        pass
    finally:
        fresh.unlink(missing_ok=True)
    sync_folder(path.parent)
