"""Alerts in rows: gravest first, filtered, acknowledged together, closed when their cause ends."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.utils import translation
from django_tenants.utils import tenant_context

from ledger.exchange.registry import VerifiedBatch
from monitoring.models import Alert, AssetPerformance, Severity
from monitoring.selectors.alerts import OUTSIDE, AlertFilter, open_counts, open_rows
from monitoring.services.alerts import acknowledge_matching, acknowledge_rows, raise_alert
from monitoring.services.telematics import project_telematics
from pools.projection.projectors import project_leases
from tenants.problems import Invalid, NotFound
from tests.monitoring.books import a_lease, book_of
from tests.monitoring.test_roll_forward_service import POOL, _roll
from tests.origination.records import lease_record

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
FACTS = {
    "contract": "AD-1", "days": 1, "arrears_minor": 412_350, "balance_minor": 9, "currency": "CNY",
    "day": "2026-03-01",
}  # fmt: skip


def _raise(code="payment_missed", severity=Severity.WARNING, lease=None, pool=None, at=AT):
    return raise_alert(
        code=code, severity=severity, subject_kind="asset", subject_id=lease or uuid4(),
        pool_id=pool, params=FACTS, at=at,
    )  # fmt: skip


@pytest.fixture
def trust(cast, enter):
    enter(cast.trust)
    return cast


def _codes(chosen=None):
    return [(row["code"], row["count"]) for row in open_rows(chosen)]


def test_the_gravest_come_first_and_what_repeats_is_one_row(trust):
    lease = uuid4()
    _raise("asset_defaulted", Severity.DANGER)
    for day in range(3):
        _raise(lease=lease, at=AT + timedelta(days=day))
    _raise("delinquency_worse", lease=lease)
    for _ in range(20):
        _raise("vehicle_power_cut", Severity.INFO)
    assert _codes() == [("asset_defaulted", 1), ("delinquency_worse", 1), ("payment_missed", 3)]
    assert _codes(AlertFilter(notices=True)) == [("vehicle_power_cut", 1)] * 20
    assert open_counts() == {"open_alerts": 3, "open_notices": 20}


def test_filters_narrow(trust):
    _raise(pool=POOL)
    _raise("asset_defaulted", Severity.DANGER)
    assert _codes(AlertFilter(pool=str(POOL))) == [("payment_missed", 1)]
    assert _codes(AlertFilter(pool=OUTSIDE)) == [("asset_defaulted", 1)]
    assert _codes(AlertFilter(severity="danger")) == [("asset_defaulted", 1)]
    assert _codes(AlertFilter(code="payment_missed", severity="danger")) == []


def _by(cast, **more):
    return {"by": cast.portfolio_manager.pk, "at": AT, "reason": "Seen in the meeting"} | more


def test_a_row_is_acknowledged_up_to_what_was_shown(trust):
    lease = uuid4()
    first, shown = _raise(lease=lease), _raise(lease=lease)
    other, later = _raise(), _raise(lease=lease)
    assert acknowledge_rows(alert_ids=[shown.pk], **_by(trust, reason="")) == (1, 2)
    states = {alert.pk: alert.state for alert in Alert.objects.all()}
    assert states == {
        first.pk: "acknowledged", shown.pk: "acknowledged", other.pk: "open", later.pk: "open",
    }  # fmt: skip


def test_picked_rows_need_a_reason_and_go_together(trust):
    shown = [_raise().pk for _ in range(3)]
    with pytest.raises(Invalid):
        acknowledge_rows(alert_ids=shown, **_by(trust, reason=" "))
    with pytest.raises(NotFound):
        acknowledge_rows(alert_ids=[*shown, shown[-1] + 1], **_by(trust))
    assert open_counts()["open_alerts"] == 3  # all or nothing
    assert acknowledge_rows(alert_ids=shown[:2], **_by(trust)) == (2, 2)
    done = Alert.objects.get(pk=shown[0])
    assert (done.reason, done.acknowledged_by, done.acknowledged_at) == (
        "Seen in the meeting", trust.portfolio_manager.pk, AT,
    )  # fmt: skip


def test_all_of_a_filter_takes_nothing_beyond_it_nor_what_came_later(trust):
    inside, outside = _raise(pool=POOL), _raise()
    notice, later = _raise("vehicle_power_cut", Severity.INFO, pool=POOL), _raise(pool=POOL)
    chosen = AlertFilter(pool=str(POOL))
    with pytest.raises(Invalid):
        acknowledge_matching(chosen=chosen, up_to=notice.pk, **_by(trust, reason=""))
    assert acknowledge_matching(chosen=chosen, up_to=notice.pk, **_by(trust)) == (1, 1)
    still = set(Alert.objects.filter(acknowledged_at=None).values_list("pk", flat=True))
    assert still == {outside.pk, notice.pk, later.pk} and inside.pk not in still


def test_a_cured_lease_closes_its_alert_and_a_graver_one_replaces_it(trust):
    leases = [a_lease(lessor_id=trust.anda.pk, pool_id=POOL, number=n) for n in (1, 2)]
    _roll(book_of(leases, [2, 2]), date(2026, 3, 15))
    _roll(book_of(leases, [2, 2]), date(2026, 3, 16))
    assert _codes() == [("payment_missed", 1)] * 2
    _roll(book_of(leases, [3, 2]), date(2026, 3, 20))
    cured = Alert.objects.get(subject_id=leases[0]["lease_rid"])
    assert (cured.ending, cured.ended_at.date()) == ("cured", date(2026, 3, 20))
    _roll(book_of(leases, [3, 2]), date(2026, 4, 15))
    assert ("delinquency_worse", 1) in _codes()
    missed = Alert.objects.get(subject_id=leases[1]["lease_rid"], code="payment_missed")
    assert missed.ending == "graver"


def test_one_alert_about_many_ends_with_the_last_of_them(trust):
    leases = [a_lease(lessor_id=trust.anda.pk, number=n) for n in range(14)]
    _roll(book_of(leases, [2] * 14), date(2026, 3, 15))
    _roll(book_of(leases, [2] * 14), date(2026, 3, 16))
    many = Alert.objects.get()
    assert (many.subject_id, len(many.leases)) == (trust.anda.pk, 14)
    _roll(book_of(leases, [3] * 13 + [2]), date(2026, 3, 17))
    assert Alert.objects.get().ended_at is None
    _roll(book_of(leases, [3] * 14), date(2026, 3, 18))
    assert Alert.objects.get().ending == "cured"


def _reported(cast, lease, day, alarms):
    rids, terms = [str(lease)], [lease_record()]
    project_leases(VerifiedBatch(cast.anda.pk, "lease.recorded", AT, [1], rids, ["t"], terms))
    items = {
        "kind": ["daily"], "lease_rid": [str(lease)], "day": [day], "kilometres": ["5"],
        "trips": ["1"], "last_seen_at": [""], "province": ["44"], "alarms": [alarms],
    }  # fmt: skip
    known = datetime.combine(date.fromisoformat(day), datetime.max.time(), UTC)
    index = date.fromisoformat(day).toordinal()
    batch = VerifiedBatch(cast.anda.pk, "telematics.batch", known, [index], ["r"], ["t"], [], items)
    project_telematics(batch)


def test_a_tracker_is_for_information_unless_its_lessee_is_late(trust):
    leases = [a_lease(lessor_id=trust.anda.pk, number=n) for n in (1, 2)]
    _roll(book_of(leases, [2, 1]), date(2026, 3, 10))
    late = AssetPerformance.objects.get(days_past_due__gt=0)
    for lease in leases:
        _reported(trust, UUID(lease["lease_rid"]), "2026-03-10", "power_cut")
    assert [row["subject_id"] for row in open_rows()] == [late.pk]
    assert open_counts() == {"open_alerts": 1, "open_notices": 1}


def test_a_tracker_that_reports_as_usual_closes_its_alarm(trust):
    lease = uuid4()
    _reported(trust, lease, "2026-03-10", "power_cut")
    _reported(trust, lease, "2026-03-11", "power_cut,left_region")
    _reported(trust, lease, "2026-03-09", "")  # of before: says nothing about now
    assert open_counts()["open_notices"] == 2
    _reported(trust, lease, "2026-03-12", "left_region")
    open_now = Alert.objects.filter(ended_at=None)
    assert set(open_now.values_list("code", flat=True)) == {"vehicle_left_region"}
    assert Alert.objects.exclude(ended_at=None).first().ending == "returned"


def test_the_page_acknowledges_what_is_picked_and_what_is_filtered(cast, client_of):
    manager = client_of(cast.portfolio_manager, cast.trust)
    with tenant_context(cast.trust):
        picked, kept, filtered = _raise(), _raise(), _raise("asset_defaulted", Severity.DANGER)
    url = "/watch/alerts/acknowledge/"

    def says(**data):
        return manager.post(url, data, follow=True).content.decode()

    assert "Nothing was picked" in says(act="picked", reason="x")
    assert "1 alert acknowledged." in says(act="picked", pick=[picked.pk], reason="Called")
    assert "acknowledged with a reason" in says(act="all", severity="danger", cursor=filtered.pk)
    assert "1 alert acknowledged." in says(
        act="all", severity="danger", cursor=filtered.pk, reason="Legal has it"
    )
    with tenant_context(cast.trust):
        assert list(Alert.objects.filter(acknowledged_at=None)) == [kept]
    done = manager.get("/watch/alerts/?state=done").content.decode()
    assert "Legal has it" in done and "Called" in done
    assert client_of(cast.analyst, cast.trust).post(url, {"act": "all"}).status_code == 403


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_notices_stand_apart_from_what_is_to_be_looked_at(language, cast, client_of):
    client = client_of(cast.analyst, cast.trust, language=language)
    with tenant_context(cast.trust):
        _raise("vehicle_power_cut", Severity.INFO)
    with translation.override(language):
        lists = [client.get(f"/watch/alerts/{tail}") for tail in ("", "?state=notices")]
    assert ["2026-03-01" in page.content.decode() for page in lists] == [False, True]
