"""The root key: what wraps every other secret, kept outside the database.

A provider answers `wrap` and `unwrap`; the default keeps 32 bytes in a file of mode 0600. A KMS or
Vault is another provider with the same two methods.
"""

import os
from pathlib import Path
from typing import Protocol

from django.conf import settings

from ledger.core.envelope import KEY_SIZE, seal, unseal
from ledger.core.errors import DecryptionError
from ledger.problems import PayloadUnreadable


class KeyProvider(Protocol):
    """Holds the root key and never shows it."""

    def wrap(self, secret: bytes, context: bytes) -> bytes: ...

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes: ...


class FileKeyProvider:
    """The root key in `<folder>/root.key`, made on first use."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "root.key"
        self._key: bytes | None = None

    def _root(self) -> bytes:
        if self._key is None:
            self._key = read_or_create(self._path, KEY_SIZE)
        return self._key

    def wrap(self, secret: bytes, context: bytes) -> bytes:
        return seal(self._root(), secret, b"root:" + context)

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        try:
            return unseal(self._root(), wrapped, b"root:" + context)
        except DecryptionError as error:
            raise PayloadUnreadable(
                detail="A key does not open with the root key of this installation."
            ) from error


def read_or_create(path: Path, size: int) -> bytes:
    """The secret in a file, made atomically (mode 0600, fsynced) when it is missing."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        fresh = path.with_name(f"{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(os.urandom(size))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(fresh, path)  # fails when another process was first, whose key then counts
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    secret = path.read_bytes()
    if len(secret) != size:
        raise PayloadUnreadable(detail=f"The key file {path.name} is damaged.")
    return secret


_providers: dict[Path, FileKeyProvider] = {}


def root_keys() -> KeyProvider:
    """The provider of this installation."""
    folder = Path(settings.KEY_DIR)
    if folder not in _providers:
        _providers[folder] = FileKeyProvider(folder)
    return _providers[folder]
