"""The approval desk: versions, four eyes, limits by role and day, and races."""

import itertools
import threading
import uuid
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import ProgrammingError, connection, transaction
from django.utils import timezone
from django_tenants.utils import tenant_context
from hypothesis import given
from hypothesis import strategies as st

from ledger import selectors as ledger
from ledger.selectors import entries, payload
from ledger.services import approve_key
from origination.domain.life.limits import DECIDING, Limits, in_force, most
from origination.domain.life.machine import Move, State
from origination.domain.schedule import level_rent
from origination.models import Application, ApprovalLimits, Lease, LifeStep
from origination.problems import (
    AboveLimit,
    FourEyes,
    LimitsInvalid,
    MovedMeanwhile,
    MoveInvalid,
    NoLimits,
    NoSuchMove,
)
from origination.selectors.life import history_of, state_of
from origination.services.desk import (
    Actor,
    draft_of,
    lease_rid_of,
    move_application,
    send_application,
)
from origination.services.limits import set_limits
from tenants.permissions import Role
from tenants.problems import Problem
from tests.mobile_api.phone import LEASE, Phone
from tests.origination.books import AT
from tests.origination.records import lease_record
from tests.origination.test_statement_pages import visitor  # noqa: F401 (fixture)

OFFICE, MANAGER = Role.LESSOR_BACK_OFFICE, Role.LESSOR_MANAGER
RECORD = lease_record(7, originated_on="2026-01-05", first_payment_on="2026-02-05",
                      maturity_on="2029-01-05")  # fmt: skip
HASH = "ab" * 32


@pytest.fixture
def desk(cast, enter):
    enter(cast.anda)
    set_limits(
        starts_on=AT.date(), up_to={OFFICE: 10_000_000, MANAGER: 50_000_000},
        by=cast.manager.pk, at=AT,
    )  # fmt: skip
    return cast


def actor(person, *roles):
    return Actor(person.pk, roles, "Firefox · Linux")


def send(person, record=RECORD, rid=None, at=AT, answer="", seen=None):
    rid, by = rid or uuid.uuid4(), actor(person)
    draft = draft_of(rid=rid, record=record, answer=answer, actor=by, at=at)
    return send_application(draft=draft, actor=by, at=at, seen=seen)


def move(version, which, who, at=AT, on=None, seen=None, **given):
    return move_application(
        rid=version.application_id, move=which, given=given, actor=who, at=at, on=on, seen=seen
    )


def test_an_application_becomes_a_lease_and_every_step_is_on_the_ledger(desk):
    officer, office = actor(desk.officer), actor(desk.back_office, OFFICE)
    first = send(desk.officer, RECORD | {"financed_amount_minor": "14900000"} | _rent(14_900_000))
    move(first, Move.ASK, office, question="Why no income?")
    later = AT + timedelta(hours=1)
    second = send(desk.officer, rid=first.application_id, at=later, answer="He is a farmer.")
    manager = actor(desk.manager, MANAGER)
    made = move(second, Move.APPROVE, manager, at=later)
    assert payload(made.entry_index) | {"lease_rid": ""} == {
        "move": "approve", "number": "4", "state_from": "application", "state": "approved",
        "on": "2026-01-05", "version": "2", "amount_minor": "15000000",
        "limit_minor": "50000000", "currency": "CNY",
        "limits_entry": str(ApprovalLimits.objects.get().entry_index),
        "moved_by": str(desk.manager.pk), "client": "Firefox · Linux", "lease_rid": "",
    }  # fmt: skip
    later += timedelta(minutes=1)
    move(second, Move.SIGN, office, at=later, on=later.date(), contract_sha256=HASH)
    assert not Lease.objects.exists()
    later += timedelta(minutes=1)
    move(second, Move.ACTIVATE, office, at=later)
    lease = Lease.objects.get()
    assert (lease.rid, lease.record) == (lease_rid_of(first.application_id), RECORD)
    assert state_of(lease.rid) is State.ACTIVE
    assert [row.move for row in history_of(lease)] == [
        Move.ACTIVATE, Move.SIGN, Move.APPROVE, Move.REVISE, Move.ASK, Move.APPLY,
    ]  # fmt: skip
    steps = LifeStep.objects.filter(rid=lease.rid)
    kinds = {entry.kind for entry in entries().filter(index__in=steps.values("entry_index"))}
    assert kinds == {"application.recorded", "application.moved"}
    assert entries(kind="lease.recorded").get().rid == lease.rid
    with pytest.raises(NoSuchMove):
        move(second, Move.WITHDRAW, officer, at=later, reason="x")


def _rent(financed):
    rent = level_rent(
        financed_minor=financed, annual_nominal_rate=Decimal("0.0895"),
        term_months=36, residual_minor=10_000,
    )  # fmt: skip
    return {"rent_minor": str(rent)}


def test_who_sent_any_version_approves_none_and_the_database_says_so_too(desk):
    first = send(desk.back_office)
    send(desk.officer, rid=first.application_id, at=AT + timedelta(minutes=1))
    for person in (desk.back_office, desk.officer):
        with pytest.raises(FourEyes):
            move(first, Move.APPROVE, actor(person, MANAGER), at=AT + timedelta(hours=1))
    with pytest.raises(ProgrammingError, match="four eyes"), transaction.atomic():
        LifeStep.objects.create(
            rid=first.application.lease_rid, number=3, previous=2, move="approve",
            state_from="application", state="approved", on=AT.date(), facts={},
            by=desk.officer.pk, at=AT, entry_index=0,
        )  # fmt: skip
    for statement in (
        "UPDATE origination_applicationversion SET sent_by = gen_random_uuid()",
        "DELETE FROM origination_applicationversion",
        "UPDATE origination_approvallimits SET up_to = '{}'",
    ):
        with pytest.raises(ProgrammingError, match="stays as it was"), transaction.atomic():
            connection.cursor().execute(statement)


def test_limits_go_by_role_amount_and_day_and_the_refusal_names_who_may(desk):
    version = send(desk.officer)
    with pytest.raises(AboveLimit) as refused:
        move(version, Move.APPROVE, actor(desk.back_office, OFFICE))
    assert refused.value.text("mend") == "Who may: Lessor manager."
    assert "CNY 150,000.00" in refused.value.text()
    tomorrow = AT + timedelta(days=1)
    set_limits(
        starts_on=tomorrow.date(), up_to={OFFICE: 15_000_000, MANAGER: 0}, by=desk.manager.pk,
        at=AT + timedelta(minutes=1),
    )  # fmt: skip
    with pytest.raises(AboveLimit):  # today the old ones are in force
        move(version, Move.APPROVE, actor(desk.back_office, OFFICE))
    with pytest.raises(AboveLimit):
        move(version, Move.APPROVE, actor(desk.manager, MANAGER), at=tomorrow)
    move(version, Move.APPROVE, actor(desk.back_office, OFFICE), at=tomorrow)
    with pytest.raises(LimitsInvalid) as refused:
        set_limits(
            starts_on=AT.date() - timedelta(days=1), up_to={OFFICE: -1, Role.AUDITOR: 5},
            by=desk.manager.pk, at=AT,
        )  # fmt: skip
    assert {error.field for error in refused.value.errors} == {
        "starts_on", "lessor_back_office", "auditor",
    }  # fmt: skip
    dollars = send(desk.officer, lease_record(8, currency="USD"), at=tomorrow)
    with pytest.raises(NoLimits):
        move(dollars, Move.APPROVE, actor(desk.manager, MANAGER), at=tomorrow)


days = st.integers(0, 9).map(lambda n: date(2026, 1, 1 + n))
limits = st.lists(
    st.tuples(days, st.dictionaries(st.sampled_from(DECIDING), st.integers(0, 99))), max_size=6
).map(lambda rows: [Limits(day, order, "CNY", up_to) for order, (day, up_to) in enumerate(rows)])


@given(limits, days, st.sets(st.sampled_from(Role)))
def test_of_the_limits_that_have_begun_the_last_one_governs(versions, day, roles):
    found = in_force(reversed(versions), day, "CNY")
    begun = sorted(
        (one for one in versions if one.starts_on <= day), key=lambda one: one.starts_on
    )  # stable
    assert found == (begun[-1] if begun else None)
    assert in_force(versions, day, "USD") is None
    if found:
        assert most(found, roles) == max([0, *(found.up_to.get(role, 0) for role in roles)])


def test_wrong_versions_and_moves_are_named_and_write_nothing(desk):
    before = entries().count()
    with pytest.raises(Problem) as refused:
        send(desk.officer, RECORD | {"vin": "NOT-A-VIN", "term_months": ""})
    assert {error.field for error in refused.value.errors} >= {"vin", "term_months"}
    assert (entries().count(), Application.objects.count()) == (before, 0)
    version = send(desk.officer)
    with pytest.raises(MoveInvalid) as refused:
        move(version, Move.ASK, actor(desk.manager, MANAGER), question="?" * 1001)
    assert {e.field: e.code for e in refused.value.errors} == {"question": "too_long"}
    with pytest.raises(NoSuchMove):
        move(version, Move.ACTIVATE, actor(desk.manager, MANAGER))
    move(version, Move.APPROVE, actor(desk.manager, MANAGER))
    with pytest.raises(MoveInvalid) as refused:
        move(version, Move.SIGN, actor(desk.manager), contract_sha256="x",
             on=AT.date() + timedelta(days=1))  # fmt: skip
    assert {e.field for e in refused.value.errors} == {"contract_sha256", "on"}
    with pytest.raises(NoSuchMove):  # what is approved is not changed any more
        send(desk.officer, rid=version.application_id, at=AT + timedelta(minutes=2))
    with pytest.raises(MovedMeanwhile):
        move(version, Move.SIGN, actor(desk.manager), contract_sha256=HASH, seen=1)


def test_of_two_decisions_at_once_one_is_taken(committed_cast):
    cast = committed_cast
    with tenant_context(cast.anda):
        set_limits(starts_on=AT.date(), up_to={MANAGER: 50_000_000, OFFICE: 50_000_000},
                   by=cast.manager.pk, at=AT)  # fmt: skip
        version = send(cast.officer)
    barrier, results = threading.Barrier(2), []

    def run(which, who, given):
        try:
            with tenant_context(cast.anda):
                barrier.wait()
                results.append(move(version, which, who, **given).move)
        except (MovedMeanwhile, NoSuchMove):
            results.append("refused")
        finally:
            connection.close()

    works = [
        (Move.APPROVE, actor(cast.manager, MANAGER), {}),
        (Move.DECLINE, actor(cast.back_office, OFFICE), {"reason": "no"}),
    ]
    threads = [threading.Thread(target=run, args=work) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results.count("refused") == 1
    with tenant_context(cast.anda):
        assert LifeStep.objects.count() == 2
        assert entries(kind="application.moved").count() == 1


def test_a_phones_application_is_signed_by_it_and_answered_with_the_next_version(
    cast, client_of, enter
):
    phone, officer = Phone(), client_of(cast.officer, cast.anda)
    asked = {"public_key": phone.public, "label": "Li Na's phone"}
    answer = officer.post("/api/v1/devices/", asked, content_type="application/json")
    assert answer.status_code == 201
    enter(cast.anda)
    approve_key(kid=phone.kid, by=cast.manager.pk, at=timezone.now())
    log_id, now = ledger.head().log_id, timezone.now()
    rid = uuid.uuid4()
    signed = {"log_id": log_id, "at": now, "rid": rid, "kind": "application.recorded"}
    body = phone.sign(LEASE, **signed)
    sent = [officer.post("/api/v1/applications/", body, content_type="application/json")
            for _ in range(2)]  # fmt: skip
    assert [one.status_code for one in sent] == [201, 200], sent[0].content
    enter(cast.anda)
    version = Application.objects.get().versions.get()
    move(version, Move.ASK, actor(cast.back_office), at=now, question="Which colour?")
    [row] = officer.get("/api/v1/applications/").json()
    assert (row["state"], row["question"]) == ("questioned", "Which colour?")
    enter(cast.anda)
    body = phone.sign(LEASE | {"answer": "Red"}, **signed | {"at": now + timedelta(seconds=1)})
    again = officer.post("/api/v1/applications/", body, content_type="application/json")
    assert again.status_code == 201, again.content
    enter(cast.anda)
    assert [one.answer for one in Application.objects.get().versions.all()] == ["", "Red"]
    assert entries(kind="application.recorded").last().kid == phone.kid


def test_the_pages_send_compare_decide_and_activate(desk, visitor, monkeypatch):  # noqa: F811
    ticks = itertools.count()
    monkeypatch.setattr("tenants.clock.now", lambda: AT + timedelta(seconds=next(ticks)))
    officer, office, manager = map(visitor, (desk.officer, desk.back_office, desk.manager))
    form = officer.get("/applications/new/").context["form"]
    shown = dict.fromkeys(form.fields, "") | {
        "seen": "0", "financed_amount_minor": "150000", "annual_nominal_rate": "8.95",
    }  # fmt: skip
    bad = officer.post("/applications/new/", shown)
    assert bad.status_code == 422
    assert "vin" in bad.context["form"].errors
    major = {name: str(int(text) / 100) for name, text in RECORD.items() if name.endswith("_minor")}
    good = shown | RECORD | major | {"annual_nominal_rate": "8.95"}
    answer = officer.post("/applications/new/", good)
    assert answer.status_code == 302, answer.context["form"].errors
    application = Application.objects.get()
    assert application.versions.get().record == RECORD
    page = f"/applications/{application.rid}/"
    assert office.post(f"{page}moves/approve/", {"seen": "1"}).status_code == 409  # above its limit
    assert office.post(f"{page}moves/ask/", {"seen": "1", "question": "Colour?"}).status_code == 302
    revised = good | {"seen": "2", "answer": "Red", "dealer_code": "D-9"}
    assert "Colour?" in officer.get(f"{page}version/").content.decode()
    assert officer.post(f"{page}version/", revised).status_code == 302
    differences = office.get(page).context["differences"]
    assert [(one.spec.name, one.after) for one in differences if one.changed] == [
        ("dealer_code", "D-9")
    ]
    assert officer.post(f"{page}moves/approve/", {"seen": "3"}).status_code == 403
    assert manager.post(f"{page}moves/approve/", {"seen": "3"}).status_code == 302
    file = SimpleUploadedFile("contract.pdf", b"%PDF-signed")
    signed = {"seen": "4", "on": "2026-01-05", "contract_sha256": file}
    assert office.post(f"{page}moves/sign/", signed).status_code == 302
    assert office.post(f"{page}moves/activate/", {"seen": "5"}).status_code == 302
    lease = Lease.objects.get()
    assert lease.record["dealer_code"] == "D-9"
    for path in (page, "/applications/?state=active", "/applications/limits/"):
        assert office.get(path).status_code == 200
    text = office.get(f"/leases/{lease.rid}/").content.decode()
    assert "Sent back with questions" in text
    assert manager.post(
        "/applications/limits/",
        {"starts_on": "2026-01-05", "lessor_back_office": "1.5", "lessor_manager": "2"},
    ).status_code == 302  # fmt: skip
    assert office.post("/applications/limits/", {}).status_code == 403
