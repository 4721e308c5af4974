"""The home page says what waits for whom."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.utils import timezone
from django_tenants.utils import tenant_context

from monitoring.models import Alert
from monitoring.services.alerts import acknowledge_rows


def raise_alerts(cast, count):
    with tenant_context(cast.trust):
        for number in range(count):
            Alert.objects.create(
                code="vehicle_left_region",
                severity="warning",
                subject_kind="asset",
                subject_id=uuid4(),
                at=datetime(2026, 7, 1, number, tzinfo=UTC),
            )


def home(client_of, person, tenant, language="en"):
    return client_of(person, tenant, language=language).get("/").content.decode()


def test_who_may_act_is_told_and_others_are_not(cast, client_of):
    raise_alerts(cast, 2)
    assert "2 alerts to acknowledge" in home(client_of, cast.portfolio_manager, cast.trust)
    assert "Nothing waits for you." in home(client_of, cast.analyst, cast.trust)


@pytest.mark.parametrize(
    ("language", "said"), [("en", "1 alert to acknowledge"), ("zh-hans", "1 条预警待确认")]
)
def test_one_reads_as_one_in_both_languages(cast, client_of, language, said):
    raise_alerts(cast, 1)
    assert said in home(client_of, cast.portfolio_manager, cast.trust, language)


def test_what_is_done_waits_no_longer(cast, client_of):
    raise_alerts(cast, 1)
    with tenant_context(cast.trust):
        acknowledge_rows(
            alert_ids=[Alert.objects.get().pk], by=cast.portfolio_manager.pk, at=timezone.now()
        )
    assert "Nothing waits for you." in home(client_of, cast.portfolio_manager, cast.trust)
