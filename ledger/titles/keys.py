"""The platform's two keys of the map: what draws indexes, and what signs roots.

Those reign that the newest epoch was sealed with: what a rotation made waits in its file until an
epoch hands over to it, and what it replaced stays until it is retired.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings

from ledger.core.ed25519 import SecretKey
from ledger.core.notes import ED25519, NoteKey
from ledger.core.vrf import VrfSecret
from ledger.titles.problems import IndexKeyGone
from ledger.titles.told import newest_told, told_in
from tenants.registry.keys import MAP_INDEXES, MAP_ROOTS, RegistryKeyMissing, map_seeds

_vrfs: dict[bytes, VrfSecret] = {}


@dataclass(frozen=True, slots=True)
class MapKeys:
    """A pair of keys, the versions of their files, and the registry's name."""

    vrf: VrfSecret
    roots: SecretKey
    index_version: int
    roots_version: int
    name: str

    @property
    def key(self) -> NoteKey:
        """The public half of what signs roots, under the registry's name."""
        return NoteKey(self.name, ED25519, self.roots.public)


def vrf_secrets() -> dict[int, VrfSecret]:
    """The VRF's keys that are here, by version; one whose file is gone is forgotten."""
    seeds = map_seeds(MAP_INDEXES)
    for gone in _vrfs.keys() - set(seeds.values()):
        _vrfs.pop(gone, None)
    for fresh in set(seeds.values()) - _vrfs.keys():
        _vrfs[fresh] = VrfSecret(fresh)
    return {version: _vrfs[seed] for version, seed in seeds.items()}


def root_secrets() -> dict[int, SecretKey]:
    """The roots' keys that are here, by version."""
    return {version: SecretKey(seed) for version, seed in map_seeds(MAP_ROOTS).items()}


def reigning_keys() -> MapKeys:
    """Those of the newest epoch; before the first the newest that are here.

    `RegistryKeyMissing` where they are not here.
    """
    vrfs, roots, newest = vrf_secrets(), root_secrets(), newest_told()
    if newest is None:
        index_version, roots_version = max(vrfs), max(roots)
        name = f"{settings.PLATFORM_DOMAIN}/titles"
    else:
        epoch, name = newest.root.epoch, newest.key.name
        roots_version = _version(roots, newest.key.public, f"{MAP_ROOTS}.key", epoch)
        index_version = _version(vrfs, newest.root.vrf_key, f"{MAP_INDEXES}.key", epoch)
    return MapKeys(vrfs[index_version], roots[roots_version], index_version, roots_version, name)


def _version(
    secrets: Mapping[int, VrfSecret | SecretKey], public: bytes, name: str, epoch: int
) -> int:
    for version, secret in secrets.items():
        if secret.public == public:
            return version
    raise RegistryKeyMissing(
        f"{name} is not the key that epoch {epoch} was sealed with. Restore the file."
    )


def vrf_secret_in(epoch: int) -> VrfSecret:
    """What drew the places of an epoch; `IndexKeyGone` once that was destroyed."""
    told = told_in(epoch)
    if told is None:
        return reigning_keys().vrf
    for secret in vrf_secrets().values():
        if secret.public == told.root.vrf_key:
            return secret
    reigning_keys()  # the one that is in use is lost: that is told first
    raise IndexKeyGone(params={"epoch": epoch})


def vrf_secret() -> VrfSecret:
    """The VRF's key in use."""
    return reigning_keys().vrf


def root_secret() -> SecretKey:
    """What signs roots now."""
    return reigning_keys().roots


def root_key() -> NoteKey:
    """Its public half, under the registry's name."""
    return reigning_keys().key
