"""The platform's two keys of the map: what draws indexes, and what signs roots."""

from functools import lru_cache

from django.conf import settings

from ledger.core.ed25519 import SecretKey
from ledger.core.notes import ED25519, NoteKey
from ledger.core.vrf import VrfSecret
from tenants.registry.keys import MAP_INDEXES, MAP_ROOTS, map_seed


@lru_cache(maxsize=4)
def _vrf(seed: bytes) -> VrfSecret:
    return VrfSecret(seed)


def vrf_secret() -> VrfSecret:
    """The VRF's key. `RegistryKeyMissing` where epochs were sealed with one that is gone."""
    return _vrf(map_seed(MAP_INDEXES))


def root_secret() -> SecretKey:
    """What signs roots."""
    return SecretKey(map_seed(MAP_ROOTS))


def root_key() -> NoteKey:
    """Its public half, under the registry's name."""
    return NoteKey(f"{settings.PLATFORM_DOMAIN}/titles", ED25519, root_secret().public)
