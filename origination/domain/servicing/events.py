"""Payment events: what a bank did, when, and when that became known."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum


class EventKind(StrEnum):
    RENT = "rent"
    SETTLEMENT = "settlement"
    RECOVERY = "recovery"
    REVERSAL = "reversal"
    REFUND = "refund"  # the lessor pays back what was beyond what is due


@dataclass(frozen=True, slots=True)
class PaymentEvent:
    """One bank line: amount in minor units (> 0), aware instants, reference unique in its lease.

    `effective_at` is the booking day at 00:00:00 UTC; `reverses` names the payment that a reversal
    cancels.
    """

    reference: str
    kind: EventKind
    amount_minor: int
    effective_at: datetime
    known_at: datetime
    reverses: str = ""

    @property
    def effective_on(self) -> date:
        return self.effective_at.astimezone(UTC).date()


def counted_events(
    events: Iterable[PaymentEvent], *, as_of: date, known_at: datetime
) -> list[PaymentEvent]:
    """Events that took effect by a day and were known by an instant, in the order of application:
    effective day, then the instant they became known, then reference. Raises ValueError where one
    reference names two payments of the lease.
    """
    counted = [e for e in events if e.effective_on <= as_of and e.known_at <= known_at]
    payments = [e.reference for e in counted if e.kind is not EventKind.REVERSAL]
    if len(set(payments)) != len(payments):
        raise ValueError("two payments of a lease carry one bank reference")
    return sorted(counted, key=lambda e: (e.effective_on, e.known_at, e.reference))


def standing_events(
    events: Iterable[PaymentEvent], *, as_of: date, known_at: datetime
) -> list[PaymentEvent]:
    """Payments that count and that no reversal that counts cancels, in order of application."""
    counted = counted_events(events, as_of=as_of, known_at=known_at)
    cancelled = {e.reverses for e in counted if e.kind is EventKind.REVERSAL}
    payments = [e for e in counted if e.kind is not EventKind.REVERSAL]
    return [e for e in payments if e.reference not in cancelled]
