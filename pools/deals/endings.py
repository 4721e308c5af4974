"""Which leases of a bought pool are over, so that their rights may be given back.

Never before the money that is due to the pool has come *and been distributed*: a lease counts as it
stood at the end of the last distributed period, from what that distribution knew.

- `settled`: nothing is owed any more by verified bank lines (matured, bought out, bought back by
  the lessor). A purchase option that nobody used keeps a lease open until a settlement closes it.
- `disposed`, `replaced`: a problem asset's remedy was carried out, as two people say, and what came
  of it until then has been distributed. A repurchase needs no word of theirs: its money settles.
- `debt_paid`: the receivables were pledged, not sold, and every class and everything carried is
  paid: whatever is left goes back to the lessor.
"""

from uuid import UUID

from pools.deals import hooks
from pools.deals.pledging import title_state
from pools.distributions.reading import newest_versions, read_columns, result_of
from pools.models import Distribution, Pool
from tenants.models import RightState

SETTLED, DEBT_PAID = "settled", "debt_paid"


def ended_leases(pool: Pool) -> dict[UUID, str]:
    """Leases whose right may be given back, with the reason; none before the first distribution."""
    paid = newest_versions(pool)
    if not paid:
        return {}
    last = paid[max(paid)]
    found = dict.fromkeys(_left_over(pool), DEBT_PAID) if _debt_is_paid(pool, last) else {}
    for rid, (reason, done_at) in hooks.remedied(pool).items():
        if done_at <= last.known_at:
            found[rid] = reason
    return found | dict.fromkeys(_settled(pool, last), SETTLED)


def _settled(pool: Pool, last: Distribution) -> list[UUID]:
    columns = read_columns(pool, known_at=last.known_at)
    state = columns.book.state(last.last_day)
    over = (state.balance == 0) & (state.oldest_unpaid == 0)
    return [UUID(rid) for rid in columns.leases["rid"].filter(over)]


def _debt_is_paid(pool: Pool, last: Distribution) -> bool:
    if title_state(pool) != RightState.PLEDGED:
        return False
    standing = result_of(last).standing
    return not any(standing.balances.values()) and not any(standing.unpaid.values())


def _left_over(pool: Pool) -> list[UUID]:
    return list(pool.members.filter(released_at=None).values_list("asset_id", flat=True))
