"""The pages of the collections desk: what they show, what they take, what they refuse."""

from datetime import timedelta

import pytest

from origination.domain.collections.rules import BEIJING, DEFAULT_RULES
from origination.forms_collections import RulesForm
from origination.models import (
    CollectionCase,
    CollectionContact,
    CollectionRulesSet,
    Lease,
    PaymentPromise,
)
from tests.origination.books import load_book
from tests.origination.test_collections import NOW, TODAY, bounce, late_lease, queue
from tests.origination.test_statement_pages import Visitor


@pytest.fixture
def visit(cast, client_of, enter, monkeypatch):
    load_book(cast.anda, by=cast.back_office)
    monkeypatch.setattr("tenants.clock.now", lambda: NOW)
    monkeypatch.setattr("tenants.clock.today", lambda: NOW.date())
    enter(cast.anda)
    bounce(9, 3)
    return lambda person, **more: Visitor(client_of(person, cast.anda, **more), cast.anda)


def told(**more):
    local = NOW.astimezone(BEIJING).strftime("%Y-%m-%dT%H:%M")
    return {"channel": "call", "outcome": "reached", "at": local, "note": "", **more}


def test_a_call_with_a_promise_is_recorded_from_the_case(visit, cast):
    lease, officer = late_lease(), visit(cast.officer)
    page = officer.get("/collections/").content.decode()
    assert f"/collections/{lease.rid}/" in page and "/collections/assign/" not in page
    url = f"/collections/{lease.rid}/"
    assert officer.get(url).status_code == 200
    due = TODAY + timedelta(days=4)
    sent = told(outcome="promised", amount="120.50", due_on=str(due), note="说好周五付")
    assert officer.post(url, sent).url == url
    promise = PaymentPromise.objects.get()
    assert (promise.amount_minor, promise.due_on) == (12050, due)
    page = officer.get(url).content.decode()
    assert "说好周五付" in page and "Promise open" in page
    again = officer.post(url, sent)
    assert again.status_code == 409 and "is promised for" in again.content.decode()
    contact = CollectionContact.objects.get()
    assert contact.note in officer.get(f"{url}?corrects={contact.rid}").content.decode()
    better = told(outcome="promised", corrects=str(contact.rid), note="说好周四付")
    missing = officer.post(url, better)
    assert "How much is promised?" in missing.content.decode()
    assert officer.post(url, better | {"outcome": "reached"}).status_code == 302
    assert "corrected" in officer.get(url).content.decode()
    withdrawn = officer.post(f"/collections/promises/{promise.rid}/withdraw/", {"reason": "误录"})
    assert withdrawn.status_code == 302
    promise.refresh_from_db()
    assert promise.withdrawn_by == cast.officer.pk
    kept = officer.get("/collections/promises/").content.decode()
    assert "Li Na" in kept


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"outcome": "moved"}, "Select a valid choice"),
        ({"at": "soon"}, "Write day and time"),
        ({"at": "2030-01-01T10:00"}, "This has not happened yet."),
        ({"next_action_on": "2020-01-01"}, "The next action lies before the contact."),
        ({"note": "x" * 1001}, "at most 1000 characters"),
        ({"outcome": "promised", "amount": "0.001", "due_on": "2026-02-10"}, "amount"),
        ({"outcome": "promised", "amount": "9999999", "due_on": "2026-02-10"}, "will be owed"),
        ({"amount": "5", "due_on": "2026-02-10"}, "Only where the outcome is a promise."),
        ({"channel": "visit"}, "This field is required."),
        ({"corrects": "00000000-0000-0000-0000-000000000007"}, "There is no such contact"),
    ],
)
def test_a_wrong_contact_says_what_where_and_how_to_mend_it(visit, cast, change, words):
    answer = visit(cast.officer).post(f"/collections/{late_lease().rid}/", told(**change))
    assert answer.status_code == 422 and words in answer.content.decode()
    assert not CollectionContact.objects.exists() and not PaymentPromise.objects.exists()


def test_a_call_at_night_is_refused_and_recorded_as_a_breach_once_confirmed(visit, cast):
    lease, officer = late_lease(), visit(cast.officer)
    url, night = f"/collections/{lease.rid}/", told(at="2026-02-03T22:30")
    refused = officer.post(url, night)
    page = refused.content.decode()
    assert refused.status_code == 409 and "from 8:00 to 21:00" in page
    assert 'name="breaches"' in page and 'name="breaches"' not in officer.get(url).content.decode()
    assert officer.post(url, night | {"breaches": "on"}).status_code == 302
    assert "Outside the permitted hours" in officer.get(url).content.decode()
    bar = f"/collections/{lease.rid}/bar/"
    officer.post(bar, {"barred": "true", "reason": ""})
    assert not CollectionCase.objects.get().do_not_call
    officer.post(bar, {"barred": "true", "reason": "律师函"})
    page = officer.get(url).content.decode()
    assert "No calls and no messages" in page and "tel:" not in page
    assert officer.post(url, told()).status_code == 409
    assert officer.post(url, told(channel="visit", place="家")).status_code == 302


def test_leases_are_assigned_as_they_were_shown(visit, cast):
    manager, rows = visit(cast.manager), queue().rows[:3]
    people = f"people={cast.officer.pk}&people={cast.manager.pk}"
    ticked = "&".join(f"lease={row.rid}" for row in rows)
    preview = manager.get(f"/collections/assign/?{ticked}&{people}")
    plan = [f"{row.rid}:{to}" for row, to, _name in preview.context["plan"]]
    assert len(plan) == 3 and not CollectionCase.objects.filter(assigned_to__isnull=False).exists()
    assert len(manager.get("/collections/assign/?bucket=1-30").context["rows"]) == len(
        queue(bucket="1-30").rows
    )
    clash = manager.get(f"/collections/assign/?{ticked}&people=nobody&{people}")
    assert "cannot both have them" in clash.content.decode() and not clash.context["plan"]
    assert manager.post("/collections/assign/", {"plan": plan}).status_code == 302
    assert CollectionCase.objects.filter(assigned_to=cast.officer.pk).count() == 2
    mine = visit(cast.officer).get(f"/collections/?assigned={cast.officer.pk}")
    assert len(mine.context["rows"]) == 2
    for wrong in ([], [f"{rows[0].rid}:{cast.analyst.pk}"]):
        assert manager.post("/collections/assign/", {"plan": wrong}).status_code == 422
    assert manager.post("/collections/assign/", {"plan": ["x:y"]}).url == "/collections/"
    assert visit(cast.officer).get("/collections/assign/").status_code == 403


def test_rules_are_set_by_a_manager_and_every_fault_is_named(visit, cast):
    manager, form = visit(cast.manager), RulesForm.of(DEFAULT_RULES)
    wrong = manager.post("/collections/rules/", form | {"visit": 3, "calls_a_day": 0})
    page = wrong.content.decode()
    assert wrong.status_code == 422 and "not after 4" in page and "from 1 to 50" in page
    assert manager.post("/collections/rules/", form | {"grace_days": 5}).status_code == 302
    assert CollectionRulesSet.objects.get().rules["grace_days"] == 5
    assert visit(cast.officer).post("/collections/rules/", form).status_code == 403
    assert visit(cast.officer).get("/collections/rules/").status_code == 200


@pytest.mark.parametrize(
    "asked",
    [
        "page=9999",
        "page=x",
        "sort=x&bucket=x&promise=x&step=x&assigned=x&province=x",
        "q=%5C_",
        "q=%25",
    ],
)
def test_odd_addresses_of_the_queue_are_no_error(visit, cast, asked):
    answer = visit(cast.officer).get(f"/collections/?{asked}")
    assert answer.status_code in (200, 302)


def test_the_pages_are_there_in_chinese(visit, cast):
    manager, lease = visit(cast.manager, language="zh-hans"), late_lease()
    for url in ("", f"{lease.rid}/", "assign/", "rules/", "promises/"):
        page = manager.get(f"/collections/{url}").content.decode()
        assert "催收" in page
    assert Lease.objects.filter(rid=lease.rid).exists()


def test_the_queue_asks_as_much_for_one_lease_as_for_many(
    visit, cast, django_assert_max_num_queries
):
    officer = visit(cast.officer)
    officer.get("/collections/")
    with django_assert_max_num_queries(24):
        assert len(officer.get("/collections/").context["rows"]) > 5
