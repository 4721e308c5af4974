"""The root key: what wraps every other secret, kept outside the database.

A provider wraps, unwraps and counts its versions; the default keeps 32 bytes a version in a file of
mode 0600. A KMS or Vault is another provider with the same methods.
"""

import os
import re
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from django.conf import settings

from ledger.core.envelope import KEY_SIZE, cipher_of, new_key, seal, unseal
from ledger.core.errors import DecryptionError
from ledger.durable import create_once, make_folder, sync_folder
from ledger.problems import KeyFileDamaged, KeyFolderUnwritable, RootKeyWrong


class KeyProvider(Protocol):
    """Holds the root keys, the newest of which wraps, and never shows them."""

    def wrap(self, secret: bytes, context: bytes) -> bytes: ...

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes: ...

    def version_of(self, wrapped: bytes) -> int:
        """The version that wrapped it."""
        ...

    def versions(self) -> list[int]:
        """Those that are here, oldest first; the last one wraps."""
        ...

    def add_version(self, cipher: str | None = None) -> int:
        """Make a new root key, which wraps from now on; by the old one's cipher unless told."""
        ...

    def drop_version(self, version: int) -> None:
        """Destroy a root key that nothing needs any more."""
        ...


class FileKeyProvider:
    """Root keys in `<folder>/root.key` (version 1), `root-2.key` and so on.

    The first is made when there is something to wrap and nothing was ever wrapped (`was_used`),
    never when there is something to open: another one had wrapped that, and is lost. Version 1
    wraps as it always did; what a later one wraps begins with `root`, 0x00 and the version (u32).
    """

    def __init__(self, folder: Path, was_used: Callable[[], bool]) -> None:
        self._folder, self._was_used = folder, was_used
        self._keys: dict[int, bytes] = {}

    def _path(self, version: int) -> Path:
        return self._folder / ("root.key" if version == 1 else f"root-{version}.key")

    def _key(self, version: int) -> bytes:
        if version not in self._keys:
            self._keys[version] = read_secret(self._path(version), KEY_SIZE)
        return self._keys[version]

    def versions(self) -> list[int]:
        named = [_NAMED.fullmatch(path.name) for path in self._folder.glob("root*.key")]
        return sorted(int(found[1] or 1) for found in named if found)

    def version_of(self, wrapped: bytes) -> int:
        if not wrapped.startswith(_MAGIC) or len(wrapped) < _HEAD.size:
            return 1
        return _HEAD.unpack_from(wrapped)[1]

    def wrap(self, secret: bytes, context: bytes) -> bytes:
        if not self.versions():
            self._make_first()
        version = max(self.versions(), default=1)
        if version == 1:
            return seal(self._key(1), secret, b"root:" + context)
        head = _HEAD.pack(_MAGIC, version)
        return head + seal(self._key(version), secret, head + context)

    def _make_first(self) -> None:
        """`KeyFileDamaged` where it was made before: this process, or a row, knows of one."""
        is_lost = bool(self._keys) or self._was_used()
        if is_lost and not self.versions():  # who was first meanwhile has stored what it wraps
            raise KeyFileDamaged(
                detail="The key file %(file)s is missing.",
                params={"file": self._path(max(self._keys, default=1)).name},
            )
        read_or_create(self._path(1), KEY_SIZE)

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        version = self.version_of(wrapped)
        key = self._key(version)
        try:
            if version == 1:
                return unseal(key, wrapped, b"root:" + context)
            head = wrapped[: _HEAD.size]
            return unseal(key, wrapped[_HEAD.size :], head + context)
        except DecryptionError as error:
            self._keys.pop(version, None)  # the file may be mended under a running process
            raise RootKeyWrong(
                params={"key": context.decode(), "file": self._path(version).name}
            ) from error

    def add_version(self, cipher: str | None = None) -> int:
        newest = max(self.versions(), default=1)
        made = new_key(
            cipher or cipher_of(self._key(newest))
        )  # a lost or damaged one: mended first
        read_or_create(self._path(newest + 1), KEY_SIZE, lambda: made)
        return newest + 1

    def drop_version(self, version: int) -> None:
        with told_if_unwritable(self._path(version)):
            self._path(version).unlink(missing_ok=True)
            sync_folder(self._folder)
        self._keys.pop(version, None)


_NAMED = re.compile(r"root(?:-([2-9]|[1-9][0-9]{1,8}))?\.key")
_MAGIC = b"root\0"
_HEAD = struct.Struct(">5sI")


def read_or_create(path: Path, size: int, make: Callable[[], bytes] | None = None) -> bytes:
    """The secret in a file, made when it is missing: mode 0600, durable before it is answered."""
    if not path.exists():
        with told_if_unwritable(path):
            make_folder(path.parent)
            create_once(path, make() if make else os.urandom(size))
    return read_secret(path, size)


@contextmanager
def told_if_unwritable(path: Path) -> Iterator[None]:
    """`KeyFolderUnwritable` where the system refuses to write (no space, no right, read-only)."""
    try:
        yield
    except OSError as error:
        raise KeyFolderUnwritable(
            detail="%(file)s: %(reason)s.", params={"file": path.name, "reason": error.strerror}
        ) from error


def read_secret(path: Path, size: int) -> bytes:
    """The secret in a file; `KeyFileDamaged` if it is not there whole."""
    try:
        secret = path.read_bytes()
    except FileNotFoundError as error:
        raise KeyFileDamaged(
            detail="The key file %(file)s is missing.", params={"file": path.name}
        ) from error
    if len(secret) != size:
        raise KeyFileDamaged(
            detail="The key file %(file)s holds %(found)s bytes where %(size)s belong.",
            params={"file": path.name, "found": len(secret), "size": size},
        )
    return secret


_providers: dict[Path, FileKeyProvider] = {}


def root_keys() -> KeyProvider:
    """The provider of this installation."""
    from ledger.wrapped import was_ever_wrapped  # the signer, which has no database, comes by here

    folder = Path(settings.KEY_DIR)
    if folder not in _providers:
        _providers[folder] = FileKeyProvider(folder, was_ever_wrapped)
    return _providers[folder]
