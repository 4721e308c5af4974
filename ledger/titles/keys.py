"""The platform's two keys of the map: what draws indexes, and what signs roots.

What signs roots is held by the signer, maybe in a process of its own: here are its public halves.
Those reign that the newest epoch was sealed with: what a rotation made waits in its file until an
epoch hands over to it, and what it replaced stays until it is retired.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings

from ledger.core.notes import ED25519, NoteKey
from ledger.core.vrf import VrfSecret
from ledger.signing import root_signer
from ledger.signing.roots import NAME as MAP_ROOTS
from ledger.titles.problems import IndexKeyGone
from ledger.titles.told import newest_told, told_in
from tenants.models import TitleEpoch
from tenants.registry.keys import MAP_INDEXES, RegistryKeyMissing, map_seeds

_vrfs: dict[bytes, VrfSecret] = {}


@dataclass(frozen=True, slots=True)
class MapKeys:
    """A pair of keys, the versions of their files, and the registry's name.

    `roots`: the public half of what signs roots.
    """

    vrf: VrfSecret
    roots: bytes
    index_version: int
    roots_version: int
    name: str

    @property
    def key(self) -> NoteKey:
        """The public half of what signs roots, under the registry's name."""
        return NoteKey(self.name, ED25519, self.roots)


def vrf_secrets() -> dict[int, VrfSecret]:
    """The VRF's keys that are here, by version; one whose file is gone is forgotten."""
    seeds = map_seeds(MAP_INDEXES)
    for gone in _vrfs.keys() - set(seeds.values()):
        _vrfs.pop(gone, None)
    for fresh in set(seeds.values()) - _vrfs.keys():
        _vrfs[fresh] = VrfSecret(fresh)
    return {version: _vrfs[seed] for version, seed in seeds.items()}


def root_keys() -> dict[int, bytes]:
    """The public halves of the roots' keys that the signer has, by version.

    The first is made while no epoch was sealed.
    """
    signer = root_signer()
    if found := signer.keys():
        return found
    if TitleEpoch.objects.exists():
        raise RegistryKeyMissing(
            f"{MAP_ROOTS}.key is missing, and epochs were sealed with it. Restore it"
            f"{' into titles/ of the folder of the signer' if settings.SIGNER_SOCKET else ''}."
        )
    signer.make(1)
    return signer.keys()


def reigning_keys() -> MapKeys:
    """Those of the newest epoch; before the first the newest that are here.

    `RegistryKeyMissing` where they are not here.
    """
    vrfs, roots, newest = vrf_secrets(), root_keys(), newest_told()
    if newest is None:
        index_version, roots_version = max(vrfs), max(roots)
        name = f"{settings.PLATFORM_DOMAIN}/titles"
    else:
        epoch, name = newest.root.epoch, newest.key.name
        roots_version = _version(roots, newest.key.public, f"{MAP_ROOTS}.key", epoch)
        indexes = {version: secret.public for version, secret in vrfs.items()}
        index_version = _version(indexes, newest.root.vrf_key, f"{MAP_INDEXES}.key", epoch)
    return MapKeys(vrfs[index_version], roots[roots_version], index_version, roots_version, name)


def _version(keys: Mapping[int, bytes], public: bytes, name: str, epoch: int) -> int:
    for version, key in keys.items():
        if key == public:
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


def root_key() -> NoteKey:
    """The public half of what signs roots now, under the registry's name."""
    return reigning_keys().key
