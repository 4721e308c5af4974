"""Rolling forward, against the scalar allocation of one lease at a time."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from monitoring.performance.figures import DefaultColumns
from monitoring.performance.roll_forward import NOTHING_OWED, stand, turns
from origination.domain.months import days_of
from origination.domain.schedule import LeaseTerms, Receivable, ResidualKind, level_rent, schedule
from origination.domain.schedule_columns import ReceivableColumns
from origination.domain.servicing.events import EventKind, PaymentEvent
from origination.domain.servicing.payment_columns import PaymentColumns
from origination.domain.servicing.replay import allocate_payments

FIRST = date(2025, 1, 15)
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def _lease(financed: int, term: int, residual: int) -> list[Receivable]:
    terms = LeaseTerms(
        financed_minor=financed,
        rent_minor=level_rent(
            financed_minor=financed,
            annual_nominal_rate=Decimal("0.09"),
            term_months=term,
            residual_minor=residual,
        ),
        annual_nominal_rate=Decimal("0.09"),
        term_months=term,
        first_payment_on=FIRST,
        maturity_on=date(2026, 6, 15),
        residual_minor=residual,
        residual_kind=ResidualKind.UNGUARANTEED,
    )
    return schedule(terms)


def _paid(number: int, amount: int, day: int) -> PaymentEvent:
    at = datetime(2025, 1, 1, tzinfo=UTC) + timedelta(days=day)
    return PaymentEvent(f"B{number}", EventKind.RENT, amount, at, at)


leases = st.tuples(
    st.integers(100_000, 500_000),
    st.integers(6, 12),
    st.integers(0, 20_000),
    st.lists(st.tuples(st.integers(1, 90_000), st.integers(0, 330)), max_size=10),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(leases, min_size=1, max_size=5), st.integers(0, 360))
def test_standing_equals_the_scalar_allocation(rows: list, day: int) -> None:
    as_of = date(2025, 1, 1) + timedelta(days=day)
    schedules = [_lease(*row[:3]) for row in rows]
    events = [[_paid(k, *paid) for k, paid in enumerate(row[3])] for row in rows]
    now = stand(
        ReceivableColumns.of_schedules(schedules),
        PaymentColumns.of_events(events),
        as_of=as_of,
        known_at=NOW,
        defaults_before=DefaultColumns.none(len(rows)),
    )
    for i, (own, paid) in enumerate(zip(schedules, events, strict=True)):
        state = allocate_payments(own, paid, as_of=as_of, known_at=NOW).state
        assert now.days_past_due[i] == state.days_past_due
        assert now.arrears[i] == state.arrears_minor
        assert now.balance[i] == state.balance_minor
        assert now.defaults.is_default[i] == (state.days_past_due > 90)
        if state.days_past_due:
            assert now.oldest_unpaid[i] == days_of(as_of) - state.days_past_due


def test_a_missed_payment_turns_worse_defaults_and_cures() -> None:
    own = _lease(120_000, 12, 0)
    receivables = ReceivableColumns.of_schedules([own])
    paid = [_paid(1, own[0].amount_minor, 14)]
    bucket, defaults = np.zeros(1, np.int8), DefaultColumns.none(1)
    seen = {}
    for day in (45, 46, 76, 106, 136, 137):  # the second rental is due on day 45 (15 February)
        if day == 137:
            paid.append(_paid(2, 10 * own[0].amount_minor, 137))
        now = stand(
            receivables,
            PaymentColumns.of_events([paid]),
            as_of=date(2025, 1, 1) + timedelta(days=day),
            known_at=NOW,
            defaults_before=defaults,
        )
        turned = turns(bucket_before=bucket, defaulted_before=defaults.is_default, now=now)
        seen[day] = [
            name for name in ("missed", "worse", "defaulted", "cured") if getattr(turned, name).size
        ]
        bucket, defaults = now.bucket, now.defaults
    assert seen == {
        45: [], 46: ["missed"], 76: ["worse"], 106: ["worse"], 136: ["defaulted"], 137: ["cured"],
    }  # fmt: skip
    assert defaults.is_default[0]  # sticky


def test_a_lease_paid_in_full_owes_nothing() -> None:
    own = _lease(120_000, 6, 0)
    total = sum(row.amount_minor for row in own)
    now = stand(
        ReceivableColumns.of_schedules([own]),
        PaymentColumns.of_events([[_paid(1, total, 10)]]),
        as_of=date(2025, 12, 31),
        known_at=NOW,
        defaults_before=DefaultColumns.none(1),
    )
    assert (now.oldest_unpaid[0], now.balance[0], now.days_past_due[0]) == (NOTHING_OWED, 0, 0)
