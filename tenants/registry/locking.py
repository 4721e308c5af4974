"""The registry's locks, in the order in which they are taken.

Keyring (shared by every change, alone by a step of a rotation), assets (one by one, or all at once
for bulk), rows in the order of their ids. Afterwards, outside of this package, the ledger's head.
"""

from collections.abc import Collection
from dataclasses import dataclass
from hashlib import sha256

from django.db import connection

from tenants.models import TitleKeyring

BULK = 64  # identifiers past which one lock for all is cheaper than many
_REGISTRY_LOCK = 0x4C4C_5449_544C_45  # "LLTITLE"
_KEYRING_LOCK = 0x4C4C_4B45_5953  # "LLKEYS"
_KEYRING = "SELECT current, other, sealing FROM public.tenants_titlekeyring WHERE id = 1 FOR SHARE"


@dataclass(frozen=True)
class Versions:
    """The key whose index names an asset, the one that is written beside it, if any, and the one
    that seals what is kept encrypted."""

    current: int
    other: int | None
    sealing: int

    def __iter__(self):
        yield self.current
        if self.other is not None:
            yield self.other


def enter_registry() -> Versions:
    """The keys in use, which stay so until the transaction ends."""
    with connection.cursor() as cursor:
        # the queue: without it readers that keep coming could starve a rotation
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [_KEYRING_LOCK])
        # the truth: a transaction whose snapshot is older than the last step cannot serialise
        cursor.execute(_KEYRING)
        return Versions(*cursor.fetchone())


def enter_alone() -> TitleKeyring:
    """The keyring, to be changed: no other change of the registry is under way."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_KEYRING_LOCK])
    return TitleKeyring.objects.select_for_update().get()


def lock_assets(indexes: Collection[bytes]) -> None:
    """Serialise with everybody who touches one of these assets, until the transaction ends.

    `indexes` are those of the current key.
    """
    with connection.cursor() as cursor:
        if len(indexes) > BULK:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_REGISTRY_LOCK])
            return
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [_REGISTRY_LOCK])
        for number in sorted(int.from_bytes(sha256(i).digest()[:8], signed=True) for i in indexes):
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])
