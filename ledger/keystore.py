"""The root key: what wraps every other secret, kept outside the database.

A provider answers `wrap` and `unwrap`; the default keeps 32 bytes in a file of mode 0600. A KMS or
Vault is another provider with the same two methods.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from django.conf import settings

from ledger.core.envelope import KEY_SIZE, seal, unseal
from ledger.core.errors import DecryptionError
from ledger.durable import create_once, make_folder
from ledger.problems import KeyFileDamaged, KeyFolderUnwritable, PayloadUnreadable


class KeyProvider(Protocol):
    """Holds the root key and never shows it."""

    def wrap(self, secret: bytes, context: bytes) -> bytes: ...

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes: ...


class FileKeyProvider:
    """The root key in `<folder>/root.key`, made when there is something to wrap.

    Never when there is something to open: another one had wrapped that, and is lost.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / "root.key"
        self._key: bytes | None = None

    def _root(self, read: Callable[[Path, int], bytes]) -> bytes:
        if self._key is None:
            self._key = read(self._path, KEY_SIZE)
        return self._key

    def wrap(self, secret: bytes, context: bytes) -> bytes:
        return seal(self._root(read_or_create), secret, b"root:" + context)

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        try:
            return unseal(self._root(read_secret), wrapped, b"root:" + context)
        except DecryptionError as error:
            raise PayloadUnreadable(
                detail="A key does not open with the root key of this installation."
            ) from error


def read_or_create(path: Path, size: int) -> bytes:
    """The secret in a file, made when it is missing: mode 0600, durable before it is answered."""
    if not path.exists():
        with told_if_unwritable(path):
            make_folder(path.parent)
            create_once(path, os.urandom(size))
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
    folder = Path(settings.KEY_DIR)
    if folder not in _providers:
        _providers[folder] = FileKeyProvider(folder)
    return _providers[folder]
