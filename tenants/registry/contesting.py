"""Who is to be asked when a right is contested, for the procedure alone: no page shows it."""

from dataclasses import dataclass
from uuid import UUID

from tenants.database.bound import run_bound
from tenants.registry.claims import RIGHTS, TABLE, TAKEN
from tenants.registry.keys import blind_index
from tenants.registry.locking import enter_registry


@dataclass(frozen=True)
class Held:
    """A claim that is reserved, pledged or sold, who claimed it, and who holds it."""

    claim_id: UUID
    claimant: UUID
    holder: UUID


def holders_of(*, identifier: str, right: str) -> list[Held]:
    """What is held of one right on the asset; empty where nothing is."""
    if right not in RIGHTS:
        raise ValueError(f"Unknown right {right!r}; there are {RIGHTS}.")
    versions = enter_registry()
    rows = run_bound(
        f"SELECT DISTINCT claim_id, claimant_id, holder_id FROM {TABLE}"
        ' WHERE asset_index = %s AND "right" = %s AND state = ANY(%s) ORDER BY claim_id',
        [blind_index(identifier, versions.current), right, TAKEN],
    )
    return [Held(*row) for row in rows]
