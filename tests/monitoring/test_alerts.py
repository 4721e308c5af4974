"""Alerts: raised once, in order, in the reader's language, and acknowledged by somebody."""

import threading
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.utils import translation
from django_tenants.utils import tenant_context

from monitoring.models import Alert, Severity
from monitoring.selectors.alerts import alert_as_message, alerts_after, newest_alert_id
from monitoring.services.alerts import acknowledge_rows, raise_alert
from monitoring.texts import TEXTS, describe
from tenants.problems import NotFound

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
MISSED = {"contract": "AD-1", "days": 1, "arrears_minor": 412_350, "currency": "CNY"}


def _raise(**more):
    given = {"code": "payment_missed", "severity": Severity.WARNING, "params": MISSED, "at": AT}
    return raise_alert(**given | {"subject_kind": "asset", "subject_id": uuid4()} | more)


def test_an_alert_reads_in_both_languages(cast, enter):
    enter(cast.trust)
    alert = _raise()
    assert alert_as_message(alert)["body"] == "AD-1, days past due 1: ¥4,123.50 is overdue."
    with translation.override("zh-hans"):
        assert "AD-1" in alert_as_message(alert)["body"]


@pytest.mark.parametrize("code", TEXTS)
def test_every_text_can_be_filled(code):
    params = {
        "contract": "A", "days": 3, "arrears_minor": 5, "balance_minor": 6, "count": 7,
        "pool": "P", "measure": "delinquency_30", "figure_rate": "0.02", "threshold_rate": "0.01",
        "day": "2026-03-02", "due_minor": 8,
    }  # fmt: skip
    for language in ("en", "zh-hans"):
        with translation.override(language):
            title, body = describe(code, params)
            assert title and "%(" not in body


def test_counts_are_told_in_full():
    params = {"day": "2026-03-02", "days": 3, "count": 2810, "due_minor": 8}
    assert "2,810 rents" in describe("collections_stopped", params)[1]


def test_a_code_without_text_or_params_is_refused_before_anything_is_written(cast, enter):
    enter(cast.trust)
    with pytest.raises(KeyError):
        _raise(code="unheard_of")
    with pytest.raises(KeyError):
        _raise(params={"contract": "AD-1"})
    assert Alert.objects.count() == 0


def test_the_cursor_gives_what_came_after(cast, enter):
    enter(cast.trust)
    first, second, third = _raise(), _raise(), _raise()
    assert [alert.pk for alert in alerts_after(first.pk)] == [second.pk, third.pk]
    assert newest_alert_id() == third.pk
    assert alerts_after(third.pk) == []


def test_the_first_acknowledgement_stands(cast, enter):
    enter(cast.trust)
    alert = _raise()
    acknowledge_rows(alert_ids=[alert.pk], by=cast.portfolio_manager.pk, at=AT)
    acknowledge_rows(alert_ids=[alert.pk], by=cast.analyst.pk, at=datetime(2027, 1, 1, tzinfo=UTC))
    alert.refresh_from_db()
    assert (alert.acknowledged_by, alert.acknowledged_at) == (cast.portfolio_manager.pk, AT)
    assert alert.state == "acknowledged"
    with pytest.raises(NotFound):
        acknowledge_rows(alert_ids=[alert.pk + 1], by=cast.analyst.pk, at=AT)


def test_alerts_stay_in_their_tenant(cast):
    with tenant_context(cast.trust):
        _raise()
    with tenant_context(cast.anda):
        assert Alert.objects.count() == 0


@pytest.fixture
def unblocked(django_db_blocker):
    with django_db_blocker.unblock():
        yield


def test_a_later_id_is_never_visible_before_an_earlier_one(committed_cast, unblocked):
    """Two writers: the second may draw its id only after the first has committed."""
    tenant, drawn, release = committed_cast.trust, threading.Event(), threading.Event()
    ids = {}

    def slow():
        with tenant_context(tenant), transaction.atomic():
            ids["first"] = _raise().pk
            drawn.set()
            release.wait(30)
        connection.close()

    def quick():
        drawn.wait(30)
        with tenant_context(tenant):
            ids["second"] = _raise().pk
        connection.close()

    threads = [threading.Thread(target=slow), threading.Thread(target=quick)]
    for thread in threads:
        thread.start()
    drawn.wait(30)
    threads[1].join(0.3)
    assert threads[1].is_alive()  # it waits for the first
    release.set()
    for thread in threads:
        thread.join(30)
    assert ids["first"] < ids["second"]
