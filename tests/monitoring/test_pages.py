"""Monitoring pages: figures in both languages, acting on alerts and problems, constant queries."""

from datetime import UTC, date, datetime
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django_tenants.utils import tenant_context

from monitoring.models import Alert, AssetPerformance, ProblemAsset, TelematicsDaily
from monitoring.selectors.alerts import newest_alert_id
from monitoring.services.alerts import raise_alert
from monitoring.services.roll_forward import roll_forward
from monitoring.services.triggers import default_triggers, set_triggers
from tests.monitoring.books import a_lease, book_of
from tests.monitoring.test_roll_forward_service import POOL


def _watch(cast, paid):
    """A portfolio with one lease a number in `paid`, rolled over five weeks."""
    with tenant_context(cast.trust):
        leases = [a_lease(lessor_id=cast.anda.pk, pool_id=POOL, number=n) for n in range(len(paid))]
        set_triggers(pool_id=POOL, triggers=default_triggers(closed_on=date(2026, 1, 20)))
        book = book_of(leases, paid)
        for day in (date(2026, 2, 20), date(2026, 3, 1), date(2026, 3, 25), date(2026, 4, 25)):
            at = datetime(day.year, day.month, day.day, 20, tzinfo=UTC)
            roll_forward(book=book, as_of=day, at=at)
        return leases


PAGES = ["/watch/", "/watch/alerts/", "/watch/alerts/?state=done",
         "/watch/assets/", "/watch/problems/",
         f"/watch/pools/{POOL}/"]  # fmt: skip


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_pages_open_with_and_without_data(language, cast, client_of):
    client = client_of(cast.analyst, cast.trust, language=language)
    opened = {page: client.get(page).status_code for page in PAGES}
    assert opened == dict.fromkeys(PAGES, 200)
    _watch(cast, [4, 2, 1, 0])
    for page in PAGES:
        body = client.get(page).content.decode()
        assert "AD-" in body or "¥" in body, page
        assert ("逾期" in body) == (language == "zh-hans"), page


def test_the_asset_page_tells_its_story(cast, client_of):
    leases = _watch(cast, [4, 2])
    with tenant_context(cast.trust):
        TelematicsDaily.objects.create(
            lease_rid=leases[1]["lease_rid"], lessor_id=cast.anda.pk, day=date(2026, 4, 1),
            kilometres="81.5", province="44", known_at=datetime(2026, 4, 2, tzinfo=UTC),
            ledger_index=3,
        )  # fmt: skip
    client = client_of(cast.analyst, cast.trust)
    body = client.get(f"/watch/assets/{leases[1]['lease_rid']}/").content.decode()
    assert "AD-1" in body and "A payment was missed" in body and "81.5" in body
    assert client.get(f"/watch/assets/{POOL}/").status_code == 404


def test_a_portfolio_manager_acknowledges_and_an_analyst_may_not(cast, client_of):
    _watch(cast, [4, 2])
    with tenant_context(cast.trust):
        alert = Alert.objects.filter(ended_at=None).first()
    url = f"/watch/alerts/{alert.pk}/acknowledge/"
    assert client_of(cast.analyst, cast.trust).post(url).status_code == 403
    assert client_of(cast.portfolio_manager, cast.trust).post(url).status_code == 302
    with tenant_context(cast.trust):
        alert.refresh_from_db()
    assert alert.acknowledged_by == cast.portfolio_manager.pk


def test_what_was_acknowledged_is_told_in_rows_and_alerts(cast, client_of):
    lease = uuid4()
    with tenant_context(cast.trust):
        for _ in range(3):
            raise_alert(
                code="vehicle_silent", severity="warning", subject_kind="asset", subject_id=lease,
                params={"contract": "AD-1", "day": "2026-03-01"},
                at=datetime(2026, 3, 2, tzinfo=UTC),
            )  # fmt: skip
        newest = newest_alert_id()
    manager = client_of(cast.portfolio_manager, cast.trust)
    sent = {"act": "all", "cursor": newest, "reason": "Seen in the meeting"}
    told = manager.post("/watch/alerts/acknowledge/", sent, follow=True).content.decode()
    assert "1 row: 3 alerts acknowledged." in told


def test_a_remedy_needs_two_people(cast, client_of):
    _watch(cast, [4, 1])
    manager = client_of(cast.portfolio_manager, cast.trust)

    def problem():
        with tenant_context(cast.trust):
            return ProblemAsset.objects.get()

    url = f"/watch/problems/{problem().pk}/"

    def says(**data):
        return manager.post(url, data, follow=True).content.decode()

    assert "Nothing has been proposed yet" in says(act="close")
    assert "is no remedy" in says(act="propose", remedy="burn")
    assert "Proposed." in says(act="propose", remedy="repurchase", note="Breach")
    assert "You proposed this remedy yourself" in says(act="close")
    assert (problem().remedy, problem().done_at) == ("repurchase", None)
    with tenant_context(cast.trust):
        ProblemAsset.objects.update(proposed_by=cast.analyst.pk)
    assert "Closed." in says(act="close")
    assert problem().state == "done"


def test_queries_do_not_grow_with_the_rows(cast, client_of):
    client = client_of(cast.analyst, cast.trust)

    def queries(page):
        client.get(page)
        with CaptureQueriesContext(connection) as captured:
            client.get(page)
        return len(captured)

    _watch(cast, [4, 1])
    few = {page: queries(page) for page in PAGES}
    with tenant_context(cast.trust):
        for model in (AssetPerformance, ProblemAsset, Alert):
            assert model.objects.exists()
    _watch(cast, [1, 1, 1, 1])
    assert {page: queries(page) for page in PAGES} == few


def test_a_lessor_has_no_page_of_this_room(cast, client_of):
    """Its own figures stand in its book."""
    assert client_of(cast.manager, cast.anda).get("/watch/").status_code == 404
