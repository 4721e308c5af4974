"""The terms that govern a lease, and a lease replayed under them."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from uuid import UUID

from origination.domain.life.machine import AMENDING
from origination.domain.schedule import schedule, terms_of
from origination.domain.servicing.agreed import change_from, versions_of
from origination.domain.servicing.amending import Change
from origination.domain.servicing.events import EventKind
from origination.domain.servicing.events import PaymentEvent as DomainEvent
from origination.domain.servicing.income import earned_parts
from origination.domain.servicing.payoff import Contract
from origination.domain.servicing.replay import Replay
from origination.domain.servicing.terms import TermsBook, read_terms
from origination.models import Lease, LifeStep, PaymentEvent, ServicingTermsSet


def terms_set(*, known_at: datetime) -> ServicingTermsSet | None:
    """The terms that were known at an instant."""
    return ServicingTermsSet.objects.filter(set_at__lte=known_at).first()


def terms_book(*, known_at: datetime) -> TermsBook:
    """Their versions; without any nothing is charged."""
    found = terms_set(known_at=known_at)
    return read_terms(found.versions) if found else TermsBook()


def contract_of(lease: Lease, book: TermsBook, changes: Sequence[Change]) -> Contract:
    """A lease as servicing takes it, with the changes that were made of it (`changes_of`)."""
    terms = terms_of(lease.record)
    rows, income = schedule(terms), earned_parts(terms)
    versions = versions_of(terms, rows, income, changes)
    return Contract(rows, lease.originated_on, book.of(lease.originated_on), income, versions[1:])


def changes_of(leases: Iterable[UUID] | None, *, known_at: datetime) -> dict[UUID, list[Change]]:
    """What was agreed by an instant to change leases (all, if None), in the order of its making."""
    steps = LifeStep.objects.filter(move__in=[move.value for move in AMENDING], at__lte=known_at)
    if leases is not None:
        steps = steps.filter(lease__in=list(leases))
    found: dict[UUID, list[Change]] = {}
    for step in steps.order_by("rid", "number"):
        found.setdefault(step.rid, []).append(change_from(step.on, step.facts))
    return found


def domain_event(event: PaymentEvent) -> DomainEvent:
    """A bank line as servicing takes it."""
    return DomainEvent(
        event.bank_reference,
        EventKind(event.kind),
        event.amount_minor,
        event.effective_at,
        event.known_at,
        event.reverses,
    )


def replay_of(
    lease: Lease, *, as_of: date, known_at: datetime, events: list[PaymentEvent] | None = None
) -> Replay:
    """A lease replayed to the end of a day from what was known at an instant."""
    rows = list(lease.payments.all()) if events is None else events
    changes = changes_of([lease.rid], known_at=known_at).get(lease.rid, [])
    contract = contract_of(lease, terms_book(known_at=known_at), changes)
    return Replay(contract, [domain_event(row) for row in rows], as_of=as_of, known_at=known_at)
