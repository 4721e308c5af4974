"""Business rows that a restored ledger comes back without: what its entries hold of them, or not.

A room says once, when it is ready, which of its tables stand beside which entries. A copy brings
entries, never these tables: until a person marked it as seen, the home page says so.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import models, transaction
from django.db.models import QuerySet
from django.utils.functional import Promise

from ledger.core.keys import KeyRole
from ledger.models import Entry, Payload, Restoration, SigningKey
from ledger.problems import NoSuchRequest


@dataclass(frozen=True)
class Books:
    """A table, in words, with the kinds of entries that are written beside it.

    `is_told`: the content of those entries says what a row said; else they hold its hash alone.
    `by_phone`: only entries that a phone signed have such a row beside them, and not each of them.
    """

    model: type[models.Model]
    words: Promise
    kinds: frozenset[str]
    is_told: bool = True
    by_phone: bool = False

    @property
    def name(self) -> str:
        """As `Restoration.not_returned` keeps it."""
        return self.model._meta.label


_books: list[Books] = []


def register(
    model: type[models.Model],
    words: Promise,
    *kinds: str,
    is_told: bool = True,
    by_phone: bool = False,
) -> None:
    """Add a table; adding it again changes nothing."""
    if all(known.model is not model for known in _books):
        _books.append(Books(model, words, frozenset(kinds), is_told, by_phone))


def all_books() -> tuple[Books, ...]:
    """Every table that was registered."""
    return tuple(_books)


@dataclass(frozen=True)
class Lost:
    """Rows that did not come back, `count` None where nobody can say how many."""

    words: Promise
    count: int | None
    entries: int  # that were restored, and stand beside such rows
    told: int  # of these, whose content came back and says what the row said
    is_at_most: bool = False  # not each of these entries had such a row beside it


def is_in_log(books: Books) -> bool:
    """Whether the ledger has entries beside such rows."""
    return _beside(books).exists()


def _beside(books: Books) -> QuerySet[Entry]:
    """Entries that such rows stand, or may stand, beside."""
    found = Entry.objects.filter(kind__in=books.kinds)
    if books.by_phone:
        phones = SigningKey.objects.filter(role=KeyRole.DEVICE.value)
        found = found.filter(kid__in=phones.values("kid"))
    return found


def lost_rows(row: Restoration) -> list[Lost]:
    """What a restoration came without and what is not back since, in the order of registration."""
    names = [books for books in _books if books.name in row.not_returned]
    found = [_lost(row, books) for books in names if not _is_back(row, books)]
    return [lost for lost in found if lost.count is not None or lost.entries]


def are_missing(model: type[models.Model]) -> bool:
    """Whether a restored ledger came back without this table's rows, still missing."""
    taken = Restoration.objects.filter(by_us=True, state=Restoration.State.TAKEN)
    mine = [books for books in _books if books.model is model]
    return any(
        books.name in row.not_returned and not _is_back(row, books)
        for row in taken
        for books in mine
    )


def are_some_missing(model: type[models.Model]) -> bool:
    """The same, for a page that shows rows of since: where nobody knows how many there were, until
    a person marked that as seen.
    """
    taken = Restoration.objects.filter(by_us=True, state=Restoration.State.TAKEN)
    mine = [books for books in _books if books.model is model]
    return any(
        books.name in row.not_returned
        and not _is_back(row, books)
        and (row.seen_at is None or row.not_returned[books.name] is not None)
        for row in taken
        for books in mine
    )


def _is_back(row: Restoration, books: Books) -> bool:
    count = row.not_returned[books.name]
    return count is not None and books.model._default_manager.count() >= count


def _lost(row: Restoration, books: Books) -> Lost:
    restored = _beside(books).filter(index__lt=row.entries)
    entries = restored.count()
    erased = Payload.objects.filter(erased_at__isnull=False, index__lt=row.entries)
    missing = {*row.missing_payloads, *row.missing_items, *erased.values_list("index", flat=True)}
    told = entries - restored.filter(index__in=missing).count() if books.is_told else 0
    return Lost(books.words, row.not_returned[books.name], entries, told, books.by_phone)


def unseen() -> Iterable[Restoration]:
    """Restorations that nobody has marked as seen, newest first."""
    return Restoration.objects.filter(
        by_us=True, state=Restoration.State.TAKEN, seen_at=None
    ).order_by("-pk")


def unseen_count() -> int:
    """How many kinds of rows are missing since restorations that nobody has marked as seen."""
    return sum(len(lost_rows(row)) for row in unseen())


@transaction.atomic
def mark_seen(*, pk: int, by: UUID, at: datetime) -> None:
    """A person has read what did not come back; `NoSuchRequest` if there is nothing to see."""
    row = Restoration.objects.select_for_update().filter(
        pk=pk, by_us=True, state=Restoration.State.TAKEN
    )
    if not row.filter(seen_at=None).update(seen_by=by, seen_at=at) and not row.exists():
        raise NoSuchRequest
