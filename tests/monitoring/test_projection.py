"""What travels from a lessor's book to the trust's positions, through a real exchange."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import polars as pl
import pytest
from django.db.models import Sum
from django_tenants.utils import tenant_context

from ledger.exchange.registry import VerifiedBatch, project
from ledger.exchange.services import receive_parcels, send_parcels
from ledger.services import open_log
from monitoring.models import (
    Alert,
    AssetPerformance,
    PoolSnapshot,
    TelematicsDaily,
    TriggerRule,
    WatchedLease,
)
from monitoring.selectors.dashboard import pool_totals
from monitoring.selectors.telematics import vehicles_by_province
from monitoring.services.telematics import project_telematics
from monitoring.services.watching import roll_all_forward, watch_pool
from origination.models import Lease
from origination.services import grant_access, record_payment, reverse_payment
from origination.services.registers import record_telematics
from pools.models import Asset, AssetPayment
from tenants.problems import Refused
from tests.origination.books import AT, load_book
from tests.origination.records import lease_record

DAY = AT.date()


def _post(cast):
    with tenant_context(cast.anda):
        send_parcels(to_tenant=cast.trust, at=AT)
    with tenant_context(cast.trust):
        assert receive_parcels(from_tenant=cast.anda, at=AT).refusals == []


@pytest.fixture
def shared(cast):
    """Sixty leases with their bank lines, shared with the trust."""
    load_book(cast.anda, by=cast.back_office)
    with tenant_context(cast.trust):
        open_log(at=AT)
    with tenant_context(cast.anda):
        grant_access(to_tenant=cast.trust, by=cast.manager.pk, at=AT)
    _post(cast)
    return cast


def _roll(cast, day, **more):
    with tenant_context(cast.trust):
        return roll_all_forward(as_of=day, at=AT + timedelta(days=(day - DAY).days), **more)


def _positions(cast):
    columns = ("days_past_due", "arrears_minor", "balance_minor", "defaulted_on", "bucket")
    with tenant_context(cast.trust):
        rows = AssetPerformance.objects.order_by("lease_rid")
        return {row["lease_rid"]: row for row in rows.values("lease_rid", *columns)}


def test_the_trust_derives_what_the_lessor_would(shared):
    """The lessor's own rows through the scalar allocation; the trust's through the exchange."""
    from origination.domain.schedule import schedule, terms_of
    from origination.domain.servicing.events import EventKind, PaymentEvent
    from origination.domain.servicing.replay import allocate_payments

    assert _roll(shared, DAY).derived == 60
    found = _positions(shared)
    with tenant_context(shared.anda):
        for lease in Lease.objects.all():
            own = [
                PaymentEvent(
                    line.bank_reference, EventKind(line.kind), line.amount_minor,
                    line.effective_at, line.known_at, line.reverses,
                )
                for line in lease.payments.all()
            ]  # fmt: skip
            receivables = schedule(terms_of(lease.record))
            state = allocate_payments(receivables, own, as_of=DAY, known_at=AT).state
            row = found[lease.rid]
            assert row["days_past_due"] == state.days_past_due
            assert row["arrears_minor"] == state.arrears_minor


def test_a_delta_roll_equals_a_full_one_day_after_day(shared):
    _roll(shared, DAY)
    for step in (1, 5, 20, 40):
        rolled = _roll(shared, DAY + timedelta(days=step))
        assert rolled.derived < 60
        by_delta = _positions(shared)
        with tenant_context(shared.trust):
            figures = PoolSnapshot.objects.filter(as_of=rolled.as_of).values_list(
                "scope", "balance_minor", "delinquency_30", "cumulative_default_rate"
            )
            before = sorted(figures)
        assert _roll(shared, DAY + timedelta(days=step), full=True).derived == 60
        assert _positions(shared) == by_delta
        with tenant_context(shared.trust):
            assert sorted(figures.all()) == before


def test_money_and_its_reversal_travel(shared):
    _roll(shared, DAY)
    with tenant_context(shared.trust):
        late = AssetPerformance.objects.filter(
            days_past_due__gt=0, defaulted_on=None, recovered_minor=0, balance_minor__gt=0
        ).first()
    arrears = late.arrears_minor
    with tenant_context(shared.anda):
        lease = Lease.objects.get(rid=late.lease_rid)
        record_payment(
            lease=lease, amount_minor=arrears, effective_on=DAY, bank_reference="X1", at=AT
        )
    _post(shared)
    assert _roll(shared, DAY).cured >= 1
    with tenant_context(shared.anda):
        reverse_payment(payment=lease.payments.get(bank_reference="X1"), at=AT)
    _post(shared)
    _roll(shared, DAY)
    with tenant_context(shared.trust):
        late.refresh_from_db()
        assert late.arrears_minor == arrears


def _lease(source, rid, **changes):
    terms = lease_record(
        financed_amount_minor="1200000", rent_minor="100000", annual_nominal_rate="0",
        term_months="12", first_payment_on="2026-01-15", maturity_on="2026-12-15",
        residual_minor="0", **changes,
    )  # fmt: skip
    project(VerifiedBatch(source, "lease.recorded", AT, [2], [rid], ["t"], [terms]))


def _lines(source, rid, index=3, reference="B1"):
    items = {
        "lease_rid": [rid], "kind": ["rent"], "amount_minor": ["100000"], "currency": ["CNY"],
        "bank_reference": [reference], "effective_at": ["2026-01-15T00:00:00.000000Z"],
        "known_at": ["2026-01-15T00:00:00.000000Z"],
    }  # fmt: skip
    project(VerifiedBatch(source, "payments.batch", AT, [index], [str(uuid4())], ["t"], [], items))


def test_a_line_that_arrives_twice_counts_once(cast, enter):
    enter(cast.trust)
    rid = str(uuid4())
    _lease(cast.anda.pk, rid)
    for index in (3, 4):
        _lines(cast.anda.pk, rid, index)
    assert AssetPayment.objects.count() == 1
    at = datetime(2026, 3, 1, tzinfo=UTC)
    roll_all_forward(as_of=date(2026, 3, 1), at=at)
    assert AssetPerformance.objects.get().arrears_minor == 100_000
    assert roll_all_forward(as_of=date(2026, 2, 1), at=at).derived == 0  # nothing due, none touched
    _lines(cast.anda.pk, rid, 5, reference="B2")
    assert roll_all_forward(as_of=date(2026, 2, 1), at=at).derived == 1  # touched


def test_a_lessor_has_no_say_on_the_leases_of_another(cast, enter):
    enter(cast.trust)
    rid = str(uuid4())
    _lease(cast.anda.pk, rid)
    _lease(cast.xingyu.pk, rid, contract_number="stolen")
    _lines(cast.xingyu.pk, rid)
    assert AssetPayment.objects.count() == 0
    roll_all_forward(as_of=date(2026, 3, 1), at=datetime(2026, 3, 1, tzinfo=UTC))
    position = AssetPerformance.objects.get()
    assert (position.lessor_id, position.arrears_minor) == (cast.anda.pk, 200_000)
    assert position.contract != "stolen"


def test_a_pool_is_watched_with_its_triggers(shared, enter):
    enter(shared.trust)
    rids = list(WatchedLease.objects.values_list("lease_rid", flat=True)[:20])
    terms = {"closed_on": DAY, "closing_minor": 400_000_000}
    pool = watch_pool(pool_id=uuid4(), name="Huaxin 1", lease_rids=rids, **terms)
    at_closing = {"pool_id": pool.pk, "assets": 20, "balance": 400_000_000, "late": 0}
    assert pool_totals() == [at_closing]
    roll_all_forward(as_of=DAY, at=AT)
    snapshot = PoolSnapshot.objects.get(scope="pool")
    assert snapshot.scope_id == pool.pk
    assert (
        sum(snapshot.bucket_counts)
        == AssetPerformance.objects.filter(pool_id=pool.pk, balance_minor__gt=0).count()
    )
    assert TriggerRule.objects.filter(pool_id=pool.pk).count() == 4
    with pytest.raises(Refused, match="another pool"):
        watch_pool(pool_id=uuid4(), name="Huaxin 2", lease_rids=rids[:1], **terms)
    with pytest.raises(Refused, match="never shared"):
        watch_pool(pool_id=pool.pk, name="Huaxin 1", lease_rids=[uuid4()], **terms)


def test_defaults_are_held_against_what_was_lent_and_in_a_pool_against_its_closing(shared, enter):
    enter(shared.trust)
    rids = list(WatchedLease.objects.values_list("lease_rid", flat=True))
    closing = 123_456_789
    watch_pool(pool_id=uuid4(), name="All", lease_rids=rids, closed_on=DAY, closing_minor=closing)
    later = DAY + timedelta(days=400)
    roll_all_forward(as_of=later, at=AT + timedelta(days=400))
    sums = AssetPerformance.objects.aggregate(Sum("default_balance_minor"))
    defaulted = sums["default_balance_minor__sum"]
    lent = Asset.objects.aggregate(Sum("financed_amount_minor"))["financed_amount_minor__sum"]
    rates = dict(PoolSnapshot.objects.values_list("scope", "cumulative_default_rate"))
    assert defaulted > 0
    assert rates["portfolio"] == (Decimal(defaulted) / lent).quantize(Decimal("1e-8"))
    assert rates["pool"] == (Decimal(defaulted) / closing).quantize(Decimal("1e-8"))


def test_vehicle_days_travel_and_warn(shared):
    with tenant_context(shared.anda):
        rids = [str(rid) for rid in Lease.objects.values_list("rid", flat=True)[:3]]
        record_telematics(
            items=pl.DataFrame(
                {
                    "kind": ["daily"] * 3, "lease_rid": rids, "day": [DAY.isoformat()] * 3,
                    "kilometres": ["12.5", "0", "300"], "trips": ["2", "0", "5"],
                    "last_seen_at": [""] * 3, "province": ["44", "44", "31"],
                    "alarms": ["", "power_cut", ""],
                }
            ),
            at=AT,
        )  # fmt: skip
    _post(shared)
    with tenant_context(shared.trust):
        assert TelematicsDaily.objects.count() == 3
        assert vehicles_by_province() == {"44": 2, "31": 1}
        alert = Alert.objects.get()
        assert (alert.code, alert.subject_id) == ("vehicle_power_cut", UUID(rids[1]))


def test_a_later_batch_corrects_a_vehicle_day_and_an_earlier_one_does_not(cast, enter):
    enter(cast.trust)
    rid = str(uuid4())
    _lease(cast.anda.pk, rid)

    def batch(index, kilometres, by=cast.anda.pk):
        items = {
            "kind": ["daily"], "lease_rid": [rid], "day": ["2026-01-01"], "province": ["44"],
            "kilometres": [kilometres],
        }  # fmt: skip
        known = datetime(2026, 1, 2, tzinfo=UTC)
        return VerifiedBatch(by, "telematics.batch", known, [index], ["r"], ["t"], [], items)

    for index, kilometres in ((5, "10"), (7, "12"), (6, "99")):
        project_telematics(batch(index, kilometres))
    assert [row.kilometres for row in TelematicsDaily.objects.all()] == [12]
    project_telematics(
        batch(900, "9999", by=cast.tenants.xingyu.pk)
    )  # another lessor, of Anda's lease
    assert [row.kilometres for row in TelematicsDaily.objects.all()] == [12]
    assert project_telematics(batch(1, "7", by=cast.tenants.xingyu.pk)) is None
    (day,) = TelematicsDaily.objects.all()
    assert day.lessor_id == cast.anda.pk
