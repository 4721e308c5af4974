"""Claims on rights: taken down, given up, and completed with their identifiers."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from tenants.database.bound import run_bound
from tenants.models import RightClaim
from tenants.registry.keys import blind_index
from tenants.registry.locking import Versions, enter_registry, lock_assets
from tenants.registry.problems import RightUnavailable
from tenants.registry.sealing import seal_identifier

RIGHTS = ("ownership", "receivables", "mortgage", "residual")
TAKEN = [state.value for state in RightClaim.TAKEN]
# statements name the schema: the caller works inside a tenant whose search path comes first
TABLE = "public.tenants_rightclaim"


@dataclass(frozen=True)
class ClaimRequest:
    """A claim on rights of the asset that any of `identifiers` (such as `vin:LSV…`) names."""

    claim_id: UUID
    identifiers: Sequence[str]
    rights: Sequence[str] = ("receivables",)


@dataclass(frozen=True)
class ClaimOutcome:
    """Was the claim taken down? A refusal carries no reason on purpose."""

    claim_id: UUID
    accepted: bool


@dataclass(frozen=True)
class _Row:
    claim_id: UUID
    right: str
    index: bytes
    version: int
    name: str
    sealed: bytes


def claim_rights(
    *, claims: Sequence[ClaimRequest], by_tenant: UUID, at: datetime
) -> list[ClaimOutcome]:
    """Take down claims of one tenant; those on a right that is held already are refused.

    So are those whose id is another tenant's claim. Idempotent by claim id; what was given up
    stands again. Outcomes stand in the order of `claims`.
    """
    versions = enter_registry()
    rows = list(_rows(claims, versions))
    lock_assets({row.index for row in rows if row.version == versions.current})
    ids = {claim.claim_id for claim in claims}
    taken = taken_among({row.index for row in rows}, except_claims=ids)
    refused = _of_others(ids, by_tenant)
    refused |= {row.claim_id for row in rows if (row.index, row.right) in taken}
    _insert([row for row in rows if row.claim_id not in refused], by_tenant, at)
    return [ClaimOutcome(claim.claim_id, claim.claim_id not in refused) for claim in claims]


def _rows(claims: Sequence[ClaimRequest], versions: Versions) -> Iterator[_Row]:
    for claim in claims:
        if unknown := set(claim.rights) - set(RIGHTS):
            raise ValueError(f"Unknown rights: {sorted(unknown)}; there are {RIGHTS}.")
        for version in versions:
            named = {blind_index(name, version): name for name in claim.identifiers}
            for index, name in sorted(named.items()):
                sealed = seal_identifier(name, claim.claim_id, version=versions.sealing)
                for right in claim.rights:
                    yield _Row(claim.claim_id, right, index, version, name, sealed)


def _insert(rows: list[_Row], by_tenant: UUID, at: datetime) -> None:
    if not rows:
        return
    columns = zip(*((r.claim_id, r.right, r.index, r.version, r.sealed) for r in rows), strict=True)
    run_bound(
        f'INSERT INTO {TABLE} AS own (claim_id, claimant_id, "right", asset_index, key_version,'
        " sealed, state, period) SELECT c, %b, r, a, v, s, 'claimed', tstzrange(%b, NULL)"
        " FROM unnest(%b::uuid[], %b::text[], %b::bytea[], %b::int[], %b::bytea[])"
        " AS t(c, r, a, v, s)"
        ' ON CONFLICT (claim_id, "right", asset_index) DO UPDATE'
        " SET state = 'claimed', period = excluded.period, sealed = excluded.sealed"
        " WHERE own.state = 'released'",
        [by_tenant, at, *(list(column) for column in columns)],
    )


def _of_others(claim_ids: set[UUID], by_tenant: UUID) -> set[UUID]:
    """Those that are another tenant's claims: nobody adds to them."""
    found = run_bound(
        f"SELECT DISTINCT claim_id FROM {TABLE} WHERE claim_id = ANY(%s::uuid[])"
        " AND claimant_id <> %s",
        [list(claim_ids), by_tenant],
    )
    return {claim_id for (claim_id,) in found}


def taken_among(indexes: set[bytes], *, except_claims: set[UUID]) -> set[tuple[bytes, str]]:
    """(index, right) of what other claims than these hold."""
    rows = run_bound(
        f'SELECT asset_index, "right" FROM {TABLE} WHERE asset_index = ANY(%s::bytea[])'
        " AND state = ANY(%s) AND NOT claim_id = ANY(%s::uuid[])",
        [list(indexes), TAKEN, list(except_claims)],
    )
    return {(bytes(index), right) for index, right in rows}


def withdraw_claims(*, claim_ids: Collection[UUID], by_tenant: UUID, at: datetime) -> set[UUID]:
    """The claimant gives up claims that nobody holds; held ones are refused, all or nothing.

    Returns those that stood until now.
    """
    enter_registry()
    ids = list(claim_ids)
    rows = run_bound(
        f"SELECT claim_id, state FROM {TABLE} WHERE claim_id = ANY(%s::uuid[])"
        " AND claimant_id = %s ORDER BY id FOR UPDATE",
        [ids, by_tenant],
    )
    if lost := {claim_id for claim_id, state in rows if state in TAKEN}:
        raise RightUnavailable(sorted(lost))
    gone = run_bound(
        f"UPDATE {TABLE} SET state = 'released',"
        " period = tstzrange(lower(period), greatest(lower(period), %s))"
        " WHERE claim_id = ANY(%s::uuid[]) AND claimant_id = %s AND state = 'claimed'"
        " RETURNING claim_id",
        [at, ids, by_tenant],
    )
    return {claim_id for (claim_id,) in gone}


def resubmit_identifiers(*, claims: Sequence[ClaimRequest], by_tenant: UUID) -> int:
    """Complete rows from before identifiers were kept, with the claimant's own records.

    Only what names the asset of the row is taken. Under a rotation the row of the other key is
    written at once. Returns how many rows were completed.
    """
    versions = enter_registry()
    done = 0
    for row in _rows(claims, replace(versions, other=None)):
        found = run_bound(
            f"UPDATE {TABLE} SET sealed = %s WHERE claim_id = %s AND claimant_id = %s"
            ' AND "right" = %s AND asset_index = %s AND sealed IS NULL RETURNING id',
            [row.sealed, row.claim_id, by_tenant, row.right, row.index],
        )
        done += len(found)
        if found and versions.other is not None:
            copy_rows([found[0][0]], [blind_index(row.name, versions.other)], versions.other)
    return done


def copy_rows(ids: Sequence[int], indexes: Sequence[bytes], version: int) -> None:
    """Rows again under another key's index: same claim, right, holder, state and period."""
    run_bound(
        f'INSERT INTO {TABLE} (claim_id, claimant_id, holder_id, "right", asset_index,'
        " key_version, sealed, state, period)"
        ' SELECT c.claim_id, c.claimant_id, c.holder_id, c."right", n.index, %s, c.sealed, c.state,'
        " c.period FROM unnest(%s::bigint[], %s::bytea[]) AS n(id, index)"
        f' JOIN {TABLE} c ON c.id = n.id ON CONFLICT (claim_id, "right", asset_index) DO NOTHING',
        [version, list(ids), list(indexes)],
    )
