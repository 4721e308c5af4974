"""The second half of *follow the yuan*: what the purchased pool made of the payment.

Everything is read from the trust's books; what is tried is tried with the real services and taken
back. Without a purchased pool that has paid, each step says that it is not there yet.
"""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from config.stories.probes import now, only_a_try, person
from config.stories.telling import Fact
from ledger import selectors as ledger
from ledger.exchange.registry import VerifiedBatch
from pools.distributions import selectors
from pools.distributions.reading import newest_versions, result_of
from pools.distributions.services import correct_distribution, root_of
from pools.distributions.tracing import difference
from pools.models import Asset, AssetPayment, Distribution, Pool
from pools.projection.projectors import project_payments
from tenants.formatting import full_money
from tenants.money import Money
from tenants.problems import Refused

_REFERENCE = "STORY-POOL-BACK-DATED"


@dataclass(frozen=True)
class Followed:
    """One rent that a pool's newest paid period counted."""

    pool: Pool
    period: int
    rid: UUID
    reference: str


def followed(source: UUID) -> Followed | None:
    """Inside the trust: a rent of this lessor in the first paid period of its newest pool.

    Of a lease that was paid by rents alone, the first by contract number.
    """
    for pool, newest in selectors.paying_pools():
        if newest is None:
            continue
        row = newest_versions(pool)[1]
        # asked lease by lease through the index: NOT IN over a million lines takes half a minute
        of_lease = AssetPayment.objects.filter(lease_rid=OuterRef("rid"))
        leases = Asset.objects.filter(
            ~Exists(of_lease.exclude(kind="rent")), memberships__pool=pool, source=source
        )
        rents = AssetPayment.objects.filter(
            effective_on__gte=row.start, effective_on__lt=row.end, anchored_at__lte=row.known_at
        )
        paid = leases.filter(Exists(rents.filter(lease_rid=OuterRef("rid"))))
        lease = paid.order_by("contract_number").first()
        if lease is not None:
            line = rents.filter(lease_rid=lease.rid).order_by("effective_on", "reference").first()
            return Followed(pool, row.period, lease.rid, line.reference)
    return None


def _money(minor: int) -> str:
    return full_money(Money.from_minor(minor, "CNY"))


def not_yet() -> list[Fact]:
    """Said where no pool has paid: nothing is claimed and nothing is wrong."""
    return [Fact(_("A purchased pool that has paid"), _("not yet"))]


def _newest(one: Followed) -> Distribution:
    return newest_versions(one.pool)[one.period]


def counted(one: Followed, amount_minor: int, interest_minor: int, principal_minor: int):
    """The line in the pool's collections, against the bank and the lessor's own books."""
    row = _newest(one)
    found = selectors.collected(row)
    payment = found.payment(str(one.rid), one.reference)
    income, principal = payment.income_minor, payment.principal_minor
    entry = ledger.payload(row.ledger_index)
    return [
        Fact(_("Pool"), one.pool.name),
        Fact(_("Period"), f"{row.start} – {row.last_day}"),
        Fact(_("Counted"), _money(payment.amount_minor), payment.amount_minor == amount_minor),
        Fact(_("As income"), _money(income), income == interest_minor),
        Fact(_("As principal"), _money(principal), principal == principal_minor),
        Fact(
            _("Lines of the period, under one root on the trust's ledger"),
            f"{found.payments.height:,}",
            entry["payments_root"] == root_of(found),
        ),
    ]


def poured(one: Followed) -> list[Fact]:
    """The waterfall of the period: everything in, everything out."""
    row = _newest(one)
    result = result_of(row)
    sums = selectors.conservation_of(result)
    return [
        Fact(_("Collected"), _money(row.collected_minor)),
        Fact(_("In the ledgers with it"), _money(sums.opening_minor + sums.support_minor)),
        Fact(_("Paid out"), _money(sums.paid_minor)),
        Fact(_("Kept for the next period"), _money(sums.closing_minor), sums.holds),
        Fact(_("Lines that found less than was due"), len(result.shortfalls)),
    ]


def received(one: Followed) -> list[Fact]:
    """The line's hops down to the investor's unit, and the unit's whole payment."""
    row = _newest(one)
    payment, hops = selectors.trace(row, str(one.rid), one.reference)
    total = sum(hop.minor for hop in hops)
    facts = [
        Fact(_("Places its money went"), len(hops)),
        Fact(_("Together"), _money(total), total == payment.amount_minor),
    ]
    for held in selectors.units(of_user=person("investor", "trust")):
        if held.holding.pool_id != one.pool.pk:
            continue
        part = sum(hop.minor for hop in hops if hop.holder == held.holding.holder)
        paid = {paid_row.period: minor for paid_row, minor in held.paid}[row.period]
        facts += [
            Fact(_("Of it to {holder}").format(holder=held.holding.holder), _money(part)),
            Fact(_("The unit's whole payment"), _money(paid), 0 <= part <= paid),
        ]
    return facts


def tried(one: Followed) -> list[Fact]:
    """A second rent dated back into the period, then taken back; nothing of it is kept."""
    known = max(now(), *(row.known_at for row in newest_versions(one.pool).values()))
    first, then, last = (known + timedelta(seconds=number) for number in range(3))
    with only_a_try():
        before = _corrected(one, first)
        line = AssetPayment.objects.get(lease_rid=one.rid, reference=one.reference)
        _arrive(one, line.effective_on, line.amount_minor, then)
        with_it = _corrected(one, then)
        _arrive(one, line.effective_on, line.amount_minor, last, reverses=_REFERENCE)
        after = _corrected(one, last)
        changed = difference(result_of(before), result_of(with_it))
    kept = _kept(with_it) - _kept(before)
    more = with_it.collected_minor - before.collected_minor
    return [
        Fact(_("Collected before"), _money(before.collected_minor)),
        Fact(
            _("With the back-dated line"), _money(with_it.collected_minor),
            more == line.amount_minor,
        ),
        Fact(
            _("More for all payees together"), _money(sum(changed.values())),
            sum(changed.values()) + kept == line.amount_minor,
        ),
        Fact(
            _("After the reversal"), _money(after.collected_minor),
            (after.result_sha256, after.payments_root)
            == (before.result_sha256, before.payments_root),
        ),
    ]  # fmt: skip


def _kept(row: Distribution) -> int:
    return selectors.conservation_of(result_of(row)).closing_minor


def _corrected(one: Followed, at: datetime) -> Distribution:
    """The period as it comes out from what is known at an instant."""
    try:
        by = person("portfolio", "trust")
        correct_distribution(pool=one.pool, period=one.period, known_at=at, by=by, at=at)
    except Refused as problem:
        if problem.code != "nothing_to_correct":
            raise
    return _newest(one)


def _arrive(one: Followed, day, amount_minor: int, at: datetime, *, reverses: str = "") -> None:
    """A bank line as it is projected when a parcel of the lessor has been verified."""
    booked = datetime.combine(day, time(), UTC)
    form = "%Y-%m-%dT%H:%M:%S.%fZ"
    item = {
        "lease_rid": str(one.rid),
        "kind": "reversal" if reverses else "rent",
        "amount_minor": str(amount_minor),
        "bank_reference": f"{_REFERENCE}-R" if reverses else _REFERENCE,
        "reverses": reverses,
        "effective_at": booked.strftime(form),
        "known_at": at.strftime(form),
    }
    source = Asset.objects.values_list("source", flat=True).get(rid=one.rid)
    project_payments(
        VerifiedBatch(
            source=source, kind="payments.batch", known_at=at, indexes=[0],
            rids=[str(uuid.uuid4())], stamps=[""], fields=[],
            items={name: [value] for name, value in item.items()},
        )
    )  # fmt: skip
