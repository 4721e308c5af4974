"""What contests need of the registry: whom to ask, and its key to keep things by."""

from dataclasses import dataclass
from uuid import UUID

from tenants.database.bound import run_bound
from tenants.registry.claims import RIGHTS, TABLE, TAKEN
from tenants.registry.keys import blind_index
from tenants.registry.locking import enter_registry
from tenants.registry.sealing import fingerprint, kept_versions, seal


@dataclass(frozen=True)
class Held:
    """A claim that is reserved, pledged or sold, who claimed it, and who holds it."""

    claim_id: UUID
    claimant: UUID
    holder: UUID


def seal_for(content: bytes, owner: UUID) -> bytes:
    """Bytes encrypted for the contest or question of this id, with the key in use."""
    return seal(content, owner, version=enter_registry().sealing)


def fingerprints(identifier: str) -> list[bytes]:
    """Of an identifier, under the key in use and then under those that are not retired yet."""
    current = enter_registry().sealing
    older = [version for version in kept_versions() if version != current]
    return [fingerprint(identifier, version=version) for version in (current, *older)]


def holders_of(*, identifier: str, right: str) -> list[Held]:
    """What is held of one right on the asset, if anything; for the procedure, no page shows it."""
    if right not in RIGHTS:
        raise ValueError(f"Unknown right {right!r}; there are {RIGHTS}.")
    versions = enter_registry()
    rows = run_bound(
        f"SELECT DISTINCT claim_id, claimant_id, holder_id FROM {TABLE}"
        ' WHERE asset_index = %s AND "right" = %s AND state = ANY(%s) ORDER BY claim_id',
        [blind_index(identifier, versions.current), right, TAKEN],
    )
    return [Held(*row) for row in rows]
