"""What the pages show of distributions and units."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from django.db.models import Sum

from pools.distributions.columns import CollectedColumns
from pools.distributions.reading import (
    deal_of,
    holdings_of,
    period_of,
    read_book,
    record_instant,
    result_of,
)
from pools.distributions.tracing import RESIDUAL_HOLDERS, Hop, difference, follow
from pools.models import Distribution, Holding, Pool, PoolState, UnitPayment
from pools.models.distributions import UNPLACED
from pools.structure.funding import SUBORDINATED, fund
from pools.structure.terms import Kind
from pools.structure.waterfall import Distribution as Result
from tenants.problems import NotFound

BOUGHT = (PoolState.PURCHASED, PoolState.DISBURSED)
_OWN_LEDGERS = ("income", "principal", "reserve")
_INSIDE = (Kind.RESERVE, Kind.RELEASE)


@dataclass(frozen=True)
class Conservation:
    """Money in and out of one distribution; it holds when both sides are equal."""

    opening_minor: int
    support_minor: int
    paid_minor: int
    closing_minor: int

    @property
    def holds(self) -> bool:
        return self.opening_minor + self.support_minor == self.paid_minor + self.closing_minor


def paying_pools() -> list[tuple[Pool, Distribution | None]]:
    """Every pool that was bought with its newest distribution."""
    pools = Pool.objects.filter(state__in=BOUGHT).order_by("-purchased_at")
    newest = {
        row.pool_id: row
        for row in Distribution.objects.filter(pool__in=pools).order_by("period", "version")
    }
    return [(pool, newest.get(pool.pk)) for pool in pools]


def bought_pool(pool_id: UUID) -> Pool:
    """A pool that was bought; `NotFound` otherwise."""
    pool = Pool.objects.filter(pk=pool_id, state__in=BOUGHT).first()
    if pool is None:
        raise NotFound(detail="There is no purchased pool of this name here.")
    return pool


def next_period(pool: Pool, paid: int) -> dict:
    """The period that is paid next: its number, first and last day."""
    start, end = period_of(pool, paid + 1)
    return {"number": paid + 1, "start": start, "last": end - timedelta(days=1)}


def versions_of(pool: Pool, period: int) -> list[Distribution]:
    """Every version of a period, the first one first; `NotFound` where it was never paid."""
    rows = list(Distribution.objects.filter(pool=pool, period=period).order_by("version"))
    if not rows:
        raise NotFound(detail="This period has not been distributed.")
    return rows


def conservation_of(result: Result) -> Conservation:
    """What went in and out, added up from the lines and not taken from the kernel's word."""
    return Conservation(
        sum(result.opening[name] for name in _OWN_LEDGERS),
        result.opening["support"] - result.closing["support"],
        sum(line.paid_minor for line in result.lines if line.kind not in _INSIDE),
        sum(result.closing[name] for name in _OWN_LEDGERS),
    )


def changes(versions: Sequence[Distribution]) -> list[tuple[Distribution, dict[str, int]]]:
    """Each version with what it changed for each payee against the one before it."""
    results = [result_of(row) for row in versions]
    before = [None, *results]
    return [
        (row, difference(was, now) if was else {})
        for row, was, now in zip(versions, before, results, strict=False)
    ]


def collected(distribution: Distribution) -> CollectedColumns:
    """The payments of a distribution, derived again from what was known then."""
    book = read_book(distribution.pool, known_at=distribution.known_at)
    return book.collect(start=distribution.start, end=distribution.end)


def trace(distribution: Distribution, rid: str, reference: str) -> tuple:
    """A bank line as it counted in a distribution, and every hop of its money."""
    payment = collected(distribution).payment(rid, reference)
    if payment is None:
        raise NotFound(
            code="payment_not_counted",
            detail="No payment %(reference)s of this lease is counted in this version.",
            mend="Look at the period of its day, or of the day on which a line of before the "
            "cut-off became known; a reversed payment counts in none.",
            params={"reference": reference},
        )
    return payment, hops_of(distribution, payment)


def hops_of(distribution: Distribution, payment) -> list[Hop]:
    """Where the money of a counted payment went, down to the holders."""
    pool = distribution.pool
    holdings = holdings_of(pool, deal_of(pool), at=record_instant(distribution))
    return follow(payment, result_of(distribution), holdings)


@dataclass(frozen=True)
class HeldUnits:
    """A holding with what each period paid it (newest versions) and what of it is outstanding.

    What nobody subscribed is shown like a holding of the trust company's own, without an entry.
    """

    holding: Holding
    class_minor: int  # the whole class at closing
    outstanding_minor: int
    paid: list[tuple[Distribution, int]]

    @property
    def paid_minor(self) -> int:
        return sum(minor for _row, minor in self.paid)

    @property
    def share(self) -> Decimal:
        """The part of its class that is held."""
        return Decimal(self.holding.units_minor) / self.class_minor

    @property
    def is_placed(self) -> bool:
        return self.holding.holder != UNPLACED


def units(*, of_user: UUID | None = None) -> list[HeldUnits]:
    """Holdings with their payments; of one person, or all with what is not placed."""
    holdings = list(Holding.objects.select_related("pool"))
    if of_user is None:
        holdings += _unplaced(holdings)
    else:
        holdings = [row for row in holdings if row.user_id == of_user]
    holdings.sort(key=_place)
    pools = {row.pool_id: row.pool for row in holdings}
    newest = _newest(pools)
    paid = _payments([row for rows in newest.values() for row in rows.values()])
    return [
        HeldUnits(
            row,
            deal_of(row.pool).tranche(row.tranche).original_minor,
            _outstanding(row, newest[row.pool_id]),
            [
                (distribution, paid.get((distribution.pk, row.tranche, row.holder), 0))
                for _period, distribution in sorted(newest[row.pool_id].items())
            ],
        )
        for row in holdings
    ]


def _place(row: Holding) -> tuple:
    """By pool, the most senior class first, what is not placed after its holders."""
    names = [one["name"] for one in row.pool.deal["tranches"]]
    return row.pool.name, names.index(row.tranche), row.holder == UNPLACED, row.holder


def _unplaced(holdings: Sequence[Holding]) -> list[Holding]:
    """What nobody subscribed of each class of a pool that was bought; rows that are not stored."""
    taken: dict[tuple[UUID, str], int] = {}
    for row in holdings:
        key = (row.pool_id, row.tranche)
        taken[key] = taken.get(key, 0) + row.units_minor
    found = []
    for pool in Pool.objects.filter(state__in=BOUGHT):
        for one in deal_of(pool).tranches:
            left = one.original_minor - taken.get((pool.pk, one.name), 0)
            if left > 0:
                found.append(
                    Holding(pool=pool, tranche=one.name, holder=UNPLACED, units_minor=left)
                )
    return found


def _newest(pools: dict[UUID, Pool]) -> dict[UUID, dict[int, Distribution]]:
    found: dict[UUID, dict[int, Distribution]] = {pool_id: {} for pool_id in pools}
    rows = Distribution.objects.filter(pool_id__in=pools).order_by("period", "version")
    for row in rows:
        found[row.pool_id][row.period] = row
    return found


def _payments(rows: Sequence[Distribution]) -> dict[tuple[UUID, str, str], int]:
    """What each (distribution, class, holder) was paid; the residual belongs to its class."""
    found: dict[tuple[UUID, str, str], int] = {}
    for one in UnitPayment.objects.filter(distribution__in=rows):
        tranche = "subordinated" if one.payee == RESIDUAL_HOLDERS else one.payee
        key = (one.distribution_id, tranche, one.holder)
        found[key] = found.get(key, 0) + one.amount_minor
    return found


def _outstanding(holding: Holding, rows: dict[int, Distribution]) -> int:
    """The holding's part of what its class still owes, rounded down."""
    if not rows:
        return holding.units_minor
    size = deal_of(holding.pool).tranche(holding.tranche).original_minor
    left = result_of(rows[max(rows)]).standing.balances[holding.tranche]
    return holding.units_minor * left // size


def classes_of(pool: Pool) -> list[str]:
    """Names of the pool's classes, the most senior first."""
    return [one.name for one in deal_of(pool).tranches]


def placed(pool: Pool) -> list[dict]:
    """Each class: its size, what it is issued for, what is placed, what is left."""
    taken = dict(pool.holdings.values_list("tranche").annotate(Sum("units_minor")))
    deal = deal_of(pool)
    issued = {SUBORDINATED: fund(deal, pool.price_minor).issue_minor}
    return [
        {
            "name": one.name,
            "size_minor": one.original_minor,
            "issue_minor": issued.get(one.name, one.original_minor),
            "placed_minor": taken.get(one.name, 0),
            "left_minor": one.original_minor - taken.get(one.name, 0),
        }
        for one in deal.tranches
    ]
