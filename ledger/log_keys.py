"""Keys of logs as the platform's directory and copies tell them, by the size they sign from."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet

from ledger.core.errors import LedgerError
from ledger.core.log_keys import ROTATED, LogKeys
from ledger.core.notes import ED25519, NoteKey
from ledger.models import Entry, Head, Replica
from ledger.problems import LogKeysUnreadable
from ledger.reasons import Reason
from ledger.selectors import latest_checkpoint, payloads
from tenants.context import current_tenant
from tenants.models import PublishedKey, Relationship


def published_log_keys(tenant: UUID, origin: str) -> LogKeys | None:
    """The keys of a tenant's log in the directory; None if it has published none."""
    rows = PublishedKey.objects.filter(
        tenant=tenant, purpose=PublishedKey.LOG, key__startswith=f"{origin}+"
    )
    found: list[tuple[int, NoteKey]] = []
    for text, index in rows.order_by("pk").values_list("key", "from_index"):
        key = NoteKey.parse(text)
        if key.kind == ED25519 and (not found or index is not None):
            found.append((-1 if index is None else index, key))
    return LogKeys(tuple(sorted(found, key=lambda reign: reign[0]))) if found else None


def told_log_keys(origin: str) -> set[NoteKey]:
    """Every key that the directory tells of a log, whenever it signed: for lines that may hold."""
    rows = PublishedKey.objects.filter(purpose=PublishedKey.LOG, key__startswith=f"{origin}+")
    return {NoteKey.parse(text) for text in rows.values_list("key", flat=True)}


def publisher_of(origin: str, among: QuerySet[Relationship] | None = None) -> UUID | None:
    """Whose log it is by the directory, of all or of the senders of some relationships."""
    rows = PublishedKey.objects.filter(purpose=PublishedKey.LOG, key__startswith=f"{origin}+")
    if among is not None:
        rows = rows.filter(tenant__in=among.values("sender"))
    return rows.order_by("pk").values_list("tenant", flat=True).first()


def replaced_keys() -> dict[str, dict[str, object]]:
    """Keys of any log that handed over, by the directory: to which key, and in which entry.

    Each as `{by: vkey, index}`.
    """
    rows = PublishedKey.objects.filter(purpose=PublishedKey.LOG).order_by("tenant", "pk")
    before: dict[str, str] = {}
    found: dict[str, dict[str, object]] = {}
    for text, index in rows.values_list("key", "from_index"):
        origin = text.partition("+")[0]
        if index is not None and origin in before:
            found[before[origin]] = {"by": text, "index": index}
        before[origin] = text
    return found


def own_log_keys(turns: Sequence[int] | None = None) -> LogKeys:
    """The keys of this tenant's log, from the directory: it needs no signer at hand.

    `turns`: where its key changed, for who asked `own_turns` already.

    A key that no entry of the log hands over to does not count: a schema that was restored alone
    may be older than the directory. Raises `LogKeysUnreadable` where somebody removed or altered
    them there.
    """
    head = Head.objects.get()
    try:
        keys = published_log_keys(current_tenant().pk, head.origin)
    except LedgerError as error:
        raise LogKeysUnreadable(params={"reason": Reason(error)}) from error
    if keys is None:
        reason = Reason("no key of this log stands in it")
        raise LogKeysUnreadable(params={"reason": reason})
    turns = own_turns(head.size) if turns is None else turns
    return LogKeys(tuple(reign for reign in keys.reigns if reign[0] in (-1, *turns)))


def own_second_keys(origin: str | None = None) -> list[NoteKey]:
    """The ML-DSA-44 keys of this tenant's log, oldest first; none in a log of before it had one.

    `origin`: the log's, for who knows it already.
    """
    return [key for _index, key in _second_keys(origin)]


def _second_keys(origin: str | None = None) -> list[tuple[int, NoteKey]]:
    origin = Head.objects.get().origin if origin is None else origin
    rows = PublishedKey.objects.filter(
        tenant=current_tenant(), purpose=PublishedKey.LOG_MLDSA, key__startswith=f"{origin}+"
    )
    try:
        return [
            (-1 if index is None else index, NoteKey.parse(text))
            for text, index in rows.order_by("pk").values_list("key", "from_index")
        ]
    except LedgerError as error:
        raise LogKeysUnreadable(params={"reason": Reason(error)}) from error


@dataclass(frozen=True, slots=True)
class Reign:
    """A key of a log and the entries that it signs from and up to, for a page.

    `since`: the entry that handed over to it, None for the first key. `until`: the one in which it
    handed over, None while it is the current key.
    """

    key: NoteKey
    since: int | None
    until: int | None


def _reigns(keys: Sequence[tuple[int, NoteKey]]) -> list[Reign]:
    """Newest first; keys with the index of the entry that handed over, -1 for the first."""
    ends = [*(index for index, _key in keys[1:]), None]
    pairs = zip(keys, ends, strict=True)
    found = [Reign(key, None if since < 0 else since, until) for (since, key), until in pairs]
    return found[::-1]


def own_reigns() -> list[Reign]:
    """The keys of this tenant's log, newest first: Ed25519, then ML-DSA-44 if it has one yet."""
    first = own_log_keys()
    second = [item for item in _second_keys() if item[0] in (-1, *first.handed_over)]
    second.sort(key=lambda item: item[0])
    return [*_reigns(first.reigns), *_reigns(second)]


def copied_reigns(replica: Replica) -> list[Reign]:
    """The keys of a copied log, newest first; the one without `since` was pinned."""
    return _reigns(copied_log_keys(replica).reigns)


def copied_log_keys(replica: Replica) -> LogKeys:
    """The keys of a copied log, as far as the copy goes: what entries told, not the directory."""
    changed = replica.handovers
    keys = [NoteKey.parse(change["old"]) for change in changed] + [NoteKey.parse(replica.vkey)]
    places = [-1, *(change["index"] for change in changed)]
    return LogKeys(tuple(zip(places, keys, strict=True)))


def own_turns(size: int) -> tuple[int, ...]:
    """Where this log's key changed within its first `size` entries."""
    rows = Entry.objects.filter(kind=ROTATED, index__lt=size).order_by("index")
    return tuple(rows.values_list("index", flat=True))


def own_handovers() -> list[dict[str, str]]:
    """The changes of this log's key that are sealed, as its entries tell them, with their index."""
    latest = latest_checkpoint()
    turns = own_turns(0 if latest is None else latest.size)
    return [item.fields | {"index": str(item.index)} for item in payloads(turns)] if turns else []
