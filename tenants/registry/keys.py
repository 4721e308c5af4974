"""The platform's keys: index keys by version and the map's VRF's; `sealing.py` has those that seal.

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

from django.conf import settings

from tenants.models import RightClaim, TitleEpoch

_SIZE = 32
MAP_INDEXES = "title-map-index"
_VERSIONED = re.compile(r".*?(?:-([2-9]|[1-9][0-9]{1,5}))?\.key", re.ASCII)


class RegistryKeyMissing(RuntimeError):
    """A key file that rows depend on is gone or damaged; it is restored, never made anew."""


def normal(identifier: str) -> str:
    """An identifier as it is compared: without spaces, in capitals."""
    return "".join(identifier.split()).upper()


def blind_index(identifier: str, version: int) -> bytes:
    """HMAC-SHA256 of a normalised identifier under the index key of a version."""
    text = b"right-index/1\0" + normal(identifier).encode()
    return hmac.digest(_index_key(str(settings.KEY_DIR), version), text, "sha256")


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
    try:
        return {version: read_key(path) for version, path in sorted(found.items())}
    except FileNotFoundError:  # one was dropped since they were listed: nothing is sealed with it
        return map_seeds(name)


def make_map_seed(name: str, version: int) -> None:
    """Make a version of one of the map's keys, if there is none yet; nothing is sealed with it."""
    path = _map_path(Path(settings.KEY_DIR), name, version)
    if not path.exists():
        create_key(path)


def drop_map_seeds(name: str, versions: Iterable[int]) -> None:
    """Destroy what no epoch is sealed with any more."""
    folder = Path(settings.KEY_DIR)
    for version in versions:
        _map_path(folder, name, version).unlink(missing_ok=True)
    sync_folder(folder)


def _map_path(folder: Path, name: str, version: int) -> Path:
    return folder / (f"{name}.key" if version == 1 else f"{name}-{version}.key")


def _map_versions(folder: Path, name: str) -> dict[int, Path]:
    named = [(path, _VERSIONED.fullmatch(path.name)) for path in folder.glob(f"{name}*.key")]
    return {int(found[1] or 1): path for path, found in named if found}


def make_index_key(version: int) -> None:
    """Make the key of a version, if there is none yet."""
    create_key(_path(str(settings.KEY_DIR), version))


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
        create_key(path)
    return read_key(path)


def read_key(path: Path) -> bytes:
    """The 32 bytes of a key file; RegistryKeyMissing where it holds anything else."""
    key = path.read_bytes()
    if len(key) != _SIZE:
        raise RegistryKeyMissing(f"{path.name} is damaged: it must hold 32 bytes. Restore it.")
    return key


def create_key(path: Path) -> None:
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
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
