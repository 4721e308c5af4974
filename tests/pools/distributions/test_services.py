"""Distributions over a purchased pool: paid, traced, corrected, on the ledger, to the cent."""

from datetime import UTC, date, datetime, timedelta

import pytest

from ledger import selectors as ledger
from pools.distributions import balance, hooks
from pools.distributions.reading import newest_versions, period_of, read_book, result_of
from pools.distributions.reconciling import Movements
from pools.distributions.services import correct_distribution, make_distribution, root_of
from pools.distributions.tracing import difference
from pools.distributions.units import subscribe_units
from pools.models import AssetPayment, Distribution, Pool, UnitPayment
from pools.models.distributions import UNPLACED
from pools.structure.plain import digest, from_plain
from pools.structure.terms import Status
from tenants.problems import Invalid, NotFound, Refused
from tests.pools.distributions.bought import (
    AT,
    CUT_OFF,
    line,
    project,
)

pytestmark = pytest.mark.usefixtures("bought_book")


def make(cast, pool, at=AT, period=None):
    period = period or len(newest_versions(pool)) + 1
    by = cast.portfolio_manager.pk
    return make_distribution(pool=pool, period=period, known_at=at, by=by, at=at)


def subscribe(cast, pool, tranche, holder, units, user_id=None):
    return subscribe_units(
        pool=pool, tranche=tranche, holder=holder, user_id=user_id, units_minor=units,
        by=cast.portfolio_manager.pk, at=AT,
    )  # fmt: skip


def test_a_period_is_paid_to_the_cent_and_sealed(cast, pool):
    subscribe(cast, pool, "senior", "Gao Yuan", 1_000_000, cast.investor.pk)
    row = make(cast, pool)
    assert (row.period, row.version) == (1, 1)
    assert (row.start, row.end) == (date(2026, 4, 1), date(2026, 5, 1))
    lines = AssetPayment.objects.filter(
        effective_on__gte=row.start, effective_on__lt=row.end, kind__in=["rent", "settlement"]
    )
    assert row.payments >= 20
    undone = AssetPayment.objects.filter(kind="reversal").values_list("lease_rid", "reverses")
    cash = sum(
        one.amount_minor for one in lines if (one.lease_rid, one.reference) not in set(undone)
    )
    recovered = AssetPayment.objects.filter(
        effective_on__gte=row.start, effective_on__lt=row.end, kind="recovery"
    )
    cash += sum(one.amount_minor for one in recovered)
    assert row.income_minor + row.principal_minor == cash
    result = result_of(row)
    own = ("income", "principal", "reserve")
    paid = sum(x.paid_minor for x in result.lines if x.kind not in ("reserve", "release"))
    kept = sum(result.closing[name] for name in own)
    assert sum(result.opening[name] for name in own) == paid + kept
    units = UnitPayment.objects.filter(distribution=row)
    for payee in ("senior", "mezzanine"):
        mine = [unit.amount_minor for unit in units if unit.payee == payee]
        assert sum(mine) == result.paid(payee) > 0
    investor = units.get(holder="Gao Yuan")
    size = next(t["original_minor"] for t in pool.deal["tranches"] if t["name"] == "senior")
    assert abs(investor.amount_minor - result.paid("senior") * 1_000_000 / size) <= 2
    entry = ledger.payload(row.ledger_index)
    assert entry["result_sha256"] == row.result_sha256 == digest(result)
    found = read_book(pool, known_at=row.known_at).collect(start=row.start, end=row.end)
    assert entry["payments_root"] == root_of(found)


def test_periods_follow_each_other_until_one_is_not_over(cast, pool):
    rows = [make(cast, pool) for _ in range(3)]
    assert [row.period for row in rows] == [1, 2, 3]
    for before, after in zip(rows, rows[1:], strict=False):
        assert before.pool_closing_minor == after.pool_opening_minor
        assert result_of(after).opening["reserve"] == result_of(before).closing["reserve"]
    with pytest.raises(Refused) as caught:
        make(cast, pool)
    assert caught.value.code == "period_not_over"
    assert Distribution.objects.count() == 3


def test_an_act_pays_the_period_that_it_names_once(cast, pool):
    with pytest.raises(Refused) as caught:
        make(cast, pool, period=2)
    assert caught.value.code == "period_not_next"
    first = make(cast, pool, period=1)
    entries = ledger.entries().count()
    assert make(cast, pool, period=1) == first  # pressed twice, with period 2 also due
    assert make(cast, pool, at=AT + timedelta(hours=1), period=1) == first
    assert (Distribution.objects.count(), ledger.entries().count()) == (1, entries)


def test_what_the_price_did_not_know_is_the_pools_when_it_is_known(cast, pool):
    """A line of before the cut-off that comes late; one that the price counted and that bounced."""
    source, first = cast.tenants.anda.pk, make(cast, pool)
    assert first.pool_opening_minor == pool.balance_minor
    paying = read_book(pool, known_at=AT).collect(start=first.start, end=first.end).payments
    lease = paying.filter(paying["principal_minor"] > 0)["rid"][-1]
    bounced = (
        AssetPayment.objects.filter(kind="rent", effective_on__range=(date(2026, 3, 1), CUT_OFF))
        .exclude(lease_rid=lease)
        .order_by("effective_on", "lease_rid")
        .first()
    )
    known = datetime(2026, 7, 20, 9, tzinfo=UTC)
    late = line(lease, "LATE", 250_000, "2026-03-20", known=known)
    undo = line(bounced.lease_rid, "BOUNCE", bounced.amount_minor, "2026-07-18", known=known,
                kind="reversal", reverses=bounced.reference)  # fmt: skip
    project(source, "payments.batch", [late, undo], at=known)
    over = datetime(2026, 8, 2, 8, tzinfo=UTC)
    project(source, "payments.batch", [line(lease, "NEXT", 1, "2026-08-01", known=over)], at=over)
    rest = [make(cast, pool, at=datetime(2026, 8, 2, 9, tzinfo=UTC)) for _ in range(3)]
    assert newest_versions(pool)[1] == first  # nothing of the past is paid anew
    assert [row.movements["late_minor"] for row in rest[:2]] == [0, 0]
    moved = from_plain(Movements, rest[2].movements)
    assert 0 < moved.late_minor <= 250_000 and moved.restored_minor > 0 and moved.holds
    found = read_book(pool, known_at=rest[2].known_at)
    payment = found.collect(start=rest[2].start, end=rest[2].end).payment(lease, "LATE")
    assert (payment.effective_on, payment.counts_on) == (date(2026, 3, 20), known.date())
    assert payment.principal_minor == moved.late_minor
    entry = ledger.payload(rest[2].ledger_index)
    assert entry["late_minor"] == str(moved.late_minor)
    whole = balance.since_cut_off(pool, newest_versions(pool))
    assert whole.holds and whole.movements.opening_minor == pool.balance_minor


def test_a_back_dated_line_then_its_reversal_correct_every_later_period(cast, pool):
    rows = [make(cast, pool) for _ in range(2)]
    first = read_book(pool, known_at=AT).collect(start=rows[0].start, end=rows[0].end)
    rid, amount = first.payments["rid"][0], first.payments["amount_minor"][0]
    with pytest.raises(Refused) as caught:
        correct(cast, pool, AT)
    assert caught.value.code == "nothing_to_correct"

    later = AT + timedelta(days=2)
    claimed = AT - timedelta(days=9)  # the lessor says that it knew; the trust had it later
    back_dated = line(rid, "BACK-DATED", amount, "2026-04-20", known=claimed)
    project(cast.tenants.anda.pk, "payments.batch", [back_dated], at=later)
    again = read_book(pool, known_at=AT).collect(start=rows[0].start, end=rows[0].end)
    assert again.payments.equals(first.payments)  # what was known then does not change
    corrected = correct(cast, pool, later)
    assert [(row.period, row.version) for row in corrected] == [(1, 2), (2, 2)]
    cash = [row.income_minor + row.principal_minor for row in (rows[0], corrected[0])]
    assert cash[1] - cash[0] == amount
    changes = difference(result_of(rows[0]), result_of(corrected[0]))
    assert sum(changes.values()) == amount + rows_kept(rows[0]) - rows_kept(corrected[0])

    undone = later + timedelta(days=30)  # long after the period in which it was counted
    project(
        cast.tenants.anda.pk, "payments.batch",
        [line(rid, "UNDO", amount, "2026-06-20", kind="reversal", reverses="BACK-DATED",
              known=undone)], at=undone,
    )  # fmt: skip
    restored = correct(cast, pool, undone)
    assert [row.version for row in restored] == [3, 3]
    assert [row.result for row in restored] == [row.result for row in rows]
    assert [row.payments_root for row in restored] == [row.payments_root for row in rows]


def rows_kept(row):
    closing = result_of(row).closing
    return closing["income"] + closing["principal"] + closing["reserve"]


def correct(cast, pool, at, period=1):
    return correct_distribution(
        pool=pool, period=period, known_at=at, by=cast.portfolio_manager.pk, at=at
    )


def test_the_next_period_is_not_paid_over_a_stale_one(cast, pool):
    row = make(cast, pool)
    found = read_book(pool, known_at=AT).collect(start=row.start, end=row.end)
    rid, reference = found.payments.select("rid", "reference").row(0)
    later = AT + timedelta(days=3)
    amount = found.payments["amount_minor"][0]
    project(
        cast.tenants.anda.pk, "payments.batch",
        [line(rid, "UNDO", amount, "2026-04-29", kind="reversal", reverses=reference,
              known=later)], at=later,
    )  # fmt: skip
    second = make(cast, pool, at=later)
    newest = newest_versions(pool)
    assert (second.period, newest[1].version, newest[2].version) == (2, 2, 1)
    assert newest[1].payments == row.payments - 1


def test_holders_of_the_first_payment_are_paid_by_a_correction(cast, pool):
    row = make(cast, pool)
    rid = read_book(pool, known_at=AT).collect(start=row.start, end=row.end).payments["rid"][0]
    later = AT + timedelta(days=2)
    project(cast.tenants.anda.pk, "payments.batch",
            [line(rid, "LATE", 777, "2026-04-20", known=later)], at=later)  # fmt: skip
    subscribe_units(pool=pool, tranche="senior", holder="Too late", user_id=None, units_minor=5,
                    by=cast.portfolio_manager.pk, at=later)  # fmt: skip
    corrected = correct(cast, pool, later)[0]
    assert {unit.holder for unit in corrected.unit_payments.all()} == {UNPLACED}


@pytest.mark.parametrize(
    "tranche, holder, units, code",
    [
        ("senior", "", 5, "holder_invalid"),
        ("senior", UNPLACED, 5, "holder_invalid"),
        ("senior", "Lin Fund", 0, "units_not_left"),
        ("senior", "Lin Fund", 10**15, "units_not_left"),
        ("gold", "Lin Fund", 5, "tranche_unknown"),
        ("senior", "Gao Yuan", 5, "subscribed_already"),
        ("senior", " Gao  Yuan", 5, "subscribed_already"),
        ("senior", "gao yuan", 5, "holder_looks_alike"),
        ("mezzanine", "G\u0430o Yuan", 5, "holder_looks_alike"),
        ("senior", "Unplaced", 5, "holder_invalid"),
        ("senior", "\u200b.", 5, "holder_invalid"),
    ],
)
def test_units_are_placed_up_to_the_size_of_the_class(cast, pool, tranche, holder, units, code):
    held = subscribe(cast, pool, "senior", "Gao Yuan", 1_000, cast.investor.pk)
    assert ledger.payload(held.ledger_index)["units_minor"] == "1000"
    before = ledger.entries().count()
    with pytest.raises(Invalid) as caught:
        subscribe(cast, pool, tranche, holder, units)
    assert [error.code for error in caught.value.errors] == [code]
    assert (ledger.entries().count(), pool.holdings.count()) == (before, 1)


def test_what_is_not_bought_pays_nothing_and_places_nothing(cast, pool):
    Pool.objects.update(state="proposed")
    with pytest.raises(Refused):
        make(cast, pool)
    with pytest.raises(Refused):
        subscribe(cast, pool, "senior", "Gao Yuan", 1)


def test_knowledge_only_grows(cast, pool):
    make(cast, pool)
    before = AT - timedelta(hours=1)
    with pytest.raises(Invalid):
        make_distribution(pool=pool, period=2, known_at=before, by=cast.portfolio_manager.pk, at=AT)
    with pytest.raises(Invalid):
        make_distribution(
            pool=pool, period=2, known_at=AT + timedelta(days=1), by=cast.analyst.pk, at=AT
        )
    with pytest.raises(NotFound):
        correct(cast, pool, AT, period=7)


def test_a_trigger_of_another_room_accelerates_the_deal(cast, pool, monkeypatch):
    monkeypatch.setattr(hooks, "_sources", [])
    hooks.status_source(lambda asked, day: Status.ACCELERATED if day > date(2026, 5, 1) else None)
    first, second = (result_of(make(cast, pool)) for _ in range(2))
    assert first.standing.status is Status.AMORTISING
    assert second.standing.status is Status.ACCELERATED
    assert "turbo-senior" in {one.step for one in second.lines}


def test_a_fault_between_the_steps_leaves_nothing(cast, pool, monkeypatch):
    before = ledger.entries().count()

    def fail(*args, **kwargs):
        raise RuntimeError("pulled the plug")

    monkeypatch.setattr(UnitPayment.objects, "bulk_create", fail)
    with pytest.raises(RuntimeError):
        make(cast, pool)
    assert (Distribution.objects.count(), ledger.entries().count()) == (0, before)


def test_periods_are_months_from_the_day_after_the_cut_off(pool):
    pool.cut_off = date(2026, 1, 30)
    assert period_of(pool, 1) == (date(2026, 1, 31), date(2026, 2, 28))
    assert period_of(pool, 2) == (date(2026, 2, 28), date(2026, 3, 31))
