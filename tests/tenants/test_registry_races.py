"""Many institutions race for vehicles with several identifiers: one wins, all losers hear the same.

Real connections, some of them SERIALIZABLE. What the database held at each moment is written down
by a watcher: the sealed identifiers are opened, so that nothing rests on the index alone.
"""

import json
import threading
import uuid
from collections import Counter
from datetime import UTC, datetime

import psycopg
import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from origination.contests.deciding import confirm_decision
from origination.contests.services import ask
from tenants.models import Contest, RightClaim
from tenants.registry import (
    ClaimRequest,
    RightUnavailable,
    claim_rights,
    holders_of,
    perfect_rights,
    release_rights,
    reserve_rights,
    retried,
    withdraw_claims,
)
from tenants.registry.sealing import open_identifier

NOW = datetime(2026, 1, 5, tzinfo=UTC)
KINDS = ("vin", "plate", "engine")
RIGHT = "receivables"
PROPERTY = settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def _together(works):
    """Each in a thread and connection of its own, all at once; what each answered."""
    barrier, answers = threading.Barrier(len(works)), [None] * len(works)

    def run(number, work):
        try:
            barrier.wait()
            answers[number] = work()
        except Exception as error:
            answers[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def _serializable():
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE")


def _told(refusal):
    """The refusal as it goes over the wire; nothing else of it may differ either."""
    fields = {k: v for k, v in vars(refusal).items() if k != "claim_ids"}
    return json.dumps(refusal.to_problem_details(), sort_keys=True), str(refusal), str(fields)


def _pledge(claim_id, holder):
    given = {"claim_ids": [claim_id], "right": RIGHT, "holder": holder.pk, "at": NOW}
    reserve_rights(**given)
    perfect_rights(**given, state="pledged")


def _uphold(identifier, contestant):
    """A contest that was opened, and two operators' yes to it, in the caller's transaction."""
    contest = Contest.objects.create(
        contestant=contestant, right=RIGHT, fingerprint=uuid.uuid4().bytes, sealed=b"",
        opened_by=uuid.uuid4(), opened_at=NOW, answer_by=NOW, proposed_state="upheld",
        proposed_reason="It was theirs.", proposed_by=uuid.uuid4(),
    )  # fmt: skip
    ask(contest, holders_of(identifier=identifier, right=RIGHT))
    confirm_decision(contest=contest, outcome="upheld", by=uuid.uuid4(), at=NOW)


def _holders(run):
    """By identifier, the claims that hold the right now; of this run's vehicles only."""
    rows = RightClaim.objects.filter(state__in=RightClaim.TAKEN, right=RIGHT)
    held: dict[str, set] = {}
    for claim_id, sealed in rows.values_list("claim_id", "sealed"):
        name = open_identifier(bytes(sealed), claim_id)
        if name.endswith(run.upper()):
            held.setdefault(name, set()).add(claim_id)
    return held


#: An institution's identifiers, in its own order: at least one of them is the VIN all share.
_OWN = st.lists(st.sampled_from(KINDS[1:]), max_size=2, unique=True).flatmap(
    lambda more: st.permutations(["vin", *more])
)


@PROPERTY
@given(racers=st.lists(st.tuples(_OWN, st.booleans(), st.booleans()), min_size=2, max_size=7))
def test_a_race_has_one_winner_and_all_losers_are_told_the_same(committed_cast, racers):
    """Each claims and pledges at once, or pledges what it had claimed before."""
    cast, run = committed_cast, uuid.uuid4().hex
    tenants = (cast.anda, cast.xingyu)

    def request(own):
        return ClaimRequest(uuid.uuid4(), [f"{name}:{run}" for name in own])

    asked = [request(own) for own, _before, _serial in racers]
    for number, (_own, before, _serial) in enumerate(racers):
        if before:
            claim_rights(claims=[asked[number]], by_tenant=tenants[number % 2].pk, at=NOW)

    def racer(number):
        @retried()
        @transaction.atomic
        def race():
            if racers[number][2]:
                _serializable()
            by = tenants[number % 2].pk
            [outcome] = claim_rights(claims=[asked[number]], by_tenant=by, at=NOW)
            if not outcome.accepted:
                raise RightUnavailable([outcome.claim_id])
            _pledge(outcome.claim_id, cast.trust)
            return "won"

        return race

    answers = _together([racer(number) for number in range(len(racers))])
    refusals = [answer for answer in answers if isinstance(answer, RightUnavailable)]
    assert (answers.count("won"), len(refusals)) == (1, len(racers) - 1), answers
    assert len({_told(refusal) for refusal in refusals}) <= 1
    winner = asked[answers.index("won")].claim_id
    assert {claim for claims in _holders(run).values() for claim in claims} == {winner}


_ACTS = st.sampled_from(["claim", "pledge", "reserve", "perfect", "release", "withdraw", "uphold"])


@PROPERTY
@given(
    plans=st.lists(
        st.lists(st.tuples(_ACTS, st.integers(0, 3)), min_size=4, max_size=12),
        min_size=3,
        max_size=6,
    )
)
def test_whatever_is_done_at_once_no_identifier_is_held_twice(committed_cast, plans):
    """Mixed acts over four vehicles that overlap by plate and engine; a watcher reads all along."""
    cast, run, stop, seen = committed_cast, uuid.uuid4().hex, threading.Event(), []
    vehicles = [[f"{kind}:{(n + k) % 4}:{run}" for k, kind in enumerate(KINDS)] for n in range(4)]
    tenants = (cast.anda, cast.xingyu)

    def plan(number):
        own: dict[int, uuid.UUID] = {}
        by, refused = tenants[number % 2].pk, []

        @retried()
        @transaction.atomic
        def act(what, vehicle):
            held = {"claim_ids": [own[vehicle]], "right": RIGHT, "holder": cast.trust.pk, "at": NOW}
            if what == "claim":
                request = ClaimRequest(own[vehicle], vehicles[vehicle][number % 2 :])
                [outcome] = claim_rights(claims=[request], by_tenant=by, at=NOW)
                if not outcome.accepted:
                    raise RightUnavailable([outcome.claim_id])
            elif what == "pledge":
                _pledge(own[vehicle], cast.trust)
            elif what == "reserve":
                reserve_rights(**held)
            elif what == "perfect":
                perfect_rights(**held, state="sold")
            elif what == "release":
                release_rights(**held)
            elif what == "uphold":
                _uphold(vehicles[vehicle][0], cast.tenants.auditor)
            else:
                withdraw_claims(claim_ids=[own[vehicle]], by_tenant=by, at=NOW)

        def run_plan():
            for what, vehicle in plans[number]:
                own.setdefault(vehicle, uuid.uuid4())
                try:
                    act(what, vehicle)
                except RightUnavailable as refusal:
                    refused.append(_told(refusal))
            return set(refused)

        return run_plan

    def watch():
        try:
            while not stop.is_set():
                seen.append(_holders(run))
        finally:
            connection.close()

    watcher = threading.Thread(target=watch)
    watcher.start()
    answers = _together([plan(number) for number in range(len(plans))])
    stop.set()
    watcher.join()
    assert [answer for answer in answers if not isinstance(answer, set)] == []
    assert len(set().union(*answers)) <= 1
    seen.append(_holders(run))
    assert [moment for moment in seen if any(len(ids) > 1 for ids in moment.values())] == []


@pytest.mark.parametrize(
    "error", [psycopg.errors.SerializationFailure, psycopg.errors.DeadlockDetected]
)
def test_a_transaction_that_cannot_be_serialised_is_tried_again_and_then_refused(
    committed_cast, error
):
    tried = Counter()

    def service(fails):
        @retried()
        @transaction.atomic
        def run():
            tried[fails] += 1
            if tried[fails] <= fails:
                raise error("another one was first")
            return "done"

        return run

    assert (service(2)(), tried[2]) == ("done", 3)
    with pytest.raises(RightUnavailable) as refusal:
        service(99)()
    assert (_told(refusal.value), tried[99]) == (_told(RightUnavailable()), 5)
    with pytest.raises(error), transaction.atomic():
        service(50)()  # the caller's transaction is lost: only the whole can be tried again
    assert tried[50] == 1


def test_a_real_deadlock_is_not_seen_by_anybody(committed_cast):
    """Two take the same two vehicles, one after the other, in opposite orders."""
    cast, run, gate = committed_cast, uuid.uuid4().hex, threading.Barrier(2)
    requests = [ClaimRequest(uuid.uuid4(), [f"vin:{n}:{run}"]) for n in range(2)]
    claim_rights(claims=requests, by_tenant=cast.anda.pk, at=NOW)
    attempts = Counter()

    def taker(number):
        @retried()
        @transaction.atomic
        def take():
            attempts[number] += 1
            for step, place in enumerate((number, 1 - number)):
                claim = requests[place].claim_id
                reserve_rights(claim_ids=[claim], right=RIGHT, holder=cast.trust.pk, at=NOW)
                if step == 0 and attempts[number] == 1:
                    gate.wait()
            return "won"

        return take

    answers = _together([taker(0), taker(1)])
    assert sorted(type(answer).__name__ for answer in answers) == ["RightUnavailable", "str"]
    assert sum(attempts.values()) == 3  # one of them was given up by the database once
