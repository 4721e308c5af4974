"""Destroying the content of an entry of this log, and hearing who else destroyed theirs.

The order to counterparties is the `payload.erased` entry itself: it comes with the log's own
proofs, so that nobody can forge, replay or misdirect it. What travels back is their answer.
"""

from datetime import datetime
from uuid import UUID, uuid4

from django.db import transaction

from ledger import selectors
from ledger.core.erasures import KIND, REASONS, SHOWN
from ledger.core.errors import MalformedError
from ledger.drafts import Draft, instant
from ledger.exchange import problems
from ledger.exchange.parcels import Notice
from ledger.exchange.problems import ParcelError
from ledger.exchange.registry import ErasedRecord, blank
from ledger.exchange.taking_back import take_back
from ledger.models import Entry, Erasure, ErasureAnswer, Head, Outbox
from ledger.problems import ErasureUnconfirmed, NotErasable, PayloadMissing, PayloadUnreadable
from ledger.services import append_entry, erase_payload
from tenants.context import current_tenant
from tenants.models import Parcel


@transaction.atomic
def erase_record(*, index: int, reason: str, by: UUID, at: datetime | str) -> Erasure:
    """Destroy an entry's payload and items for good, say so in the log, and blank what rooms keep.

    What is still on its way to counterparties is taken back; each is told with the next parcel.
    Raises `NoSuchEntry`, `PayloadErased`, `NotErasable` or `ErasureUnconfirmed`.
    """
    if reason not in REASONS:
        raise ErasureUnconfirmed
    entry = selectors.entry(index)
    if entry.kind in SHOWN:
        raise NotErasable
    take_back(index)
    record = _record(entry)
    erase_payload(index=index, at=at)
    blank(record)
    fields = {"entry": str(index), "reason": reason, "erased_by": str(by)}
    told = append_entry(draft=Draft.service(kind=KIND, rid=uuid4(), fields=fields, ts=at))
    return Erasure.objects.create(
        index=index,
        told_by=told.index,
        reason=reason,
        erased_by=by,
        erased_at=instant(at),
    )


def _record(entry: Entry) -> ErasedRecord:
    try:
        fields = selectors.payload(entry.index)
    except (PayloadMissing, PayloadUnreadable):
        fields = {}  # what cannot be read can still be destroyed
    return ErasedRecord(current_tenant().pk, entry.index, entry.kind, str(entry.rid), fields)


def take_answer(*, parcel: Parcel, notice: Notice) -> None:
    """A counterparty destroyed its copy, or had none: kept once, if we asked for that."""
    head = Head.objects.first()
    if head is None or notice.origin != head.origin:
        raise ParcelError(problems.UNKNOWN_LOG, "it answers for another log")
    told_by, held = notice.members.get("told_by"), notice.members.get("held")
    asked = Erasure.objects.filter(index=notice.size).first()
    if asked is None or told_by != str(asked.told_by) or held not in ("true", "false"):
        raise ParcelError(problems.BAD_ERASURE, f"nothing was erased of entry {notice.size} so")
    if not Outbox.objects.filter(to_tenant=parcel.sender_id, cursor__gt=asked.told_by).exists():
        raise ParcelError(problems.BAD_ERASURE, "it answers before it was asked")
    try:
        erased_at = instant(notice.members.get("at", ""))
    except MalformedError as error:
        raise ParcelError(problems.BAD_FORMAT, str(error)) from error
    ErasureAnswer.objects.get_or_create(
        index=notice.size,
        to_tenant=parcel.sender_id,
        defaults={"held": held == "true", "erased_at": erased_at},
    )
