"""The receiver's half of an erasure: contents of others' logs that must not be here any more."""

from collections.abc import Iterable
from datetime import datetime

from ledger.core.erasures import KIND, SHOWN, Erasure, parse_erasure
from ledger.core.errors import LedgerError
from ledger.core.leaves import Leaf
from ledger.core.payloads import Payload
from ledger.drafts import stamp
from ledger.exchange import problems
from ledger.exchange.notices import ERASED, post_notice
from ledger.exchange.parcels import Notice
from ledger.exchange.problems import ParcelError
from ledger.exchange.registry import ErasedRecord, blank
from ledger.exchange.selectors import replica_payloads
from ledger.models import Replica, ReplicaEntry, ReplicaErasure, ReplicaItems, ReplicaPayload
from ledger.problems import PayloadUnreadable


def erasures_in(payloads: Iterable[tuple[int, Leaf, Payload]]) -> list[Erasure]:
    """What a parcel's verified payloads erase; `ParcelError` if one of them cannot be."""
    found = []
    for index, leaf, payload in payloads:
        if leaf.core.kind != KIND:
            continue
        try:
            found.append(parse_erasure(index, payload.fields))
        except LedgerError as error:
            raise ParcelError(problems.BAD_ERASURE, f"entry {index}: {error}") from error
    return found


def erase_copies(replica: Replica, erasures: Iterable[Erasure], at: datetime) -> None:
    """Destroy what is held of them and remember that it may not come again; answer for each.

    A word that comes twice changes nothing and is answered again.
    """
    for erasure in erasures:
        done = ReplicaErasure.objects.filter(source=replica.source, index=erasure.entry).first()
        _answer(replica, done or _erase(replica, erasure, at))


def answer_again(replica: Replica) -> None:
    """Every answer once more, for a log whose owner lost them with it."""
    for done in ReplicaErasure.objects.filter(source=replica.source).order_by("index"):
        _answer(replica, done)


def _answer(replica: Replica, done: ReplicaErasure) -> None:
    members = {
        "told_by": str(done.told_by),
        "held": "true" if done.held else "false",
        "at": stamp(done.erased_at),
    }
    post_notice(replica.source, ERASED, Notice(replica.origin, done.index, members))


def _erase(replica: Replica, erasure: Erasure, at: datetime) -> ReplicaErasure:
    of = {"source": replica.source, "index": erasure.entry}
    entry = ReplicaEntry.objects.get(**of)
    if entry.kind in SHOWN:
        detail = f"entry {erasure.told_by} erases entry {erasure.entry}, which says who may sign"
        raise ParcelError(problems.BAD_ERASURE, detail)
    try:
        payload = replica_payloads(replica.source, [erasure.entry]).get(erasure.entry)
    except PayloadUnreadable:
        payload = None  # what cannot be read can still be destroyed
    fields = {} if payload is None else payload.fields
    gone = {"ciphertext": None, "wrapped_key": None, "erased_at": at}
    held = ReplicaPayload.objects.filter(**of, erased_at=None).update(**gone)
    held += ReplicaItems.objects.filter(**of, erased_at=None).update(**gone)
    blank(ErasedRecord(replica.source, erasure.entry, entry.kind, str(entry.rid), fields))
    return ReplicaErasure.objects.create(
        **of, told_by=erasure.told_by, reason=erasure.reason, held=held > 0, erased_at=at
    )


def erased_among(replica: Replica, indexes: Iterable[int]) -> set[int]:
    """Those entries whose contents must not be stored."""
    found = ReplicaErasure.objects.filter(source=replica.source, index__in=list(indexes))
    return set(found.values_list("index", flat=True))
