"""Promises to pay: one open at a time; what becomes of one is derived, never written."""

import uuid
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction

from ledger.drafts import Draft, stamp
from ledger.services import append_entry
from origination.domain.collections.promises import open_promise
from origination.models import Lease, PaymentPromise
from origination.problems import PromiseGone, PromiseInvalid, PromiseOpen
from origination.selectors.collections.facts import rules_in_force, states_of_promises
from origination.selectors.servicing import replay_of
from origination.services.collections.cases import held_case
from tenants.money import Money
from tenants.problems import FieldError

#: A promise further ahead is no promise but another contract.
FURTHEST = timedelta(days=92)


@transaction.atomic
def make_promise(
    *,
    lease: Lease,
    amount_minor: int,
    due_on: date,
    by: UUID,
    at: datetime,
    made_at: datetime | None = None,
    contact: UUID | None = None,
) -> PaymentPromise:
    """Record what the lessee promised to pay, and by when.

    `made_at` is earlier than `at` where a phone had no network; `contact` is the one in which it
    was made. Raises `PromiseInvalid` naming the fields that are wrong, or `PromiseOpen`.
    """
    case, made = held_case(lease.pk), made_at or at
    _refuse(_wrong_day(due_on, made.date()))
    found = states_of_promises(as_of=at.date(), known_at=at, leases=[lease.pk])
    known = found.get(lease.pk, [])
    running = open_promise([state for _row, state in known])
    if running is not None:
        said = Money.from_minor(running.promise.amount_minor, lease.currency)
        raise PromiseOpen(params={"amount": str(said), "day": running.promise.due_on.isoformat()})
    _refuse(_wrong_amount(lease, amount_minor, due_on, made))
    state = replay_of(lease, as_of=made.date(), known_at=made).allocation().state
    grace = rules_in_force(known_at=at).grace_days
    rid = uuid.uuid4()
    fields = {
        "lease_rid": str(lease.rid),
        "amount_minor": str(amount_minor),
        "currency": lease.currency,
        "due_on": due_on.isoformat(),
        "grace_days": str(grace),
        "days_past_due": str(state.days_past_due),
        "owed_minor": str(state.owed_minor),
        "made_with": str(by),
    }
    fields |= {"made_at": stamp(made)} if made != at else {}
    fields |= {"contact": str(contact)} if contact else {}
    draft = Draft.service(kind="promise.made", rid=rid, fields=fields, ts=at)
    index = append_entry(draft=draft).index
    case.next_action_on = due_on + timedelta(days=grace + 1)
    case.save(update_fields=["next_action_on"])
    return PaymentPromise.objects.create(
        rid=rid,
        lease=lease,
        amount_minor=amount_minor,
        due_on=due_on,
        grace_days=grace,
        made_at=made,
        made_with=by,
        days_past_due=state.days_past_due,
        owed_minor=state.owed_minor,
        entry_index=index,
    )


@transaction.atomic
def withdraw_promise(*, promise: PaymentPromise, reason: str, by: UUID, at: datetime) -> None:
    """There is no such promise (any more): an error, or another agreement in its place."""
    held_case(promise.lease_id)
    row = PaymentPromise.objects.get(pk=promise.pk)
    if row.withdrawn_at is not None:
        raise PromiseGone
    if not reason.strip():
        _refuse(FieldError("reason", "missing", "The reason is missing.", "Write why."))
    fields = {
        "lease_rid": str(row.lease_id),
        "promise": str(row.rid),
        "reason": reason.strip()[:200],
        "withdrawn_by": str(by),
    }
    append_entry(
        draft=Draft.service(kind="promise.withdrawn", rid=uuid.uuid4(), fields=fields, ts=at)
    )
    row.withdrawn_at, row.withdrawn_by, row.withdrawn_reason = at, by, fields["reason"]
    row.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_reason"])


def _refuse(error: FieldError | None) -> None:
    if error is not None:
        raise PromiseInvalid(errors=[error])


def _wrong_day(due_on: date, today: date) -> FieldError | None:
    if due_on < today:
        return FieldError("due_on", "past", "This day is over.", "Choose today or a later day.")
    if due_on > today + FURTHEST:
        return FieldError(
            "due_on",
            "too_far",
            "This is more than %(days)s days ahead.",
            "Promise an earlier day, or agree on an extension of the lease.",
            {"days": FURTHEST.days},
        )
    return None


def _wrong_amount(lease: Lease, amount: int, due_on: date, at: datetime) -> FieldError | None:
    """Nobody promises what nobody will owe by that day."""
    if amount <= 0:
        return FieldError("amount", "not_positive", "The amount is above zero.", "Write it.")
    owed = replay_of(lease, as_of=due_on, known_at=at).allocation().state.owed_minor
    if not owed:
        return FieldError(
            "amount", "nothing_owed", "Nothing will be owed on that day.", "Record no promise."
        )
    if amount > owed:
        return FieldError(
            "amount",
            "beyond_owed",
            "By that day %(owed)s will be owed.",
            "Write no more than that; what is paid beyond it becomes credit.",
            {"owed": str(Money.from_minor(owed, lease.currency))},
        )
    return None
