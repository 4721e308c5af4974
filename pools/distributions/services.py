"""Paying a pool's money out, and correcting what was paid when more is known.

The newest versions of all periods always rest on one knowledge: before the next period is paid,
every earlier one that would now come out differently is corrected, so that a payment dated back,
late or reversed is counted once and in its own period.
"""

import uuid
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_noop as _

from ledger.core.hashing import leaf_hashes, root_of_hashes
from ledger.drafts import Draft
from ledger.services import append_entry
from pools.distributions.columns import CollectedColumns, CollectionBook
from pools.distributions.hooks import status_on
from pools.distributions.reading import (
    deal_of,
    heard_on,
    holdings_of,
    newest_versions,
    period_of,
    read_book,
    record_instant,
    result_of,
)
from pools.distributions.sealed import entry_fields
from pools.distributions.tracing import inflow_of, unit_payments
from pools.models import Distribution, Pool, PoolState, UnitPayment
from pools.structure.plain import digest, to_plain
from pools.structure.terms import Deal
from pools.structure.waterfall import Standing, distribute
from pools.tasks import look_for_endings
from tenants.problems import FieldError, Invalid, NotFound, Refused

_BOUGHT = {PoolState.PURCHASED, PoolState.DISBURSED}


@dataclass(frozen=True)
class _Act:
    """What every row of one act shares."""

    pool: Pool
    deal: Deal
    book: CollectionBook
    known_at: datetime
    by: UUID
    at: datetime


@transaction.atomic
def make_distribution(
    *, pool: Pool, period: int, known_at: datetime, by: UUID, at: datetime
) -> Distribution:
    """Pay the pool's next period from what was known at an instant; earlier ones are corrected.

    The same period again answers what was paid and pays nothing. Raises `Refused` while the pool is
    not bought, the period is not the next one, or it is not over.
    """
    pool = Pool.objects.select_for_update().get(pk=pool.pk)
    paid = newest_versions(pool)
    if period in paid:
        return paid[period]
    act = _act(pool, known_at, by, at)
    if period != len(paid) + 1:
        raise Refused(
            code="period_not_next",
            detail=_("Period %(period)s cannot be paid: the next one is period %(next)s."),
            mend=_("Periods are paid one after the other; make that one first."),
            params={"period": period, "next": len(paid) + 1},
        )
    _refuse_unfinished(act, period)
    first = _first_changed(act, paid) or period
    made = _derive(act, paid, first, period)[-1]
    look_for_endings(pool.pk)
    return made


@transaction.atomic
def correct_distribution(
    *, pool: Pool, period: int, known_at: datetime, by: UUID, at: datetime
) -> list[Distribution]:
    """New versions of a period and all later ones, from what is known now.

    Raises `NotFound` for a period that was never paid, `Refused` where nothing comes out anew.
    """
    act = _act(pool, known_at, by, at)
    paid = newest_versions(act.pool)
    if period not in paid:
        raise NotFound(detail=_("This period has not been distributed."))
    changed = _first_changed(act, paid, since=period)
    if changed is None:
        raise Refused(
            code="nothing_to_correct",
            detail=_("Nothing that is known now changes this period or a later one."),
            mend=_("A correction is made when a payment is dated back, arrives late or is undone."),
        )
    return _derive(act, paid, changed, max(paid))


def _act(pool: Pool, known_at: datetime, by: UUID, at: datetime) -> _Act:
    """The pool locked, its knowledge read; refuses what must not be paid."""
    pool = Pool.objects.select_for_update().get(pk=pool.pk)
    if pool.state not in _BOUGHT:
        raise Refused(
            code="pool_not_purchased",
            detail=_("Only a purchased pool pays anything."),
            mend=_("Purchase the pool first."),
        )
    known_before = [row.known_at for row in newest_versions(pool).values()]
    if known_at > at or known_at < max(known_before, default=known_at):
        raise Invalid(errors=[FieldError("known_at", "knowledge_out_of_order",
            _("This is in the future, or before what an earlier distribution knew."),
            _("Take a time from the last distribution's until now."))])  # fmt: skip
    return _Act(pool, deal_of(pool), read_book(pool, known_at=known_at), known_at, by, at)


def _refuse_unfinished(act: _Act, period: int) -> None:
    """A period is paid when it is over and every lessor has sent bank lines since."""
    end = period_of(act.pool, period)[1]
    heard = heard_on(act.pool, known_at=act.known_at)
    if act.known_at.date() >= end and heard is not None and heard >= end:
        return
    raise Refused(
        code="period_not_over",
        detail=_("Period %(period)s ends before %(end)s; bank lines last arrived on %(heard)s."),
        mend=_("Make the distribution once it is over and its bank lines have arrived."),
        params={"period": period, "end": end, "heard": heard or "–"},
    )


def _collected(act: _Act, period: int) -> CollectedColumns:
    start, end = period_of(act.pool, period)
    return act.book.collect(start=start, end=end)


def _first_changed(act: _Act, paid: dict[int, Distribution], since: int = 1) -> int | None:
    """The first period from `since` on that what is known now brings out differently."""
    for period in sorted(period for period in paid if period >= since):
        row, found = paid[period], _collected(act, period)
        was, now = (row.payments_root, row.movements), (root_of(found), to_plain(found.movements))
        if was != now:
            return period
    return None


def root_of(found: CollectedColumns) -> str:
    """RFC 6962 root over a period's payments, in hex."""
    return root_of_hashes(leaf_hashes(found.lines())).hex()


def _derive(act: _Act, paid: dict[int, Distribution], first: int, last: int) -> list[Distribution]:
    standing = result_of(paid[first - 1]).standing if first > 1 else Standing.at_start(act.deal)
    made = []
    for period in range(first, last + 1):
        made.append(_store(act, period, standing, paid.get(period)))
        standing = result_of(made[-1]).standing
    return made


def _store(act: _Act, period: int, before: Standing, replaced: Distribution | None) -> Distribution:
    """Run one period's waterfall and keep it, its unit payments and its entry."""
    found = _collected(act, period)
    status = status_on(act.pool, found.end, before.status)
    result = distribute(act.deal, replace(before, status=status), inflow_of(found))
    row = Distribution(
        id=uuid.uuid4(),
        pool=act.pool,
        period=period,
        version=replaced.version + 1 if replaced else 1,
        start=found.start,
        end=found.end,
        known_at=act.known_at,
        payments=found.payments.height,
        payments_root=root_of(found),
        income_minor=found.income_minor,
        principal_minor=found.principal_minor,
        pool_opening_minor=found.pool_opening_minor,
        pool_closing_minor=found.pool_closing_minor,
        movements=to_plain(found.movements),
        result=to_plain(result),
        result_sha256=digest(result),
        made_by=act.by,
        made_at=act.at,
    )
    entry = append_entry(draft=_draft(row, act.pool.currency))
    row.ledger_index = entry.index
    row.save(force_insert=True)
    record = record_instant(replaced) if replaced else act.at
    units = unit_payments(result, holdings_of(act.pool, act.deal, at=record))
    UnitPayment.objects.bulk_create(
        UnitPayment(distribution=row, payee=payee, holder=holder, amount_minor=minor)
        for (payee, holder), minor in units.items()
    )
    return row


def _draft(row: Distribution, currency: str) -> Draft:
    fields = entry_fields(row, currency)
    return Draft.service(kind="distribution.made", rid=row.pk, fields=fields, ts=row.made_at)
