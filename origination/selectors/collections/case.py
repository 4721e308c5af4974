"""One lease as the collections desk sees it: what is owed, what was said, what is to be done."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from origination.domain.collections.contacts import Channel
from origination.domain.collections.ladder import step_at, suggestion
from origination.domain.collections.promises import PromiseState, open_promise
from origination.domain.collections.rules import CollectionRules
from origination.domain.servicing.position import LeaseState
from origination.models import CollectionCase, CollectionContact, Lease, PaymentPromise
from origination.selectors.collections.facts import rules_in_force, states_of_promises
from origination.selectors.servicing import replay_of


@dataclass(frozen=True)
class Step:
    """A step of the ladder: the day on which it is due, whether it was taken since."""

    channel: Channel
    day: date
    is_reached: bool
    is_done: bool


@dataclass(frozen=True)
class Case:
    """`promises` oldest first; `contacts` newest first, those that another corrects among them."""

    row: CollectionCase
    state: LeaseState
    contacts: Sequence[CollectionContact]
    promises: Sequence[tuple[PaymentPromise, PromiseState]]
    steps: Sequence[Step]
    suggested: Channel | None
    rules: CollectionRules

    @property
    def open_promise(self) -> PromiseState | None:
        return open_promise([state for _row, state in self.promises])


def case_of(lease: Lease, *, as_of: date, known_at: datetime) -> Case:
    """A lease's case as of a day."""
    state = replay_of(lease, as_of=as_of, known_at=known_at).allocation().state
    rules = rules_in_force(known_at=known_at)
    contacts = list(lease.contacts.select_related("corrected_by"))
    since = as_of - timedelta(days=state.days_past_due)
    begun = datetime.combine(since, time(), UTC)
    done = {Channel(one.channel) for one in contacts if one.at >= begun and not is_corrected(one)}
    late = state.days_past_due
    steps = [
        Step(step, since + timedelta(days=day), day <= late, late > 0 and step in done)
        for step, day in rules.ladder.items()
    ]
    known = states_of_promises(as_of=as_of, known_at=known_at, leases=[lease.pk])
    return Case(
        row=CollectionCase.objects.filter(lease=lease).first() or CollectionCase(lease=lease),
        state=state,
        contacts=contacts,
        promises=known.get(lease.pk, []),
        steps=steps,
        suggested=suggestion(late, done, rules) if step_at(late, rules) else None,
        rules=rules,
    )


def is_corrected(contact: CollectionContact) -> bool:
    """Whether another contact says it better."""
    return getattr(contact, "corrected_by", None) is not None
