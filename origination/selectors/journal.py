"""The journal of one lease, and that of the whole book for a period with its trial balance."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from origination.domain.servicing.accounts import Account, Entry, EntryKind
from origination.domain.servicing.events import EventKind
from origination.domain.servicing.events import PaymentEvent as DomainEvent
from origination.domain.servicing.journal import journal
from origination.domain.servicing.payoff import Contract
from origination.domain.servicing.replay import Replay
from origination.models import Lease, PaymentEvent
from origination.selectors.servicing import changes_of, contract_of, domain_event, terms_book

_AT_ONCE = 500


@dataclass
class TrialBalance:
    """One currency: each account's balance before the period, its debits and credits in it, and
    its balance at the end, in minor units; debits above zero."""

    currency: str
    opening: dict[Account, int] = field(default_factory=lambda: dict.fromkeys(Account, 0))
    debits: dict[Account, int] = field(default_factory=lambda: dict.fromkeys(Account, 0))
    credits: dict[Account, int] = field(default_factory=lambda: dict.fromkeys(Account, 0))

    def open_with(self, entry: Entry) -> None:
        """An entry of before the period."""
        for account, amount in entry.postings:
            self.opening[account] += amount

    def add(self, entry: Entry) -> None:
        """An entry of the period."""
        for account, amount in entry.postings:
            side = self.debits if amount > 0 else self.credits
            side[account] += abs(amount)

    def closing(self, account: Account) -> int:
        """The account's balance at the end of the period."""
        return self.opening[account] + self.debits[account] - self.credits[account]


@dataclass(frozen=True)
class BookEntry:
    """An entry and whose it is."""

    contract_number: str
    currency: str
    entry: Entry


def lease_journal(lease: Lease, replay: Replay) -> list[Entry]:
    """Every entry of a lease up to the replay's day."""
    return list(journal(replay))


class BookJournal:
    """The book's entries from `first` to `last` (inclusive) as known at an instant.

    Iterate once; `balances` (by currency) is whole then. What a reversal or a settlement of the
    period changes of days before it stands in the period as a correction: opening and entries
    always give closing.
    """

    def __init__(self, *, first: date, last: date, known_at: datetime) -> None:
        self.first, self.last, self.known_at = first, last, known_at
        self.balances: dict[str, TrialBalance] = {}
        self._terms = terms_book(known_at=known_at)

    def __iter__(self) -> Iterator[BookEntry]:
        leases = Lease.objects.filter(originated_on__lte=self.last).order_by("rid")
        after = None
        while True:
            found = leases.filter(rid__gt=after) if after else leases
            part = list(found[:_AT_ONCE])
            if not part:
                return
            after = part[-1].rid
            events: dict[UUID, list[DomainEvent]] = {lease.rid: [] for lease in part}
            for row in PaymentEvent.objects.filter(lease__in=list(events)):
                events[row.lease_id].append(domain_event(row))
            changes = changes_of(events, known_at=self.known_at)
            for lease in part:
                contract = contract_of(lease, self._terms, changes.get(lease.rid, []))
                yield from self._of(lease, contract, events[lease.rid])

    def _of(
        self, lease: Lease, contract: Contract, events: list[DomainEvent]
    ) -> Iterator[BookEntry]:
        balance = self.balances.setdefault(lease.currency, TrialBalance(lease.currency))
        for entry in self._entries(contract, events, balance):
            balance.add(entry)
            yield BookEntry(lease.contract_number, lease.currency, entry)

    def _entries(
        self, contract: Contract, events: list[DomainEvent], balance: TrialBalance
    ) -> Iterator[Entry]:
        before = self.first - timedelta(days=1)
        entries = self._journal(contract, events, self.last, before)
        earlier = [entry for entry in entries if entry.day < self.first]
        if self._rewrites(events):
            told = self._journal(contract, events, before, before)
            correction = _difference(earlier, told, self.first)
            earlier = told
            if correction.postings:
                yield correction
        for entry in earlier:
            balance.open_with(entry)
        yield from (entry for entry in entries if entry.day >= self.first)

    def _journal(
        self, contract: Contract, events: list[DomainEvent], day: date, cut: date
    ) -> list[Entry]:
        replay = Replay(contract, events, as_of=day, known_at=self.known_at)
        return list(journal(replay, cuts=[cut]))

    def _rewrites(self, events: list[DomainEvent]) -> bool:
        """Whether something of the period changes what was derived of days before it."""
        undoing = (EventKind.REVERSAL, EventKind.SETTLEMENT)
        settling = any(event.kind is EventKind.SETTLEMENT for event in events)
        return any(
            self.first <= event.effective_on <= self.last and (event.kind in undoing or settling)
            for event in events
        )


def _difference(now: list[Entry], told: list[Entry], day: date) -> Entry:
    totals = dict.fromkeys(Account, 0)
    for entries, sign in ((now, 1), (told, -1)):
        for entry in entries:
            for account, amount in entry.postings:
                totals[account] += sign * amount
    return Entry.of(day, EntryKind.CORRECTION, *totals.items())
