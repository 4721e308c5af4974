"""The platform's keys: index keys by version, one to seal identifiers with, the map's VRF's.

Each is 32 random bytes in a file that only the platform reads. A key is made once: where rows were
written under a version whose file is gone, nothing is made in its place, or the same vehicle could
be pledged a second time.
"""

import hmac
import os
import re
import secrets
import tempfile
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from tenants.models import Contest, RightClaim, TitleEpoch

_SIZE = 32
_SEALS = "title-identifiers.key"
MAP_INDEXES = "title-map-index"
_VERSIONED = re.compile(r".*?(?:-([2-9]|[1-9][0-9]{1,5}))?\.key", re.ASCII)
_FORMAT = b"\x01"  # AES-256-GCM, 12 bytes of nonce, the claim's id as associated data


class RegistryKeyMissing(RuntimeError):
    """A key file that rows depend on is gone or damaged; it is restored, never made anew."""


def normal(identifier: str) -> str:
    """An identifier as it is compared: without spaces, in capitals."""
    return "".join(identifier.split()).upper()


def blind_index(identifier: str, version: int) -> bytes:
    """HMAC-SHA256 of a normalised identifier under the index key of a version."""
    text = b"right-index/1\0" + normal(identifier).encode()
    return hmac.digest(_index_key(str(settings.KEY_DIR), version), text, "sha256")


def seal_identifier(identifier: str, claim_id: UUID) -> bytes:
    """The normalised identifier encrypted for one claim."""
    return seal(normal(identifier).encode(), claim_id)


def open_identifier(sealed: bytes, claim_id: UUID) -> str:
    """The inverse of `seal_identifier`; RegistryKeyMissing where the key is not the one."""
    return unseal(sealed, claim_id).decode()


def seal(content: bytes, owner: UUID) -> bytes:
    """Bytes encrypted for the claim or contest of this id."""
    nonce = secrets.token_bytes(12)
    return _FORMAT + nonce + _sealing(str(settings.KEY_DIR)).encrypt(nonce, content, owner.bytes)


def unseal(sealed: bytes, owner: UUID) -> bytes:
    """The inverse of `seal`; RegistryKeyMissing where the key is not the one."""
    try:
        return _sealing(str(settings.KEY_DIR)).decrypt(sealed[1:13], sealed[13:], owner.bytes)
    except InvalidTag as error:
        raise RegistryKeyMissing(
            f"What was sealed for {owner} does not open: {_SEALS} is not the key that it was"
            " sealed with. Restore the file."
        ) from error


def fingerprint(identifier: str) -> bytes:
    """HMAC-SHA256 of an identifier under the sealing key, which a rotation does not change."""
    _sealing(str(settings.KEY_DIR))  # made, or found to be lost
    key = _read(Path(settings.KEY_DIR) / _SEALS)
    return hmac.digest(key, b"contest/1\0" + normal(identifier).encode(), "sha256")


def map_seeds(name: str) -> dict[int, bytes]:
    """32 bytes a version that the map's VRF (`MAP_INDEXES`) has.

    Oldest first; the first is made while no epoch was sealed.
    """
    folder = Path(settings.KEY_DIR)
    found = _map_versions(folder, name)
    if not found:
        if TitleEpoch.objects.exists():
            raise RegistryKeyMissing(
                f"{name}.key is missing, and epochs were sealed with it. Restore it."
            )
        make_map_seed(name, 1)
        found = _map_versions(folder, name)
    return {version: _read(path) for version, path in sorted(found.items())}


def make_map_seed(name: str, version: int) -> None:
    """Make a version of one of the map's keys, if there is none yet; nothing is sealed with it."""
    path = _map_path(Path(settings.KEY_DIR), name, version)
    if not path.exists():
        _create(path)


def drop_map_seeds(name: str, versions: Iterable[int]) -> None:
    """Destroy what no epoch is sealed with any more."""
    folder = Path(settings.KEY_DIR)
    for version in versions:
        _map_path(folder, name, version).unlink(missing_ok=True)
    _sync(folder)


def _map_path(folder: Path, name: str, version: int) -> Path:
    return folder / (f"{name}.key" if version == 1 else f"{name}-{version}.key")


def _map_versions(folder: Path, name: str) -> dict[int, Path]:
    named = [(path, _VERSIONED.fullmatch(path.name)) for path in folder.glob(f"{name}*.key")]
    return {int(found[1] or 1): path for path, found in named if found}


def make_index_key(version: int) -> None:
    """Make the key of a version, if there is none yet."""
    _create(_path(str(settings.KEY_DIR), version))


def _path(folder: str, version: int) -> Path:
    return Path(folder) / f"title-registry-{version}.key"


@lru_cache(maxsize=8)
def _index_key(folder: str, version: int) -> bytes:
    path = _path(folder, version)
    if not path.exists():
        if RightClaim.objects.filter(key_version=version).exists():
            raise RegistryKeyMissing(
                f"{path.name} is missing, and claims were written under it. Restore it."
            )
        _create(path)
    return _read(path)


@lru_cache(maxsize=8)
def _sealing(folder: str) -> AESGCM:
    path = Path(folder) / _SEALS
    if not path.exists():
        if RightClaim.objects.filter(sealed__isnull=False).exists() or Contest.objects.exists():
            raise RegistryKeyMissing(
                f"{path.name} is missing, and identifiers were sealed with it. Restore it."
            )
        _create(path)
    return AESGCM(_read(path))


def _read(path: Path) -> bytes:
    key = path.read_bytes()
    if len(key) != _SIZE:
        raise RegistryKeyMissing(f"{path.name} is damaged: it must hold 32 bytes. Restore it.")
    return key


def _create(path: Path) -> None:
    """Whole and durable before anybody can read it; whoever is first wins."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, draft = tempfile.mkstemp(dir=path.parent)  # mode 0600
    try:
        os.write(handle, secrets.token_bytes(_SIZE))
        os.fsync(handle)
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        os.close(handle)
        os.unlink(draft)
    _sync(path.parent)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
