"""A fired trigger reaches the waterfall, a cured one no longer does."""

from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from uuid import UUID

import pytest

from monitoring.models import TriggerEvent, TriggerRule
from monitoring.selectors.deal_status import status_from_triggers
from pools.distributions.hooks import status_on
from pools.structure.terms import Status
from tests.pools.distributions.bought import AT

POOL = SimpleNamespace(pk=UUID(int=5))


def fire(effects, *turns):
    rule = TriggerRule.objects.create(
        pool_id=POOL.pk, code="-".join(effects), measure="delinquency_30", comparison="above",
        thresholds=[["2026-01-01", "0.03"]], effects=effects,
    )  # fmt: skip
    for on, fired in turns:
        TriggerEvent.objects.create(
            rule=rule, on=on, fired=fired, figure=Decimal("0.04"), threshold=Decimal("0.03"),
            ledger_index=0, at=AT,
        )  # fmt: skip


@pytest.mark.parametrize(
    "effects, status",
    [
        (["alert"], None),
        (["alert", "stop_revolving"], Status.AMORTISING),
        (["alert", "turbo"], Status.ACCELERATED),
        (["accelerate", "stop_revolving"], Status.ACCELERATED),
    ],
)
def test_effects_become_the_status_of_the_deal(cast, enter, effects, status):
    enter(cast.tenants.trust)
    fire(effects, (date(2026, 5, 10), True))
    assert status_from_triggers(POOL, date(2026, 5, 10)) is None  # not before it fired
    assert status_from_triggers(POOL, date(2026, 6, 1)) is status
    assert status_on(POOL, date(2026, 6, 1), Status.AMORTISING) is (status or Status.AMORTISING)


def test_a_cured_trigger_says_nothing_any_more(cast, enter):
    enter(cast.tenants.trust)
    fire(["turbo"], (date(2026, 5, 10), True), (date(2026, 6, 10), False))
    assert status_from_triggers(POOL, date(2026, 6, 1)) is Status.ACCELERATED
    assert status_from_triggers(POOL, date(2026, 7, 1)) is None
