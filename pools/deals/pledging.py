"""The trust's half of a pledge: reserve and ask, hear the answer, perfect or let go.

A saga over two logs: each step is one transaction in one tenant, and repeatable. Locks are taken
in one order everywhere: pools in the order of their ids, title registry, the log's head. Whoever
has to do with several pools takes all their locks first. Two institutions have only the title
registry in common, where whoever wants rights waits for their assets first, in one order.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet

from ledger.drafts import Draft
from ledger.services import append_entries
from pools.models import Pledge, PledgeState, Pool, PoolAsset, PoolState
from pools.structure.forms import FORMS, Form
from tenants.context import current_tenant
from tenants.registry import release_rights

RIGHT = "receivables"
#: A pool that may still be given up.
OPEN = frozenset({PoolState.PROPOSED, PoolState.APPROVED, PoolState.REQUESTED})
#: An accepted pledge that is not perfected within this of its answer is released.
PERFECT_WITHIN = timedelta(days=14)


def locked(pool_id: UUID) -> Pool:
    """The pool, locked: the first lock of every step."""
    found = Pool.objects.select_for_update(of=("self",)).select_related("facility__request")
    return found.get(pk=pool_id)


def members_of(pool: Pool, lessor_id: UUID | None = None) -> list[UUID]:
    """Ids of the pool's assets, or of one lessor's in it; a lease's claim has the lease's id."""
    members = PoolAsset.objects.filter(pool=pool)
    if lessor_id is not None:
        members = members.filter(source=lessor_id)
    return list(members.order_by("asset_id").values_list("asset_id", flat=True))


def title_state(pool: Pool) -> str:
    """What the receivables become by the facility's form: pledged or sold."""
    return FORMS[Form(pool.facility.form)].title_state


def overdue(at: datetime) -> QuerySet[Pledge]:
    """Pledges that hold rights reserved for longer than they may."""
    unanswered = Q(state=PledgeState.REQUESTED, expires_at__lte=at)
    unperfected = Q(state=PledgeState.ACCEPTED, answered_at__lte=at - PERFECT_WITHIN)
    return Pledge.objects.filter(unanswered | unperfected, pool__state=PoolState.REQUESTED)


def give_up(pools: Sequence[Pool], *, reason: str, at: datetime, by: UUID | None = None) -> None:
    """Release what was reserved, free the assets, and say so: `pledge.released` for each lessor
    that was asked, then `pool.cancelled`. The pools are locked and open."""
    holder = current_tenant().pk
    asked = [(pool, list(pool.pledges.order_by("rid"))) for pool in pools]
    claims = [rid for pool, pledges in asked if pledges for rid in members_of(pool)]
    if claims:
        release_rights(claim_ids=claims, right=RIGHT, holder=holder, at=at)
    told = {"reason": reason} | ({} if by is None else {"cancelled_by": str(by)})
    drafts = []
    for pool, pledges in asked:
        PoolAsset.objects.filter(pool=pool).update(live=False)
        pool.state = PoolState.CANCELLED
        pool.save(update_fields=["state"])
        # what a lessor refused stays refused; whatever else was open is released
        pool.pledges.exclude(state=PledgeState.REFUSED).update(state=PledgeState.RELEASED)
        for pledge in pledges:
            fields = told | {"pool": str(pool.pk), "lessor": str(pledge.lessor_id)}
            drafts.append(
                Draft.service(kind="pledge.released", rid=pledge.rid, fields=fields, ts=at)
            )
        fields = told | {"facility": str(pool.facility_id)}
        drafts.append(Draft.service(kind="pool.cancelled", rid=pool.pk, fields=fields, ts=at))
    append_entries(drafts=drafts)


def hear(answers: Collection[tuple[UUID, PledgeState, int]], *, source: UUID, at: datetime) -> None:
    """Lessors' answers (pledge, state, number of leases): kept once; a no gives the pool up.

    An answer that comes after the release, from somebody else or about other leases than were
    asked for counts for nothing, or as a no.
    """
    given = {rid: (state, leases) for rid, state, leases in answers}
    asked = Pledge.objects.filter(rid__in=given, lessor_id=source).order_by("pool_id", "rid")
    pools = {pk: locked(pk) for pk in dict.fromkeys(asked.values_list("pool_id", flat=True))}
    refused = {}
    for pledge in asked:  # read again, under the locks
        pool = pools[pledge.pool_id]
        if pledge.state != PledgeState.REQUESTED or pool.state != PoolState.REQUESTED:
            continue
        state, leases = given[pledge.rid]
        if leases != len(members_of(pool, source)):
            state = PledgeState.REFUSED
        pledge.state, pledge.answered_at = state, at
        pledge.save(update_fields=["state", "answered_at"])
        if state == PledgeState.REFUSED:
            refused[pool.pk] = pool
    if refused:
        give_up(list(refused.values()), reason="refused", at=at)
