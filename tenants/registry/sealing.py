"""What is kept encrypted in the shared tables: claims' identifiers, and what contests say.

Sealed bytes name the version of the key that opens them. Version 1: 0x01, 12 bytes of nonce,
AES-256-GCM with the owner's id as associated data. From version 2 on: 0x02, the version (two bytes,
big-endian), nonce and ciphertext, with those three bytes before the owner's id.
"""

import hmac
import re
import secrets
from functools import lru_cache
from pathlib import Path
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from tenants.models import Contest, RightClaim
from tenants.registry.keys import RegistryKeyMissing, create_key, normal, read_key, sync_folder

_NAME = "title-identifiers"
_FILE = re.compile(rf"{_NAME}(?:-([2-9]|[1-9][0-9]{{1,4}}))?\.key", re.ASCII)
_NONCE = 12


def head_of(version: int) -> bytes:
    """The bytes that everything sealed under a version begins with."""
    return b"\x01" if version == 1 else b"\x02" + version.to_bytes(2)


def seal(content: bytes, owner: UUID, *, version: int) -> bytes:
    """Bytes encrypted for the claim, contest or question of this id."""
    head, nonce = head_of(version), secrets.token_bytes(_NONCE)
    cipher = AESGCM(_key(str(settings.KEY_DIR), version))
    return head + nonce + cipher.encrypt(nonce, content, _bound_to(version, owner))


def unseal(sealed: bytes, owner: UUID) -> bytes:
    """The inverse of `seal`; RegistryKeyMissing where the key is not the one."""
    version = 1 if sealed[:1] == b"\x01" else int.from_bytes(sealed[1:3])
    body = sealed[len(head_of(version)) :]
    cipher = AESGCM(_key(str(settings.KEY_DIR), version))
    try:
        return cipher.decrypt(body[:_NONCE], body[_NONCE:], _bound_to(version, owner))
    except InvalidTag as error:
        raise RegistryKeyMissing(
            f"What was sealed for {owner} does not open: {_path(version).name} is not the key that"
            " it was sealed with. Restore the file."
        ) from error


def seal_identifier(identifier: str, claim_id: UUID, *, version: int) -> bytes:
    """The normalised identifier encrypted for one claim."""
    return seal(normal(identifier).encode(), claim_id, version=version)


def open_identifier(sealed: bytes, claim_id: UUID) -> str:
    """The inverse of `seal_identifier`; RegistryKeyMissing where the key is not the one."""
    return unseal(sealed, claim_id).decode()


def fingerprint(identifier: str, *, version: int) -> bytes:
    """HMAC-SHA256 of an identifier under a sealing key, by which a contest is opened once."""
    key = _key(str(settings.KEY_DIR), version)
    return hmac.digest(key, b"contest/1\0" + normal(identifier).encode(), "sha256")


def kept_versions() -> list[int]:
    """Versions of which there is a file, oldest first."""
    found = (_FILE.fullmatch(path.name) for path in Path(settings.KEY_DIR).glob(f"{_NAME}*.key"))
    return sorted(int(name[1] or 1) for name in found if name)


def make_sealing_key(version: int) -> None:
    """Make the key of a version, if there is none yet; nothing is sealed with it."""
    if not _path(version).exists():
        create_key(_path(version))


def drop_sealing_key(version: int) -> str:
    """Destroy a key that nothing is sealed with any more; the file's name."""
    path = _path(version)
    path.unlink(missing_ok=True)
    sync_folder(path.parent)
    return path.name


def _bound_to(version: int, owner: UUID) -> bytes:
    return owner.bytes if version == 1 else head_of(version) + owner.bytes


def _path(version: int) -> Path:
    return Path(settings.KEY_DIR) / (f"{_NAME}.key" if version == 1 else f"{_NAME}-{version}.key")


@lru_cache(maxsize=8)
def _key(folder: str, version: int) -> bytes:
    path = _path(version)
    if not path.exists():
        # the first alone is made by whoever needs it; later ones by their rotation
        is_needed = RightClaim.objects.filter(sealed__isnull=False).exists()
        if version > 1 or is_needed or Contest.objects.exists():
            raise RegistryKeyMissing(
                f"{path.name} is missing, and identifiers were sealed with it. Restore it."
            )
        create_key(path)
    return read_key(path)
