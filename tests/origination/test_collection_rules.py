"""Promises against a naive reference, the ladder, the hours: the pure side of collecting."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from origination.domain.collections.contacts import (
    FAULTS,
    OUTCOMES,
    Channel,
    Contact,
    Outcome,
    read_contact,
)
from origination.domain.collections.ladder import Bucket, bucket_of, step_at, suggestion
from origination.domain.collections.performance import kept_by
from origination.domain.collections.promises import (
    PromiseStatus,
    PromiseToPay,
    open_promise,
    promise_states,
)
from origination.domain.collections.rules import (
    DEFAULT_RULES,
    Breach,
    CollectionRules,
    breaches,
    read_rules,
)
from origination.domain.servicing.events import EventKind, PaymentEvent
from origination.wording_collections import (
    BREACHES,
    BUCKETS,
    CHANNELS,
    ICONS,
    PROMISE_TONES,
    PROMISES,
)
from origination.wording_collections import (
    OUTCOMES as OUTCOME_WORDS,
)

START = date(2026, 1, 1)
LATE = datetime(2027, 1, 1, tzinfo=UTC)


def at(day: int, hour: int = 9) -> datetime:
    return datetime.combine(START + timedelta(days=day), time(hour), UTC)


def rent(reference: str, day: int, amount: int, *, known: int | None = None, kind=EventKind.RENT):
    known_at = at(day if known is None else known, 21)
    return PaymentEvent(reference, kind, amount, at(day, 0), known_at)


def reversal(of: str, day: int) -> PaymentEvent:
    return PaymentEvent(f"{of}-R", EventKind.REVERSAL, 1, at(day, 0), at(day, 21), of)


def promise(reference: str, made: int, due: int, amount: int, *, grace: int = 2, gone=None):
    due_on = START + timedelta(days=due)
    return PromiseToPay(
        reference, amount, due_on, grace, at(made), None if gone is None else at(gone)
    )


def told(promises, events, day: int, known_at=LATE):
    found = promise_states(promises, events, as_of=START + timedelta(days=day), known_at=known_at)
    return [(one.status, one.paid_minor) for one in found]


P = PromiseStatus


def test_a_promise_is_open_until_its_grace_is_over_then_kept_partly_kept_or_broken():
    one = [promise("a", 0, 10, 1000)]
    assert told(one, [], 12) == [(P.OPEN, 0)]
    assert told(one, [], 13) == [(P.BROKEN, 0)]
    assert told(one, [rent("1", 5, 400)], 12) == [(P.OPEN, 400)]
    assert told(one, [rent("1", 5, 400)], 13) == [(P.PARTLY_KEPT, 400)]
    assert told(one, [rent("1", 5, 400), rent("2", 12, 700)], 13) == [(P.KEPT, 1000)]
    assert told(one, [rent("1", 13, 1000)], 13) == [(P.BROKEN, 0)]  # a day after the grace
    assert told(one, [rent("1", 5, 1000, kind=EventKind.RECOVERY)], 13) == [(P.BROKEN, 0)]
    refunded = [rent("1", 5, 1000), rent("2", 6, 300, kind=EventKind.REFUND)]
    assert told(one, refunded, 13) == [(P.PARTLY_KEPT, 700)]
    assert told([promise("a", 0, 10, 1000, gone=3)], [], 13) == [(P.WITHDRAWN, 0)]


def test_back_dated_and_reversed_money_changes_what_became_of_a_promise():
    one, line = [promise("a", 0, 10, 1000)], rent("1", 9, 1000, known=40)
    assert told(one, [line], 20, known_at=at(39)) == [(P.BROKEN, 0)]
    assert told(one, [line], 20) == [(P.KEPT, 1000)]
    assert told(one, [line, reversal("1", 45)], 44) == [(P.KEPT, 1000)]
    assert told(one, [line, reversal("1", 45)], 45) == [(P.BROKEN, 0)]


def test_what_the_bank_said_before_the_promise_is_no_money_for_it():
    one = [promise("a", 3, 10, 1000)]
    before = PaymentEvent("1", EventKind.RENT, 1000, at(3, 0), at(3, 8))
    after = PaymentEvent("2", EventKind.RENT, 1000, at(3, 0), at(3, 10))
    assert told(one, [before], 12) == [(P.OPEN, 0)]
    assert told(one, [after], 12) == [(P.KEPT, 1000)]


def test_a_kept_promise_whose_money_bounces_does_not_open_again_beside_the_next():
    two = [promise("a", 0, 10, 1000), promise("b", 5, 15, 500)]
    paid = [rent("1", 3, 1000), rent("2", 8, 500)]
    assert told(two, paid, 9) == [(P.KEPT, 1000), (P.KEPT, 500)]
    assert told(two, [*paid, reversal("1", 9)], 9) == [(P.BROKEN, 0), (P.KEPT, 500)]
    assert told(two, [], 9) == [(P.BROKEN, 0), (P.OPEN, 0)]


_days = st.integers(0, 40)
_lines = st.lists(
    st.tuples(
        _days,
        st.integers(1, 900),
        st.integers(0, 30),
        st.sampled_from(
            [EventKind.RENT, EventKind.SETTLEMENT, EventKind.REFUND, EventKind.RECOVERY]
        ),
        st.one_of(st.none(), _days),
    ),
    max_size=8,
)
_promised = st.lists(
    st.tuples(_days, st.integers(0, 15), st.integers(1, 1500), st.integers(0, 4), st.booleans()),
    max_size=4,
)


def naive(promises, events, day: int):
    """Day by day: every movement of the bank goes to the one promise that runs then."""
    counts = [e for e in events if e.effective_on <= START + timedelta(days=day)]
    gone = {e.reverses for e in counts if e.kind is EventKind.REVERSAL}
    money = [e for e in counts if e.kind is not EventKind.REVERSAL and e.reference not in gone]
    money.sort(key=lambda e: (e.effective_at, e.known_at, e.reference))
    order = sorted(promises, key=lambda p: (p.made_at, p.reference))
    running = [p for p in order if p.withdrawn_at is None]
    paid = {p.reference: 0 for p in order}
    whole: set[str] = set()
    for event in money:
        moment = (event.effective_on, event.known_at)
        own = [
            p
            for p in running
            if p.made_at.date() < event.effective_on
            or (p.made_at.date() == event.effective_on and p.made_at < event.known_at)
        ]
        if not own or moment[0] > own[-1].due_on + timedelta(days=own[-1].grace_days):
            continue
        last = own[-1]
        sign = {EventKind.RENT: 1, EventKind.SETTLEMENT: 1, EventKind.REFUND: -1}
        paid[last.reference] += sign.get(event.kind, 0) * event.amount_minor
        enough = paid[last.reference] >= last.amount_minor
        (whole.add if enough else whole.discard)(last.reference)
    found = []
    for one in order:
        got = min(max(paid[one.reference], 0), one.amount_minor)
        over = START + timedelta(days=day) > one.due_on + timedelta(days=one.grace_days)
        if one.withdrawn_at is not None:
            found.append((P.WITHDRAWN, 0))
        elif one.reference in whole:
            found.append((P.KEPT, got))
        elif not over and one is running[-1]:
            found.append((P.OPEN, got))
        else:
            found.append((P.PARTLY_KEPT if got else P.BROKEN, got))
    return found


@given(_promised, _lines, _days, st.randoms())
def test_promises_are_as_a_naive_reference_says_in_any_order_of_arrival(drawn, lines, day, chance):
    promises = [
        promise(f"p{n}", made, made + due, amount, grace=grace, gone=made if gone else None)
        for n, (made, due, amount, grace, gone) in enumerate(drawn)
    ]
    events = []
    for n, (when, amount, later, kind, undone) in enumerate(lines):
        events.append(rent(f"e{n}", when, amount, known=when + later, kind=kind))
        if undone is not None:
            events.append(reversal(f"e{n}", undone))
    expected = naive(promises, events, day)
    assert told(promises, events, day) == expected
    chance.shuffle(promises)
    chance.shuffle(events)
    assert told(promises, events, day) == expected
    states = promise_states(promises, events, as_of=START + timedelta(days=day), known_at=LATE)
    assert sum(one.status is P.OPEN for one in states) <= 1
    running = open_promise(states)
    assert running is None or running.missing_minor > 0


def test_performance_counts_what_is_decided():
    states = promise_states(
        [promise("a", 0, 3, 100), promise("b", 10, 12, 300), promise("c", 30, 35, 50)],
        [rent("1", 2, 100), rent("2", 11, 150)],
        as_of=START + timedelta(days=31),
        known_at=LATE,
    )
    [kept] = kept_by(("Li Na", state) for state in states).values()
    assert (kept.made, kept.open, kept.kept, kept.partly_kept, kept.broken) == (3, 1, 1, 1, 0)
    assert (kept.kept_rate, kept.paid_rate) == (Decimal("0.5"), Decimal("0.625"))
    assert kept_by([("x", states[2])])["x"].kept_rate is None


def test_the_ladder_suggests_the_step_that_is_reached_until_it_or_a_later_one_was_taken():
    assert [bucket_of(n) for n in (0, 1, 30, 31, 90, 91)] == [
        None, Bucket.TO_30, Bucket.TO_30, Bucket.TO_60, Bucket.TO_90, Bucket.OVER_90,
    ]  # fmt: skip
    assert step_at(0, DEFAULT_RULES) is None
    assert suggestion(1, [], DEFAULT_RULES) is Channel.REMINDER
    assert suggestion(30, [Channel.CALL], DEFAULT_RULES) is Channel.VISIT
    assert suggestion(30, [Channel.NOTICE], DEFAULT_RULES) is None
    assert suggestion(400, [Channel.VISIT], DEFAULT_RULES) is Channel.HANDOVER


def contact(channel=Channel.CALL, hour=9, **more) -> Contact:
    return Contact(UUID(int=1), channel, OUTCOMES[channel][0], at(0, hour), **more)


@pytest.mark.parametrize(
    ("one", "barred", "calls", "expected"),
    [
        (contact(hour=0), False, [], []),  # 08:00 in Beijing
        (contact(hour=12), False, [], []),
        (contact(hour=13), False, [], [Breach.HOURS]),  # 21:00
        (contact(Channel.VISIT, hour=23), False, [], [Breach.HOURS]),
        (contact(Channel.NOTICE, hour=23), True, [], []),
        (contact(hour=23, inbound=True), True, [at(0)] * 9, []),
        (contact(), True, [], [Breach.DO_NOT_CALL]),
        (contact(Channel.VISIT), True, [], []),
        (contact(), False, [at(0), at(0, 1), at(0, 2)], [Breach.TOO_OFTEN]),
        (contact(), False, [at(0), at(0, 1), at(1)], []),
    ],
)
def test_hours_the_mark_and_the_number_of_calls_bind_what_the_lessor_begins(
    one, barred, calls, expected
):
    assert breaches(one, rules=DEFAULT_RULES, do_not_call=barred, calls=calls) == expected


def test_rules_are_read_as_a_whole_and_every_fault_is_named():
    assert read_rules(DEFAULT_RULES.as_json()) == (DEFAULT_RULES, [])
    wrong = CollectionRules(first_hour=9, last_hour=9).as_json()
    assert [(f.field, f.code) for f in read_rules(wrong)[1]] == [("last_hour", "not_later")]
    ladder = {**DEFAULT_RULES.as_json()["ladder"], "visit": 4, "call": 4}
    faults = read_rules(DEFAULT_RULES.as_json() | {"ladder": ladder})[1]
    assert [(f.field, f.code, f.low) for f in faults] == [("visit", "not_later", 4)]
    faults = read_rules({"ladder": {"call": True}, "grace_days": "2"})[1]
    assert {f.field for f in faults} == {
        *map(str, Channel), "grace_days", "first_hour", "last_hour", "calls_a_day",
    }  # fmt: skip


PROMISED = {"outcome": "promised", "promised_minor": "500", "promised_on": "2026-01-05"}


def test_a_contact_is_read_or_every_wrong_field_is_named():
    now = at(0, 12)
    good = {
        "lease_rid": str(UUID(int=1)),
        "channel": "visit",
        "outcome": "moved",
        "at": "2026-01-01T02:00:00.000000Z",
        "latitude": "31.2304",
        "longitude": "121.4737",
        "next_action_on": "2026-01-04",
    }
    found, faults = read_contact(good, now=now)
    assert faults == [] and found is not None
    assert (found.outcome, found.longitude) == (Outcome.MOVED, Decimal("121.4737"))
    wrong = {
        "lease_rid": "x", "channel": "call", "outcome": "moved", "at": "2026-01-02",
        "latitude": "NaN", "longitude": "", "note": "x" * 1001, "next_action_on": "soon",
        "corrects": "y", "odd": "z",
    }  # fmt: skip
    found, faults = read_contact(wrong, now=now)
    assert found is None
    assert [(f.field, f.code) for f in faults] == [
        ("odd", "unknown_field"), ("at", "not_instant"), ("latitude", "not_position"),
        ("lease_rid", "not_id"), ("outcome", "wrong_outcome"), ("note", "too_long"),
        ("next_action_on", "not_date"), ("corrects", "not_id"),
    ]  # fmt: skip
    for change, code in (
        ({"at": "2026-01-01T13:00:00.000000Z"}, "in_the_future"),
        ({"at": "2025-11-01T13:00:00.000000Z"}, "too_old"),
        ({"latitude": "", "longitude": ""}, "place_missing"),
        ({"latitude": "91"}, "not_position"),
        ({"latitude": "NaN"}, "not_position"),
        ({"latitude": "1E+999999"}, "not_position"),
        ({"next_action_on": "2025-12-31"}, "action_past"),
        ({"next_action_on": "2028-12-31"}, "action_far"),
        ({"channel": ""}, "unknown_channel"),
        ({"promised_minor": "5"}, "promise_half"),
        ({"promised_minor": "5", "promised_on": "2026-01-05"}, "promise_half"),
        (PROMISED | {"promised_minor": "5.0"}, "not_amount"),
        (PROMISED | {"promised_on": "soon"}, "not_date"),
    ):
        codes = [f.code for f in read_contact(good | change, now=now)[1]]
        assert code in codes and set(codes) <= set(FAULTS)


def test_every_code_has_its_words():
    assert set(CHANNELS) == set(ICONS) == set(Channel) == set(OUTCOMES)
    assert set(OUTCOME_WORDS) == set(Outcome) == {one for row in OUTCOMES.values() for one in row}
    assert set(PROMISES) == set(PROMISE_TONES) == set(PromiseStatus)
    assert (set(BREACHES), set(BUCKETS)) == (set(Breach), set(Bucket))
