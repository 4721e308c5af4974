"""The terms that govern a lease, and a lease replayed under them."""

from datetime import date, datetime

from origination.domain.schedule import schedule, terms_of
from origination.domain.servicing.events import EventKind
from origination.domain.servicing.events import PaymentEvent as DomainEvent
from origination.domain.servicing.income import earned_parts
from origination.domain.servicing.payoff import Contract
from origination.domain.servicing.replay import Replay
from origination.domain.servicing.terms import TermsBook, read_terms
from origination.models import Lease, PaymentEvent, ServicingTermsSet


def terms_set(*, known_at: datetime) -> ServicingTermsSet | None:
    """The terms that were known at an instant."""
    return ServicingTermsSet.objects.filter(set_at__lte=known_at).first()


def terms_book(*, known_at: datetime) -> TermsBook:
    """Their versions; without any nothing is charged."""
    found = terms_set(known_at=known_at)
    return read_terms(found.versions) if found else TermsBook()


def contract_of(lease: Lease, book: TermsBook) -> Contract:
    """A lease as servicing takes it."""
    terms = terms_of(lease.record)
    return Contract(
        schedule(terms), lease.originated_on, book.of(lease.originated_on), earned_parts(terms)
    )


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
    contract = contract_of(lease, terms_book(known_at=known_at))
    return Replay(contract, [domain_event(row) for row in rows], as_of=as_of, known_at=known_at)
