"""The collections desk: its queue, contacts, promises, assignments, rules, and their races."""

import threading
from datetime import timedelta

import polars as pl
import pytest
from django.db import connection
from django_tenants.utils import tenant_context

from ledger.exchange.erasing import erase_record
from ledger.models import Entry
from ledger.selectors import batch_items, payload
from origination.domain.collections.contacts import instant_text
from origination.domain.collections.promises import PromiseStatus
from origination.domain.collections.rules import CollectionRules
from origination.models import (
    CollectionCase,
    CollectionContact,
    CollectionRulesSet,
    Lease,
    LifeStep,
    PaymentPromise,
)
from origination.problems import (
    AssignmentInvalid,
    ContactInvalid,
    ContactNotPermitted,
    PromiseInvalid,
    PromiseOpen,
)
from origination.selectors.book import owed_by_lease
from origination.selectors.collections.case import case_of
from origination.selectors.collections.facts import states_of_promises
from origination.selectors.collections.people import performance
from origination.selectors.collections.queue import SORTS, Wanted, find_queue
from origination.services import record_payment, record_payments, reverse_payment
from origination.services.collections import (
    Assignment,
    assign_leases,
    bar_calls,
    contact_draft,
    make_promise,
    record_contact,
    set_collection_rules,
    withdraw_promise,
)
from origination.services.sharing import entitlement_by_grant, grant_access
from tests.origination.books import AT, load_book

NOW = AT + timedelta(days=30)
TODAY = NOW.date()


def queue(**wanted):
    return find_queue(Wanted(**wanted), as_of=TODAY, known_at=NOW)


def late_lease(place: int = 0) -> Lease:
    return Lease.objects.get(rid=queue(sort="owed").rows[place].rid)


def call(lease, cast, *, at=NOW, confirmed=(), promised=None, **more):
    fields = {"lease_rid": str(lease.rid), "at": instant_text(at), "channel": "call"}
    fields |= {"outcome": "reached"} | more
    if promised:
        fields |= {"promised_minor": str(promised[0]), "promised_on": promised[1].isoformat()}
    draft = contact_draft(fields=fields, by=cast.officer.pk, at=NOW)
    record_contact(draft=draft, by=cast.officer.pk, at=NOW, confirmed=confirmed)
    return CollectionContact.objects.get(rid=draft.rid)


def status(lease, *, day=TODAY, known_at=NOW):
    found = states_of_promises(as_of=day, known_at=known_at, leases=[lease.pk])
    return [state.status for _row, state in found[lease.pk]]


def bounce(leases: int, lines: int) -> None:
    """The last lines of the newest leases bounce, so that these are overdue."""
    events = []
    for lease in Lease.objects.order_by("-originated_on", "contract_number")[:leases]:
        rents = lease.payments.filter(kind="rent", known_at__lt=NOW - timedelta(days=1))
        for line in rents.order_by("-effective_at")[:lines]:
            events.append(
                {
                    "lease_rid": str(lease.rid),
                    "kind": "reversal",
                    "amount_minor": line.amount_minor,
                    "currency": lease.currency,
                    "bank_reference": f"{line.bank_reference}-R",
                    "reverses": line.bank_reference,
                    "effective_at": line.effective_at,
                    "known_at": NOW - timedelta(days=1),
                }
            )
    record_payments(events=pl.DataFrame(events), at=NOW - timedelta(days=1))


@pytest.fixture
def desk(cast, enter):
    load_book(cast.anda, by=cast.back_office)
    enter(cast.anda)
    bounce(9, 3)
    return cast


def test_the_queue_says_what_the_replay_says_in_every_order_and_filter(desk):
    owed = owed_by_lease(as_of=TODAY, known_at=NOW)
    found = queue()
    assert len(found.rows) == found.count == sum(found.buckets.values()) > 3
    assert {row.rid: row.owed_minor for row in found.rows} == {
        row.rid: owed[row.rid][0] for row in found.rows
    }
    for row in found.rows[:3]:
        state = case_of(Lease.objects.get(rid=row.rid), as_of=TODAY, known_at=NOW).state
        assert (row.days, row.arrears_minor) == (state.days_past_due, state.arrears_minor)
    amounts = [row.owed_minor for row in queue(sort="owed").rows]
    assert amounts == sorted(amounts, reverse=True)
    for sort in SORTS:
        assert {row.rid for row in queue(sort=sort).rows} == {row.rid for row in found.rows}
    for bucket, count in found.buckets.items():
        assert queue(bucket=bucket.value).count == count
    one = found.rows[0]
    assert [row.rid for row in queue(q=one.contract_number[2:]).rows] == [one.rid]
    assert queue(q="%").count == 0
    assert {row.province for row in queue(province=one.province).rows} == {one.province}
    assert queue(assigned="nobody").count == found.count
    assert queue(promise="none").count == found.count
    assert queue(step="handover").count <= queue(bucket="61-90").count + queue(bucket="90+").count
    second = find_queue(Wanted(), as_of=TODAY, known_at=NOW, offset=1, limit=2)
    assert (second.rows, second.count) == (found.rows[1:3], found.count)


def test_a_call_is_an_entry_and_moves_the_case(desk):
    lease = late_lease()
    was = next(row for row in queue().rows if row.rid == lease.rid)
    assert was.step and not was.done
    soon = TODAY + timedelta(days=2)
    told = call(lease, desk, outcome="refused", note="挂断电话", next_action_on=str(soon))
    entry = Entry.objects.get(index=told.entry_index)
    assert (entry.kind, entry.rid) == ("contact.recorded", told.rid)
    fields = payload(entry.index)
    assert (fields["note"], fields["recorded_by"]) == ("挂断电话", str(desk.officer.pk))
    [row] = [row for row in queue(sort="next").rows if row.rid == lease.rid]
    assert (row.last_outcome, row.next_action_on) == ("refused", soon)
    assert row.done == (was.step in {"reminder", "call"})
    better = call(lease, desk, outcome="disputed", corrects=str(told.rid))
    case = case_of(lease, as_of=TODAY, known_at=NOW)
    assert (case.row.last_outcome, case.row.next_action_on) == ("disputed", None)
    assert [one.corrected_by == better for one in case.contacts if one == told] == [True]
    with pytest.raises(ContactInvalid) as wrong:
        call(lease, desk, corrects=str(told.rid))
    assert [error.code for error in wrong.value.errors] == ["corrected_already"]
    with pytest.raises(ContactInvalid) as wrong:
        call(late_lease(1), desk, corrects=str(better.rid), outcome="moved")
    assert {error.field for error in wrong.value.errors} == {"outcome"}
    assert CollectionContact.objects.count() == 2


def test_what_breaks_a_rule_is_refused_and_as_a_breach_recorded_only_when_confirmed(desk):
    lease, night = late_lease(), NOW.replace(hour=14) - timedelta(days=1)  # 22:00 in Beijing
    entries = Entry.objects.count()
    with pytest.raises(ContactNotPermitted) as refused:
        call(lease, desk, at=night)
    [error] = refused.value.errors
    assert (error.field, error.code) == ("at", "hours") and "8:00" in str(error)
    bar_calls(lease=lease, barred=True, reason="律师函", by=desk.manager.pk, at=NOW)
    with pytest.raises(ContactNotPermitted):
        call(lease, desk)
    assert not CollectionContact.objects.exists()
    assert Entry.objects.count() == entries + 1
    assert call(lease, desk, at=night, inbound="true").breaches == []
    broken = call(lease, desk, at=night, confirmed=["breaches"])
    assert broken.breaches == ["hours", "do_not_call"]
    found = performance(as_of=TODAY, known_at=NOW)
    assert found.breaches == [broken]
    [row] = [row for row in queue().rows if row.rid == lease.rid]
    assert row.do_not_call
    bar_calls(lease=lease, barred=False, reason="误标", by=desk.manager.pk, at=NOW)
    rules = CollectionRules(first_hour=0, last_hour=24, calls_a_day=1).as_json()
    set_collection_rules(rules=rules, by=desk.manager.pk, at=NOW)
    assert call(lease, desk).breaches == []
    with pytest.raises(ContactNotPermitted) as refused:
        call(lease, desk)
    assert [error.code for error in refused.value.errors] == ["too_often"]
    assert CollectionRulesSet.objects.get().rules == rules


def test_a_promise_is_kept_by_the_bank_and_broken_again_when_the_money_bounces(desk):
    lease = late_lease()
    due = TODAY + timedelta(days=5)
    owed = case_of(lease, as_of=TODAY, known_at=NOW).state.owed_minor
    call(lease, desk, outcome="promised", promised=(owed, due))
    [promise] = PaymentPromise.objects.all()
    case = case_of(lease, as_of=TODAY, known_at=NOW)
    assert promise.days_past_due == case.state.days_past_due > 0
    assert (promise.owed_minor, promise.grace_days) == (case.state.owed_minor, 2)
    assert case.row.next_action_on == due + timedelta(days=3)
    assert status(lease) == [PromiseStatus.OPEN] and queue(promise="open").count == 1
    with pytest.raises(PromiseOpen) as again:
        make_promise(lease=lease, amount_minor=100, due_on=due, by=desk.officer.pk, at=NOW)
    assert str(due) in again.value.text("detail")
    later = NOW + timedelta(days=20)
    assert status(lease, day=later.date()) == [PromiseStatus.BROKEN]
    assert status(lease, day=later.date(), known_at=later) == [PromiseStatus.PARTLY_KEPT]
    record_payment(lease=lease, amount_minor=owed, effective_on=due, bank_reference="BD", at=later)
    assert status(lease, day=later.date(), known_at=later) == [PromiseStatus.KEPT]
    back = later + timedelta(days=1)
    reverse_payment(payment=lease.payments.get(bank_reference="BD"), at=back)
    assert status(lease, day=back.date(), known_at=back) == [PromiseStatus.PARTLY_KEPT]
    assert status(lease, day=later.date(), known_at=later) == [PromiseStatus.KEPT]
    found = performance(as_of=back.date(), known_at=back)
    [(name, kept)] = found.by_person
    assert (name, kept.partly_kept, kept.kept_rate) == ("Li Na", 1, 0)
    assert [row.amount_minor for row in PaymentPromise.objects.all()] == [owed]


def test_a_promise_needs_a_day_ahead_and_no_more_than_will_be_owed(desk):
    lease = late_lease()

    def wrong(amount, day):
        with pytest.raises(PromiseInvalid) as found:
            make_promise(lease=lease, amount_minor=amount, due_on=day, by=desk.officer.pk, at=NOW)
        return [error.code for error in found.value.errors]

    assert wrong(100, TODAY - timedelta(days=1)) == ["past"]
    assert wrong(100, TODAY + timedelta(days=93)) == ["too_far"]
    assert wrong(0, TODAY) == ["not_positive"]
    owed = case_of(lease, as_of=TODAY, known_at=NOW).state.owed_minor
    assert wrong(owed + 1, TODAY) == ["beyond_owed"]
    late = {row.rid for row in queue().rows}
    calm = Lease.objects.exclude(rid__in=late)
    quiet = next(one for one in calm if not owed_by_lease(as_of=TODAY, known_at=NOW)[one.rid][0])
    with pytest.raises(PromiseInvalid) as found:
        make_promise(lease=quiet, amount_minor=100, due_on=TODAY, by=desk.officer.pk, at=NOW)
    assert [error.code for error in found.value.errors] == ["nothing_owed"]
    # a contact whose promise is refused is not recorded either
    with pytest.raises(PromiseInvalid):
        call(lease, desk, outcome="promised", promised=(owed + 1, TODAY))
    assert not CollectionContact.objects.exists()
    made = make_promise(lease=lease, amount_minor=owed, due_on=TODAY, by=desk.officer.pk, at=NOW)
    with pytest.raises(PromiseInvalid):
        withdraw_promise(promise=made, reason=" ", by=desk.officer.pk, at=NOW)
    withdraw_promise(promise=made, reason="误录", by=desk.officer.pk, at=NOW)
    assert status(lease) == [PromiseStatus.WITHDRAWN] and queue(promise="none").count
    after = NOW + timedelta(minutes=1)
    make_promise(lease=lease, amount_minor=owed, due_on=TODAY, by=desk.officer.pk, at=after)


def test_assignments_are_one_entry_all_or_nothing(desk):
    rows = queue().rows[:3]
    people = [desk.officer.pk, desk.manager.pk, None]
    plan = [Assignment(row.rid, to) for row, to in zip(rows, people, strict=True)]
    assert assign_leases(assignments=plan, by=desk.manager.pk, at=NOW) == 2
    assert assign_leases(assignments=plan, by=desk.manager.pk, at=NOW) == 0
    entry = Entry.objects.get(kind="collection.assigned")
    assert payload(entry.index)["leases"] == "2"
    assert set(batch_items(entry.index).columns) == {"lease", "assigned_to"}
    assert [row.rid for row in queue(assigned=str(desk.officer.pk)).rows] == [rows[0].rid]
    with pytest.raises(AssignmentInvalid) as wrong:
        assign_leases(
            assignments=[*plan[:1], *plan[:1], Assignment(desk.anda.pk, desk.rival_officer.pk)],
            by=desk.manager.pk,
            at=NOW,
        )
    codes = {error.code for error in wrong.value.errors}
    assert codes == {"duplicate", "no_such_lease", "does_not_collect"}
    with pytest.raises(AssignmentInvalid):
        assign_leases(assignments=[], by=desk.manager.pk, at=NOW)
    assert CollectionCase.objects.filter(assigned_to=desk.officer.pk).count() == 1


def test_two_promises_at_once_end_with_one(committed_cast):
    cast = committed_cast
    load_book(cast.anda, by=cast.back_office, leases=12)
    with tenant_context(cast.anda):
        bounce(3, 2)
        lease = late_lease()
    works, answers = 4, []
    barrier = threading.Barrier(works)

    def promise():
        try:
            with tenant_context(cast.anda):
                own = Lease.objects.get(pk=lease.pk)
                barrier.wait()
                make_promise(lease=own, amount_minor=1000, due_on=TODAY, by=cast.officer.pk, at=NOW)
            answers.append("made")
        except PromiseOpen:
            answers.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=promise) for _ in range(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["made", "refused", "refused", "refused"]
    with tenant_context(cast.anda):
        assert PaymentPromise.objects.count() == 1
        assert Entry.objects.filter(kind="promise.made").count() == 1


def test_another_lessor_sees_and_changes_nothing_of_it(desk, client_of):
    lease = late_lease()
    made = make_promise(lease=lease, amount_minor=1000, due_on=TODAY, by=desk.officer.pk, at=NOW)
    rival = client_of(desk.rival_manager, desk.xingyu)
    assert rival.get(f"/collections/{lease.rid}/").status_code == 404
    withdrawn = rival.post(f"/collections/promises/{made.rid}/withdraw/", {"reason": "x"})
    assert withdrawn.status_code == 404
    assert lease.contract_number not in rival.get("/collections/").content.decode()
    with tenant_context(desk.xingyu):
        assert find_queue(Wanted(), as_of=TODAY, known_at=NOW).count == 0
        with pytest.raises(ContactInvalid):
            call(lease, desk)
        with pytest.raises(AssignmentInvalid):
            assign_leases(assignments=[Assignment(lease.rid, None)], by=lease.rid, at=NOW)
    with tenant_context(desk.anda):
        assert PaymentPromise.objects.get().withdrawn_at is None


def test_nothing_is_collected_of_a_lease_that_was_written_off(desk):
    lease, before = late_lease(), queue()
    same = {"rid": lease.rid, "on": TODAY, "lease": lease, "facts": {}, "at": NOW}
    LifeStep.objects.create(
        number=1, move="ask_write_off", state_from="active", state="active",
        by=desk.back_office.pk, entry_index=0, **same,
    )  # fmt: skip
    LifeStep.objects.create(
        number=2, previous=1, move="write_off", state_from="active", state="written_off",
        by=desk.manager.pk, entry_index=1, **same,
    )  # fmt: skip
    after = queue()
    assert lease.rid not in {row.rid for row in after.rows}
    assert (after.count, sum(after.buckets.values())) == (before.count - 1, before.count - 1)


def test_what_was_said_is_erased_with_its_entry_and_none_of_it_travels(desk):
    lease = late_lease()
    owed = case_of(lease, as_of=TODAY, known_at=NOW).state.owed_minor
    told = call(lease, desk, outcome="promised", note="住院", promised=(owed, TODAY))
    grant_access(to_tenant=desk.trust, by=desk.manager.pk, at=NOW)
    may = entitlement_by_grant(desk.trust.pk)
    promise = PaymentPromise.objects.get()
    assert may.covers("lease.recorded", str(lease.rid))
    assert not may.covers("contact.recorded", str(told.rid))
    assert not may.covers("promise.made", str(promise.rid))
    erase_record(index=told.entry_index, reason="subject_request", by=desk.manager.pk, at=NOW)
    told.refresh_from_db()
    assert (told.note, told.outcome) == ("", "promised")
    assert status(lease) == [PromiseStatus.OPEN]
