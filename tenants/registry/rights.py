"""What becomes of a claimed right: reserved, pledged or sold, and free again."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

import psycopg
from django.db import transaction
from django.db.utils import IntegrityError

from tenants.database.bound import run_bound
from tenants.models import RightClaim, RightState
from tenants.registry.claims import TABLE, TAKEN, taken_among
from tenants.registry.locking import enter_registry, lock_assets
from tenants.registry.problems import RightUnavailable


def reserve_rights(*, claim_ids: Collection[UUID], right: str, holder: UUID, at: datetime) -> None:
    """Reserve a claimed right for `holder`, all or nothing; RightUnavailable names the losers."""
    versions = enter_registry()
    rows = _indexes(claim_ids, right)
    lock_assets({index for _id, version, index in rows if version == versions.current})
    taken = taken_among({index for _id, _version, index in rows}, except_claims=set())
    free = {claim_id for claim_id, _version, _index in rows}
    free -= {claim_id for claim_id, _version, index in rows if (index, right) in taken}
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
    enter_registry()
    changed = _set_state(
        claim_ids,
        right,
        RightState(state),
        [RightState.RESERVED],
        holder=holder,
        held_by=holder,
        at=at,
    )
    if lost := set(claim_ids) - changed:
        raise RightUnavailable(sorted(lost))


def release_rights(
    *, claim_ids: Collection[UUID], right: str, holder: UUID, at: datetime
) -> set[UUID]:
    """The holder lets go: the claims stand as merely claimed again. Returns those changed."""
    enter_registry()
    return _set_state(claim_ids, right, RightState.CLAIMED, RightClaim.TAKEN, held_by=holder, at=at)


def _indexes(claim_ids: Collection[UUID], right: str) -> list[tuple[UUID, int, bytes]]:
    rows = RightClaim.objects.filter(claim_id__in=list(claim_ids), right=right)
    columns = rows.values_list("claim_id", "key_version", "asset_index")
    return [(claim_id, version, bytes(index)) for claim_id, version, index in columns]


def _set_state(
    claim_ids: Collection[UUID],
    right: str,
    state: RightState,
    before: Sequence[RightState],
    *,
    at: datetime,
    holder: UUID | None = None,
    held_by: UUID | None = None,
) -> set[UUID]:
    """Move claims from one of `before` to `state` for `holder`; returns the ids that moved.

    `held_by`: only those that this tenant holds. Rows are locked in the order of their ids.
    """
    words = [str(word) for word in before]
    try:
        with transaction.atomic():
            rows = run_bound(
                f"WITH own AS MATERIALIZED (SELECT id FROM {TABLE}"
                ' WHERE claim_id = ANY(%s::uuid[]) AND "right" = %s AND state = ANY(%s)'
                " AND (%s::uuid IS NULL OR holder_id = %s) ORDER BY id FOR UPDATE)"
                f" UPDATE {TABLE} AS c SET state = %s, holder_id = %s, period = tstzrange(%s, NULL)"
                " FROM own WHERE c.id = own.id RETURNING c.claim_id",
                [list(claim_ids), right, words, held_by, held_by, state.value, holder, at],
            )
    except (IntegrityError, psycopg.IntegrityError) as error:
        raise RightUnavailable(sorted(claim_ids)) from error
    return {claim_id for (claim_id,) in rows}


def states_of(*, claim_ids: Collection[UUID], right: str = "receivables") -> dict[UUID, str]:
    """State of one right of one's own claims."""
    rows = RightClaim.objects.filter(claim_id__in=claim_ids, right=right)
    return dict(rows.values_list("claim_id", "state"))


def held_among(*, claim_ids: Collection[UUID]) -> set[UUID]:
    """Those claims of which somebody holds a right."""
    held = RightClaim.objects.filter(claim_id__in=claim_ids, state__in=TAKEN)
    return set(held.values_list("claim_id", flat=True))


def availability_of(*, claim_ids: Collection[UUID], right: str) -> dict[UUID, str]:
    """State of one right of each claim; `taken` where another claim on the asset holds it.

    Says what a reservation would: who may reserve learns nothing that the attempt would not tell.
    """
    rows = run_bound(
        # a scalar subquery: of tables never analysed a join would read the one for each row
        "SELECT own.claim_id, max(own.state), bool_or(coalesce((SELECT true"
        f" FROM {TABLE} AS other WHERE other.asset_index = own.asset_index"
        ' AND other."right" IS NOT DISTINCT FROM own."right"'
        " AND other.claim_id <> own.claim_id AND other.state = ANY(%s) LIMIT 1), false))"
        f' FROM {TABLE} AS own WHERE own.claim_id = ANY(%s::uuid[]) AND own."right" = %s'
        " GROUP BY own.claim_id",
        [TAKEN, list(claim_ids), right],
    )
    return {claim_id: "taken" if taken else state for claim_id, state, taken in rows}
