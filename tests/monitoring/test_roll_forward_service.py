"""The roll-forward in the database: positions, figures, entries, alerts, triggers."""

from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest

from ledger import selectors as ledger
from monitoring.models import Alert, AssetPerformance, PoolSnapshot, ProblemAsset, TriggerEvent
from monitoring.performance.triggers import Comparison, Measure, Threshold, TriggerTerms
from monitoring.selectors.dashboard import latest_snapshot, live_figures
from monitoring.services.roll_forward import roll_forward
from monitoring.services.triggers import set_triggers
from tests.monitoring.books import RENT, a_lease, book_of

POOL = UUID(int=7)


def _roll(book, day):
    return roll_forward(
        book=book, as_of=day, at=datetime(day.year, day.month, day.day, 20, tzinfo=UTC)
    )


@pytest.fixture
def leases(cast, enter):
    enter(cast.trust)
    ids = [cast.anda.pk, cast.anda.pk, cast.xingyu.pk]
    pools = [POOL, POOL, None]
    return [
        a_lease(lessor_id=lessor, pool_id=pool, number=n)
        for n, (lessor, pool) in enumerate(zip(ids, pools, strict=True), start=1)
    ]


def test_a_first_look_tells_no_news(leases):
    rolled = _roll(book_of(leases, [2, 0, 2]), date(2026, 2, 20))
    assert rolled.missed == 1  # it is late …
    assert Alert.objects.count() == 0  # … but has been for long
    assert ledger.entries(kind="asset.delinquent").count() == 0
    late = AssetPerformance.objects.get(days_past_due__gt=0)
    assert (late.contract, late.days_past_due, late.arrears_minor) == ("AD-2", 36, 2 * RENT)


def test_a_missed_payment_is_an_entry_and_an_alert(leases):
    _roll(book_of(leases, [2, 2, 2]), date(2026, 3, 15))
    rolled = _roll(book_of(leases, [3, 2, 3]), date(2026, 3, 16))
    assert (rolled.missed, rolled.worse, rolled.defaulted, rolled.cured) == (1, 0, 0, 0)
    alert = Alert.objects.get()
    assert (alert.code, str(alert.subject_id)) == ("payment_missed", leases[1]["lease_rid"])
    fields = ledger.payload(alert.ledger_index)
    assert fields["turned"] == "payment_missed"
    assert fields["arrears_minor"] == str(RENT)
    assert fields["pool"] == str(POOL)


def test_rolling_twice_to_the_same_day_tells_it_once(leases):
    _roll(book_of(leases, [2, 2, 2]), date(2026, 3, 15))
    for _ in range(2):
        _roll(book_of(leases, [3, 2, 3]), date(2026, 3, 16))
    assert Alert.objects.count() == 1
    assert ledger.entries(kind="asset.delinquent").count() == 1
    assert PoolSnapshot.objects.filter(as_of=date(2026, 3, 16)).count() == 4


def test_figures_of_portfolio_lessors_and_pools_add_up(leases):
    _roll(book_of(leases, [2, 0, 2]), date(2026, 3, 10))
    whole = latest_snapshot()
    pool = latest_snapshot("pool", POOL)
    assert whole.assets == 3 and pool.assets == 2
    assert sum(whole.bucket_balances_minor) == whole.balance_minor
    assert whole.balance_minor == sum(
        snapshot.balance_minor for snapshot in PoolSnapshot.objects.filter(scope="lessor")
    )
    late = AssetPerformance.objects.get(contract="AD-2").balance_minor
    assert pool.delinquency_30 == round(Decimal(late) / pool.balance_minor, 8)
    assert live_figures()["late"] == 1


def test_a_default_sticks_and_a_delta_roll_equals_a_full_one(leases):
    book = book_of(leases, [6, 0, 6])
    _roll(book, date(2026, 4, 10))
    rolled = _roll(book, date(2026, 4, 16))
    assert rolled.defaulted == 1
    assert Alert.objects.get(code="asset_defaulted").severity == "danger"
    cured = book_of(leases[1:2], [6])
    delta = _roll(cured, date(2026, 4, 20))
    assert (delta.derived, delta.cured) == (1, 1)
    row = AssetPerformance.objects.get(contract="AD-2")
    assert (row.days_past_due, row.defaulted_on) == (0, date(2026, 4, 16))
    by_delta = latest_snapshot()
    figures = (by_delta.balance_minor, by_delta.cumulative_default_rate, by_delta.bucket_counts)
    _roll(book_of(leases, [6, 6, 6]), date(2026, 4, 20))
    full = latest_snapshot()
    assert figures == (full.balance_minor, full.cumulative_default_rate, full.bucket_counts)
    assert full.cumulative_default_rate > 0


def test_problems_are_found_once(leases):
    book = book_of(leases, [6, 1, 6])
    for day in (date(2026, 4, 1), date(2026, 4, 17), date(2026, 4, 18), date(2026, 5, 20)):
        _roll(book, day)
    problem = ProblemAsset.objects.get()
    assert (str(problem.lease_rid), problem.cause) == (leases[1]["lease_rid"], "delinquent")


def test_a_trigger_fires_once_and_is_cured(leases):
    set_triggers(
        pool_id=POOL,
        triggers=[
            TriggerTerms(
                "late", Measure.DELINQUENCY_30, Comparison.ABOVE,
                (Threshold(date(2026, 1, 1), Decimal("0.20")),),
            )
        ],
    )  # fmt: skip
    behind = book_of(leases, [6, 1, 6])
    fired = [_roll(behind, date(2026, 3, day)).triggers for day in (17, 18, 19, 20)]
    assert [len(events) for events in fired] == [0, 1, 0, 0]
    event = fired[1][0]
    assert ledger.payload(event.ledger_index)["figure"] == str(event.figure)
    assert Alert.objects.get(code="trigger_fired").pool_id == POOL
    cured = _roll(book_of(leases, [6, 6, 6]), date(2026, 3, 21)).triggers
    assert [event.fired for event in cured] == [False]
    assert TriggerEvent.objects.count() == 2


def test_many_at_once_make_one_alert(cast, enter):
    enter(cast.trust)
    leases = [a_lease(lessor_id=cast.anda.pk, number=n) for n in range(14)]
    _roll(book_of(leases, [2] * 14), date(2026, 3, 15))
    _roll(book_of(leases, [2] * 14), date(2026, 3, 16))
    alert = Alert.objects.get()
    assert (alert.code, alert.params["count"]) == ("many_missed", 14)
    assert ledger.entries(kind="asset.delinquent").count() == 14


def test_nothing_of_a_failed_roll_stays(leases):
    _roll(book_of(leases, [2, 2, 2]), date(2026, 3, 15))
    book = book_of(leases, [3, 2, 3])
    broken = book.leases.with_columns(currency=book.leases["currency"] + "-too-long")
    with pytest.raises(Exception, match="too long"):
        _roll(type(book)(broken, book.events), date(2026, 3, 16))
    assert Alert.objects.count() == 0
    assert set(AssetPerformance.objects.values_list("as_of", flat=True)) == {date(2026, 3, 15)}
