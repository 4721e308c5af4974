"""Title registry: no right on a vehicle is pledged or sold twice, across all institutions.

Blind: identifiers are stored as HMAC-SHA256 under the platform's key, and a refusal is the same
whoever was first. Every change runs in the caller's transaction under advisory locks, single ones
by identifier in sorted order (racing inserts deadlocked otherwise), bulk ones for the registry as
a whole. The database's exclusion constraint is the last word where a lock was forgotten.

Take the registry's locks before the ledger's head lock, never after.
"""

import hmac
import secrets
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.utils import IntegrityError

from tenants.database.bound import run_bound
from tenants.models import RightClaim, RightState
from tenants.problems import Refused

RIGHTS = ("ownership", "receivables", "mortgage", "residual")
KEY_VERSION = 1
BULK = 64  # identifiers past which one lock for all is cheaper than many
_REGISTRY_LOCK = 0x4C4C_5449_544C_45  # "LLTITLE"
_TAKEN = [state.value for state in RightClaim.TAKEN]
# statements name the schema: the caller works inside a tenant whose search path comes first
_TABLE = "public.tenants_rightclaim"


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


class RightUnavailable(Refused):
    """Somebody holds the right already, or it was never claimed: the same answer for all."""

    code = "right_unavailable"
    title = "This right is not available."
    detail = "The right on this vehicle cannot be claimed, pledged or sold at present."
    mend = "Check the vehicle with its owner, or contest the refusal with the platform's operator."

    def __init__(self, claim_ids: Iterable[UUID] = ()) -> None:
        super().__init__()
        self.claim_ids = tuple(claim_ids)


def claim_rights(
    *, claims: Sequence[ClaimRequest], by_tenant: UUID, at: datetime
) -> list[ClaimOutcome]:
    """Take down claims of one tenant; those on a right that is held already are refused.

    Idempotent by claim id. Outcomes stand in the order of `claims`.
    """
    rows = _rows(claims)
    _lock({row[2] for row in rows})
    taken = _taken({row[2] for row in rows}, except_claims={claim.claim_id for claim in claims})
    refused = {claim_id for claim_id, right, index in rows if (index, right) in taken}
    accepted = [row for row in rows if row[0] not in refused]
    if accepted:
        claim_ids, rights, indexes = zip(*accepted, strict=True)
        run_bound(
            f'INSERT INTO {_TABLE} (claim_id, claimant_id, holder_id, "right", asset_index,'
            " key_version, state, period) SELECT c, %s, NULL, r, a, %s, %s, tstzrange(%s, NULL)"
            " FROM unnest(%s::uuid[], %s::text[], %s::bytea[]) AS t(c, r, a)"
            " ON CONFLICT DO NOTHING",
            [by_tenant, KEY_VERSION, RightState.CLAIMED.value, at]
            + [list(claim_ids), list(rights), list(indexes)],
        )
    return [ClaimOutcome(claim.claim_id, claim.claim_id not in refused) for claim in claims]


def reserve_rights(*, claim_ids: Collection[UUID], right: str, holder: UUID, at: datetime) -> None:
    """Reserve a claimed right for `holder`, all or nothing; RightUnavailable names the losers."""
    rows = _indexes(claim_ids, right)
    indexes = {index for _claim_id, index in rows}
    _lock(indexes)
    taken = {index for index, held in _taken(indexes, except_claims=set()) if held == right}
    known = {claim_id for claim_id, _index in rows}
    free = known - {claim_id for claim_id, index in rows if index in taken}
    if lost := set(claim_ids) - free:
        raise RightUnavailable(sorted(lost))
    changed = _set_state(
        claim_ids, right, RightState.RESERVED, [RightState.CLAIMED], holder=holder, at=at
    )
    if lost := set(claim_ids) - changed:
        raise RightUnavailable(sorted(lost))


def perfect_rights(
    *, claim_ids: Collection[UUID], right: str, holder: UUID, state: str, at: datetime
) -> None:
    """A reservation becomes a pledge or a sale; only its holder can."""
    if state not in {RightState.PLEDGED, RightState.SOLD}:
        raise ValueError(f"A right is perfected as pledged or sold, not {state!r}.")
    changed = _set_state(
        claim_ids, right, RightState(state), [RightState.RESERVED], held_by=holder, at=at
    )
    if lost := set(claim_ids) - changed:
        raise RightUnavailable(sorted(lost))


def release_rights(
    *, claim_ids: Collection[UUID], right: str, holder: UUID, at: datetime
) -> set[UUID]:
    """The holder lets go: the claims stand as merely claimed again. Returns those changed."""
    return _set_state(claim_ids, right, RightState.CLAIMED, RightClaim.TAKEN, held_by=holder, at=at)


def withdraw_claims(*, claim_ids: Collection[UUID], by_tenant: UUID, at: datetime) -> None:
    """The claimant gives up claims that nobody holds; held ones are refused."""
    held = RightClaim.objects.filter(claim_id__in=claim_ids, state__in=_TAKEN)
    if lost := set(held.values_list("claim_id", flat=True)):
        raise RightUnavailable(sorted(lost))
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {_TABLE} SET state = 'released',"
            " period = tstzrange(lower(period), greatest(lower(period), %s))"
            " WHERE claim_id = ANY(%s) AND claimant_id = %s AND state = 'claimed'",
            [at, list(claim_ids), by_tenant],
        )


def states_of(*, claim_ids: Collection[UUID], right: str = "receivables") -> dict[UUID, str]:
    """State of one right of one's own claims."""
    rows = RightClaim.objects.filter(claim_id__in=claim_ids, right=right)
    return dict(rows.values_list("claim_id", "state"))


def availability_of(*, claim_ids: Collection[UUID], right: str) -> dict[UUID, str]:
    """State of one right of each claim; `taken` where another claim on the asset holds it.

    Says what a reservation would: who may reserve learns nothing that the attempt would not tell.
    """
    rows = run_bound(
        f"SELECT own.claim_id, max(own.state), bool_or(other.claim_id IS NOT NULL)"
        f" FROM {_TABLE} own LEFT JOIN {_TABLE} other ON other.asset_index = own.asset_index"
        ' AND other."right" = own."right" AND other.claim_id <> own.claim_id'
        " AND other.state = ANY(%s)"
        ' WHERE own.claim_id = ANY(%s::uuid[]) AND own."right" = %s GROUP BY own.claim_id',
        [_TAKEN, list(claim_ids), right],
    )
    return {claim_id: "taken" if taken else state for claim_id, state, taken in rows}


def blind_index(identifier: str) -> bytes:
    """HMAC-SHA256 of a normalised identifier under the platform's registry key."""
    text = "".join(identifier.split()).upper()
    return hmac.digest(_key(str(settings.KEY_DIR)), b"right-index/1\0" + text.encode(), "sha256")


@lru_cache(maxsize=8)
def _key(folder: str) -> bytes:
    """The platform's key: 32 random bytes in a file that only the platform reads."""
    path = Path(folder) / f"title-registry-{KEY_VERSION}.key"
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        with path.open("xb") as handle:
            path.chmod(0o600)
            handle.write(secrets.token_bytes(32))
    except FileExistsError:
        pass
    key = path.read_bytes()
    if len(key) != 32:
        raise RuntimeError(f"{path.name} is damaged: it must hold 32 bytes. Restore it.")
    return key


def _rows(claims: Sequence[ClaimRequest]) -> list[tuple[UUID, str, bytes]]:
    rows = []
    for claim in claims:
        if unknown := set(claim.rights) - set(RIGHTS):
            raise ValueError(f"Unknown rights: {sorted(unknown)}; there are {RIGHTS}.")
        indexes = sorted({blind_index(identifier) for identifier in claim.identifiers})
        rows += [(claim.claim_id, right, index) for right in claim.rights for index in indexes]
    return rows


def _lock(indexes: set[bytes]) -> None:
    """Serialise with everybody who touches one of these assets, until the transaction ends."""
    with connection.cursor() as cursor:
        if len(indexes) > BULK:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_REGISTRY_LOCK])
            return
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [_REGISTRY_LOCK])
        for number in sorted(int.from_bytes(sha256(i).digest()[:8], signed=True) for i in indexes):
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])


def _taken(indexes: set[bytes], *, except_claims: set[UUID]) -> set[tuple[bytes, str]]:
    rows = run_bound(
        f'SELECT asset_index, "right" FROM {_TABLE} WHERE asset_index = ANY(%s::bytea[])'
        " AND state = ANY(%s) AND NOT claim_id = ANY(%s::uuid[])",
        [list(indexes), _TAKEN, list(except_claims)],
    )
    return {(bytes(index), right) for index, right in rows}


def _indexes(claim_ids: Collection[UUID], right: str) -> list[tuple[UUID, bytes]]:
    rows = RightClaim.objects.filter(claim_id__in=list(claim_ids), right=right)
    return [
        (claim_id, bytes(index)) for claim_id, index in rows.values_list("claim_id", "asset_index")
    ]


def _set_state(claim_ids, right, state, before, *, at, holder=None, held_by=None) -> set[UUID]:
    """Move claims from one of `before` to `state`; returns the ids that moved."""
    keeps = held_by if state in RightClaim.TAKEN else None
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE {_TABLE} SET state = %s, holder_id = %s, period = tstzrange(%s, NULL)"
                ' WHERE claim_id = ANY(%s) AND "right" = %s AND state = ANY(%s)'
                " AND (%s::uuid IS NULL OR holder_id = %s) RETURNING claim_id",
                [state.value, holder or keeps, at, list(claim_ids), right]
                + [[str(word) for word in before], held_by, held_by],
            )
            return {row[0] for row in cursor.fetchall()}
    except IntegrityError as error:
        raise RightUnavailable(sorted(claim_ids)) from error
