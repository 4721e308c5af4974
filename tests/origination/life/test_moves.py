"""Moves of recorded leases: what the services, the database, the pages and the API hold to."""

import itertools
import threading
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django_tenants.utils import tenant_context

from ledger.selectors import entries, payload
from origination.domain.life.history import Step, replayed
from origination.domain.life.machine import Move, State, edges
from origination.models import Lease, LifeStep
from origination.problems import MovedMeanwhile, MoveInvalid, NoSuchMove
from origination.selectors.leases import find_leases, position_of
from origination.selectors.life import history_of, standing_of, state_of, write_offs_asked
from origination.selectors.servicing import replay_of
from origination.services import move_lease, record_payment, reverse_payment
from tenants.registry import states_of
from tests.origination.books import load_book
from tests.origination.test_statement_pages import office, visitor  # noqa: F401 (fixtures)
from tests.origination.test_statements import NOW

TODAY = NOW.date()


@pytest.fixture
def book(cast, enter):
    load_book(cast.anda, by=cast.back_office)
    enter(cast.anda)
    return cast


def leases_by(claim=None, late=None):
    """Leases that owe something or nothing, and are past due or not, as of today."""
    for lease in Lease.objects.order_by("contract_number"):
        found = standing_of(lease, on=TODAY, known_at=NOW)
        if claim is not None and (found.claim_minor > 0) is not claim:
            continue
        if late is None or (found.days_past_due > 0) is late:
            yield lease


def make(lease, move, by, on=TODAY, at=NOW, **given):
    return move_lease(rid=lease.rid, move=move, on=on, given=given, by=by.pk, at=at)


def codes(problem) -> dict[str, str]:
    return {error.field: error.code for error in problem.value.errors}


def test_a_vehicle_is_repossessed_and_handed_back_and_the_history_is_on_the_ledger(book):
    lease = next(leases_by(late=True))
    made = make(lease, Move.REPOSSESS, book.back_office, place="Foshan", reason="no answer")
    entry = entries(kind="lease.moved").get()
    owed = standing_of(lease, on=TODAY, known_at=NOW)
    assert (entry.rid, made.entry_index) == (lease.rid, entry.index)
    assert payload(entry.index) == {
        "move": "repossess", "number": "1", "state_from": "active", "state": "repossessed",
        "on": TODAY.isoformat(), "place": "Foshan", "reason": "no answer",
        "claim_minor": str(owed.claim_minor), "days_past_due": str(owed.days_past_due),
        "currency": "CNY", "moved_by": str(book.back_office.pk),
    }  # fmt: skip
    with pytest.raises(MoveInvalid) as refused:
        make(lease, Move.HAND_BACK, book.back_office, place="Foshan")
    assert codes(refused) == {"move": "in_arrears"}
    record_payment(
        lease=lease, amount_minor=owed.arrears_minor, effective_on=TODAY, bank_reference="P", at=NOW
    )
    later = NOW + timedelta(minutes=1)
    make(lease, Move.HAND_BACK, book.back_office, at=later, place="Foshan")
    assert state_of(lease.rid) is State.ACTIVE
    steps = LifeStep.objects.filter(rid=lease.rid)
    assert replayed(
        Step(s.number, Move(s.move), State(s.state_from), State(s.state), s.on) for s in steps
    ) is State.ACTIVE  # fmt: skip
    assert [row.move for row in history_of(lease)] == [Move.HAND_BACK, Move.REPOSSESS, None]


def test_a_settlement_ends_a_lease_and_its_reversal_lets_it_run_again(book):
    lease = next(leases_by(claim=True, late=False))
    with pytest.raises(MoveInvalid) as refused:
        make(lease, Move.SETTLE, book.back_office)
    assert codes(refused) == {"move": "not_settled"}
    day = TODAY - timedelta(days=2)
    total = replay_of(lease, as_of=day, known_at=NOW).payoff().total_minor
    record_payment(
        lease=lease, amount_minor=total, effective_on=day, bank_reference="S", at=NOW,
        kind="settlement",
    )  # fmt: skip
    with pytest.raises(MoveInvalid) as refused:
        make(lease, Move.SETTLE, book.back_office)
    assert codes(refused) == {"on": "other_settlement_day"}
    make(lease, Move.SETTLE, book.back_office, on=day)
    with pytest.raises(MoveInvalid) as refused:
        make(lease, Move.REINSTATE, book.back_office, reason="returned")
    assert codes(refused) == {"move": "still_settled"}
    later = NOW + timedelta(hours=1)
    reverse_payment(payment=lease.payments.get(bank_reference="S"), at=later)
    make(lease, Move.REINSTATE, book.back_office, at=later, reason="returned")
    assert state_of(lease.rid) is State.ACTIVE
    assert position_of(lease, as_of=TODAY, known_at=later).allocation.state.settled_on is None


def test_a_lease_is_written_off_to_the_cent_and_closed_which_frees_the_vehicle(book):
    lease = next(leases_by(late=True))
    owed = standing_of(lease, on=TODAY, known_at=NOW).claim_minor
    with pytest.raises(MoveInvalid) as refused:
        make(lease, Move.CLOSE, book.manager, vehicle="sold")
    assert codes(refused) == {"move": "still_owed"}
    asked = make(lease, Move.ASK_WRITE_OFF, book.back_office, reason="insolvent")
    assert (asked.state, asked.facts["claim_minor"]) == ("active", str(owed))
    later = NOW + timedelta(minutes=1)
    step = make(lease, Move.WRITE_OFF, book.manager, at=later)
    assert step.facts["claim_minor"] == str(owed)
    said = payload(step.entry_index)
    assert (said["asked_by"], said["moved_by"]) == (str(book.back_office.pk), str(book.manager.pk))
    make(lease, Move.CLOSE, book.manager, at=NOW + timedelta(minutes=2), vehicle="sold")
    lease.refresh_from_db()
    assert lease.ended_on == TODAY
    assert states_of(claim_ids=[lease.rid], right="receivables") == {lease.rid: "released"}
    [withdrawn] = entries(kind="claim.withdrawn")
    assert withdrawn.index < LifeStep.objects.get(move="close").entry_index
    for move in (Move.CLOSE, Move.TURN_IN, Move.SETTLE):
        with pytest.raises(NoSuchMove):
            make(lease, move, book.manager, vehicle="sold")


def test_a_write_off_takes_two_and_nothing_comes_between_them(book):
    lease = next(leases_by(late=True))
    desk, manager = book.back_office, book.manager
    minutes = itertools.count()

    def then(move, by, **given):
        at = NOW + timedelta(minutes=next(minutes))
        return make(lease, move, by, at=at, **given)

    def refused(move, by, **given):
        with pytest.raises(MoveInvalid) as problem:
            then(move, by, **given)
        return codes(problem)

    assert refused(Move.WRITE_OFF, manager) == {"move": "not_asked"}
    assert refused(Move.DROP_WRITE_OFF, desk, reason="x") == {"move": "not_asked"}
    then(Move.ASK_WRITE_OFF, manager, reason="insolvent")
    assert refused(Move.ASK_WRITE_OFF, desk, reason="again") == {"move": "asked_already"}
    assert refused(Move.WRITE_OFF, manager) == {"move": "four_eyes"}
    then(Move.DROP_WRITE_OFF, manager, reason="a new address")
    assert refused(Move.WRITE_OFF, manager) == {"move": "not_asked"}
    then(Move.ASK_WRITE_OFF, desk, reason="insolvent")
    then(Move.REPOSSESS, desk, place="Foshan", reason="found")
    assert refused(Move.WRITE_OFF, manager) == {"move": "not_asked"}
    then(Move.ASK_WRITE_OFF, desk, reason="insolvent")
    assert state_of(lease.rid) is State.REPOSSESSED
    assert [step.lease for step in write_offs_asked()] == [lease]
    then(Move.WRITE_OFF, manager)
    assert state_of(lease.rid) is State.WRITTEN_OFF
    assert not write_offs_asked().exists()


def test_the_database_knows_of_the_four_eyes_of_a_write_off(book):
    lease = next(leases_by(late=True))
    asked = insert(lease.rid, 1, None, "active", "ask_write_off", "active")
    asked.by = book.manager.pk
    asked.save()
    for previous, by in ((None, book.back_office.pk), (1, book.manager.pk)):
        with pytest.raises(ProgrammingError, match="four eyes"), transaction.atomic():
            step = insert(
                lease.rid, (previous or 0) + 1, previous, "active", "write_off", "written_off"
            )
            step.by = by
            step.save()
    step = insert(lease.rid, 2, 1, "active", "write_off", "written_off")
    step.by = book.back_office.pk
    step.save()


def test_a_write_off_is_asked_for_on_one_desk_and_decided_on_another(
    office,  # noqa: F811
    visitor,  # noqa: F811
    cast,
    monkeypatch,
):
    lease = next(leases_by(late=True))
    manager = visitor(cast.manager)
    form = {"on": TODAY.isoformat(), "seen": "0", "reason": "insolvent"}
    assert office.post(f"/leases/{lease.rid}/moves/ask_write_off/", form).status_code == 302
    shown = office.get(f"/leases/{lease.rid}/").context["moves"]
    assert Move.DROP_WRITE_OFF in shown and not {Move.WRITE_OFF, Move.ASK_WRITE_OFF} & {*shown}
    desk = manager.get("/applications/")
    [row] = desk.context["write_offs"]
    assert (row["lease"], row["reason"], row["by"]) == (lease, "insolvent", "Wang Fang")
    url = f"/leases/{lease.rid}/moves/write_off/"
    assert manager.get(url).context["asked"].facts["reason"] == "insolvent"
    monkeypatch.setattr("tenants.clock.now", lambda: NOW + timedelta(minutes=1))
    assert manager.post(url, {"on": TODAY.isoformat(), "seen": "1"}).status_code == 302
    assert state_of(lease.rid) is State.WRITTEN_OFF
    assert manager.get("/applications/").context["write_offs"] == []


def test_every_wrong_field_is_named_and_nothing_is_written(book):
    lease = next(leases_by(claim=True, late=False))
    before = entries().count()
    given = {"odometer_km": "12 km", "condition": "fine", "colour": "red"}
    with pytest.raises(MoveInvalid) as refused:
        make(lease, Move.TURN_IN, book.back_office, **given)
    assert codes(refused) == {
        "place": "required", "odometer_km": "not_whole", "condition": "unknown_code",
        "colour": "unknown_field",
    }  # fmt: skip
    right = {"place": "Foshan", "odometer_km": "10", "condition": "good"}
    for day, code in (
        (TODAY + timedelta(days=1), "in_future"),
        (lease.originated_on - timedelta(days=1), "before_last_move"),
    ):
        with pytest.raises(MoveInvalid) as refused:
            make(lease, Move.TURN_IN, book.back_office, on=day, **right)
        assert codes(refused) == {"on": code}
    Lease.objects.filter(pk=lease.pk).update(record=lease.record | {"odometer_km": "11"})
    with pytest.raises(MoveInvalid) as refused:
        make(lease, Move.TURN_IN, book.back_office, **right)
    assert codes(refused) == {"odometer_km": "runs_back"}
    with pytest.raises(MoveInvalid) as refused:
        make(lease, Move.REPOSSESS, book.back_office, place="x", reason="y" * 201)
    assert codes(refused) == {"reason": "too_long", "move": "not_past_due"}
    assert (entries().count(), LifeStep.objects.count()) == (before, 0)


def insert(rid, number, previous, start, move, end, lease=True):
    return LifeStep(
        rid=rid, number=number, previous=previous, state_from=start, move=move, state=end,
        on=TODAY, lease_id=rid if lease else None, facts={}, by=rid, at=NOW, entry_index=0,
    )  # fmt: skip


def test_the_database_takes_the_machines_edges_and_nothing_else(book):
    every = [*itertools.product(State, Move, State)]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_get_expr(conbin, conrelid) FROM pg_constraint"
            " WHERE conname = 'life_step_is_an_edge' AND connamespace = %s::regnamespace",
            [connection.schema_name],
        )
        [(rule,)] = cursor.fetchall()
        cursor.execute(
            "SELECT state_from, move, state FROM unnest(%s::text[], %s::text[], %s::text[])"
            f" AS every (state_from, move, state) WHERE ({rule}) IS NOT FALSE",
            [[member.value for member in column] for column in zip(*every, strict=True)],
        )
        taken = set(cursor.fetchall())
    assert taken == {(start.value, move.value, end.value) for start, move, end in edges()}


@pytest.mark.parametrize(
    ("step", "constraint"),
    [
        ((2, 1, "repossessed", "hand_back", "active"), "life_step_starts_where_the_last_ended"),
        ((3, 2, "turned_in", "close", "closed"), "life_step_starts_where_the_last_ended"),
        ((2, None, "turned_in", "close", "closed"), "life_step_follows"),
        ((1, None, "active", "close", "closed"), "life_step_once"),
    ],
)
def test_a_step_follows_the_one_before_it(book, step, constraint):
    rid = Lease.objects.values_list("rid", flat=True).first()
    insert(rid, 1, None, "active", "turn_in", "turned_in").save()
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        insert(rid, *step).save()
    with pytest.raises(IntegrityError, match="life_step_of_a_lease"), transaction.atomic():
        insert(rid, 2, 1, "turned_in", "close", "closed", lease=False).save()
    for statement in (
        "UPDATE origination_lifestep SET state = 'active'",
        "DELETE FROM origination_lifestep",
        "TRUNCATE origination_lifestep",
    ):
        with pytest.raises(ProgrammingError), transaction.atomic():
            connection.cursor().execute(statement)
    LifeStep.objects.update(facts={"reason": ""})
    assert LifeStep.objects.get(rid=rid, number=1).state == "turned_in"


def test_of_two_moves_at_once_one_is_made(committed_cast):
    cast = committed_cast
    load_book(cast.anda, by=cast.back_office)
    with tenant_context(cast.anda):
        lease = next(leases_by(late=True))
    barrier, results = threading.Barrier(2), []
    asked = (
        (Move.REPOSSESS, {"place": "Foshan", "reason": "late"}),
        (Move.ASK_WRITE_OFF, {"reason": "gone"}),
    )

    def run(move, given):
        try:
            with tenant_context(cast.anda):
                barrier.wait()
                results.append(
                    move_lease(
                        rid=lease.rid, move=move, on=TODAY, given=given, by=cast.manager.pk,
                        at=NOW, seen=0,
                    ).move
                )  # fmt: skip
        except MovedMeanwhile as problem:
            results.append(problem.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in asked]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results, key=lambda x: x == "moved_meanwhile")[1] == "moved_meanwhile"
    with tenant_context(cast.anda):
        assert LifeStep.objects.count() == entries(kind="lease.moved").count() == 1


def test_the_pages_show_the_life_and_make_a_move(office, visitor, cast):  # noqa: F811
    lease = next(leases_by(late=True))
    page = office.get(f"/leases/{lease.rid}/")
    assert page.context["life"] is State.ACTIVE
    assert Move.WRITE_OFF not in page.context["moves"]  # a manager's
    url = f"/leases/{lease.rid}/moves/repossess/"
    assert office.get(url).status_code == 200
    bad = office.post(url, {"on": TODAY.isoformat(), "seen": "0", "place": "Foshan"})
    assert (bad.status_code, [*bad.context["form"].errors]) == (422, ["reason"])
    good = {"on": TODAY.isoformat(), "seen": "0", "place": "佛山", "reason": "失联"}
    assert office.post(url, good).status_code == 302
    again = office.post(url, good)
    assert again.status_code == 409
    chinese = visitor(cast.manager)
    text = office.get(f"/leases/{lease.rid}/").content.decode()
    step = LifeStep.objects.get()
    assert f"/ledger/entries/{step.entry_index}" in text or str(step.entry_index) in text
    assert "佛山" in text
    assert Move.ASK_WRITE_OFF in chinese.get(f"/leases/{lease.rid}/").context["moves"]
    assert office.get(f"/leases/{lease.rid}/moves/write_off/").status_code == 403
    assert office.get(f"/leases/{lease.rid}/moves/apply/").status_code == 404
    found = office.get("/leases/?life=repossessed").context["page_obj"].object_list
    assert [row.rid for row in found] == [lease.rid]
    assert find_leases(life="active").count() == Lease.objects.count() - 1


def test_the_lists_queries_do_not_grow_with_the_history(office):  # noqa: F811
    lease = next(leases_by(late=True))
    with CaptureQueriesContext(connection) as before:
        office.get(f"/leases/{lease.rid}/")
    for number in range(1, 4):
        previous = number - 1 or None
        insert(lease.rid, number, previous, "active", "extend", "active").save()
    with CaptureQueriesContext(connection) as after:
        office.get(f"/leases/{lease.rid}/")
    assert len(after) == len(before)


def test_the_api_tells_the_life_and_moves(cast, client_of, enter, monkeypatch):
    load_book(cast.anda, by=cast.back_office)
    monkeypatch.setattr("tenants.clock.now", lambda: NOW)
    with tenant_context(cast.anda):
        lease = next(leases_by(late=True))
    client = client_of(cast.back_office, cast.anda)
    url = f"/api/v1/leases/{lease.rid}"
    life = client.get(f"{url}/life/").json()
    assert (life["state"], life["number"]) == ("active", 0)
    body = {"move": "repossess", "on": TODAY.isoformat(), "seen": 0}
    wrong = client.post(f"{url}/moves/", body, content_type="application/json")
    assert (wrong.status_code, {e["field"] for e in wrong.json()["errors"]}) == (
        422,
        {"place", "reason"},
    )
    body["fields"] = {"place": "Foshan", "reason": "no answer"}
    made = client.post(
        f"{url}/moves/", body, content_type="application/json", HTTP_USER_AGENT="collector/2.1 x"
    )
    assert made.status_code == 201, made.content
    first = made.json()["history"][0]
    assert (first["move"], first["client"], first["by"]) == (
        "repossess",
        "collector/2.1",
        "Wang Fang",
    )
    body = {"move": "write_off", "on": date.today().isoformat(), "fields": {"reason": "x"}}
    refused = client.post(f"{url}/moves/", body, content_type="application/json")
    assert refused.status_code == 403
    officer = client_of(cast.officer, cast.anda)
    assert officer.post(f"{url}/moves/", body, content_type="application/json").status_code == 403
