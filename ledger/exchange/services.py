"""Exchange with one counterparty, in the current tenant's context.

The sender never sees the receiver's schema, nor the other way round: parcels in the shared mailbox
are all that passes. What does not verify is refused, named on both sides, and nothing of it kept.
"""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import psycopg
from django.db import DataError, transaction
from django.db.models import QuerySet
from django.db.models.functions import Length

from ledger.core.errors import LedgerError
from ledger.core.notes import COSIGNATURES, Note, NoteKey, SignatureLine, verify_note
from ledger.cosignatures import keep_cosignature
from ledger.drafts import instant
from ledger.exchange import problems
from ledger.exchange.convictions import check_not_convicted, standing_conviction
from ledger.exchange.erasing import take_answer
from ledger.exchange.notices import (
    COSIGNATURE,
    ERASED,
    NOTICES,
    REFUSAL,
    RESTORE_ASKED,
    RESTORED,
    TITLE_ALARM,
    post_notice,
)
from ledger.exchange.parcels import MAX_BODY_BYTES, EntriesParcel, Notice
from ledger.exchange.problems import Contradiction, ParcelError
from ledger.exchange.receiving import receive_entries
from ledger.exchange.refusing import keep_refusal, note_contradiction, note_silence, take_refusal
from ledger.exchange.restoring import take_request
from ledger.exchange.sending import Sent, send_parcels
from ledger.log_keys import published_log_keys
from ledger.models import Checkpoint, Head, Outbox, Refusal, Replica
from ledger.problems import LogHalted
from ledger.services.keys import open_log
from ledger.services.published_keys import cosigner_name, is_log_lost
from ledger.titles.alarms import take_alarm
from ledger.witnessing.contradictions import check_copy
from ledger.witnessing.state import cosign_copy, recall
from tenants.asides import waiting_asides
from tenants.context import current_tenant
from tenants.models import Parcel, PublishedKey, Tenant
from tenants.problems import Problem

__all__ = ["Received", "Sent", "receive_parcels", "send_parcels"]

# whatever a stranger's bytes can cause: none of it may stop the exchange without a word
_REFUSED = (
    LedgerError,
    Problem,
    DataError,
    psycopg.DataError,
    OverflowError,
    RecursionError,
)
#: Members of a cosignature's notice, one for each algorithm; while keys are replaced, the old ones'
#: too: a policy that names those alone is met until they are retired.
LINES = ("line", "line_mldsa", "line_replaced", "line_mldsa_replaced")


@dataclass
class Received:
    """What one call took in."""

    parcels: int = 0
    cosigned: int = 0
    refusals: list[Refusal] = field(default_factory=list)


def receive_parcels(
    *, from_tenant: Tenant, at: datetime | str, only_requests: bool = False
) -> Received:
    """Take in everything that `from_tenant` left, parcel by parcel, and cosign what is whole.

    `only_requests`: nothing but its question for a lost log, where somebody carries the rest.
    A parcel that does not verify is refused: its name and reason are kept and sent back, nothing
    else. Idempotent: a parcel taken twice changes nothing.
    """
    if is_log_lost():
        return Received()  # until it is restored; what waits keeps waiting
    if waiting_asides(current_tenant()):  # what it tells would stand where tables come back to
        only_requests = True
    open_log(at=at)
    received = Received()
    mailbox = Parcel.objects.filter(sender=from_tenant, receiver=current_tenant())
    mailbox = mailbox.exclude(subject=RESTORED)  # taken by `take_back_log` alone
    if only_requests:
        mailbox = mailbox.filter(subject=RESTORE_ASKED)
    for pk, subject, length in _waiting(mailbox):
        try:
            if length > MAX_BODY_BYTES:
                raise ParcelError(problems.TOO_LARGE, f"a parcel of {length:,} bytes")
            with transaction.atomic():
                parcel = mailbox.select_for_update(skip_locked=True).filter(pk=pk).first()
                if parcel is None:
                    continue
                _take(parcel, subject, at)
                parcel.delete()
            received.parcels += 1
        except LogHalted:  # our own log takes nothing: no fault of the sender's, it waits
            raise
        except _REFUSED as error:
            parcel = mailbox.defer("body").get(pk=pk)
            received.refusals.append(keep_refusal(parcel=parcel, error=error, at=at))
            if subject not in NOTICES:
                break  # what waits after it was dropped
    if only_requests:
        return received
    received.refusals += note_silence(from_tenant=from_tenant, at=at)
    received.cosigned = _cosign(from_tenant, at)
    return received


def _waiting(mailbox: QuerySet[Parcel]) -> list[tuple[UUID, str, int]]:
    """Key, subject and length of what waits: entries in their order, then notices as they came.

    Entries go by their place and not by the sender's clock, which may have been set back.
    """
    rows = mailbox.annotate(length=Length("body")).values_list(
        "pk", "subject", "length", "from_index", "to_index", "created_at"
    )
    notices = [row for row in rows if row[1] in NOTICES]
    entries = [row for row in rows if row[1] not in NOTICES]
    entries.sort(key=lambda row: row[3:])
    notices.sort(key=lambda row: row[5])
    return [row[:3] for row in (*entries, *notices)]


def _take(parcel: Parcel, subject: str, at: datetime | str) -> None:
    body = bytes(parcel.body)
    if subject == COSIGNATURE:
        _take_cosignature(parcel, Notice.parse(body))
    elif subject == REFUSAL:
        take_refusal(parcel=parcel, notice=Notice.parse(body), at=at)
    elif subject == RESTORE_ASKED:
        take_request(parcel=parcel, notice=Notice.parse(body), at=at)
    elif subject == ERASED:
        take_answer(parcel=parcel, notice=Notice.parse(body))
    elif subject == TITLE_ALARM:
        take_alarm(parcel=parcel, notice=Notice.parse(body), at=at)
    else:
        replica = _replica(parcel)
        check_not_convicted(replica.source, replica.origin)
        entries = EntriesParcel.parse(body)
        receive_entries(
            replica=replica, parcel=entries, receiver=current_tenant().pk, known_at=instant(at)
        )
        try:  # what was cosigned of the log over HTTP binds its parcels too
            check_copy(replica)
        except Contradiction as error:
            raise ParcelError(problems.FORKED, str(error), error.fork) from error


def _replica(parcel: Parcel) -> Replica:
    """The copy of the sender's log, locked; its log key is pinned when the first parcel comes."""
    replica = Replica.objects.select_for_update().filter(source=parcel.sender_id).first()
    if replica is not None:
        return replica
    keys = published_log_keys(parcel.sender_id, parcel.log_origin)
    if keys is not None:
        key = keys.first
        return Replica.objects.create(
            source=parcel.sender_id,
            origin=key.name,
            log_id=key.name.rpartition("/")[2],
            vkey=key.vkey(),
        )
    raise ParcelError(problems.UNKNOWN_LOG, "the sender has not published this log's key")


@transaction.atomic
def _cosign(from_tenant: Tenant, at: datetime | str) -> int:
    """Cosign the newest checkpoint if the copy is complete up to it; answers its size, else 0."""
    replica = Replica.objects.select_for_update().filter(source=from_tenant.pk).first()
    if replica is None or replica.checkpoint is None or replica.checkpoint_size != replica.size:
        return 0
    if standing_conviction(replica.source, replica.origin) is not None:
        return 0
    head = Head.objects.get()
    note = Note.parse(bytes(replica.checkpoint))
    name = cosigner_name(head)
    is_cosigned = any(line.name == name for line in note.lines)
    try:
        if is_cosigned:  # by us, in a life that a restored database may have forgotten
            recall(replica)
            return 0
        lines = cosign_copy(replica, at=at)
    except Contradiction as error:
        note_contradiction(source=replica.source, origin=replica.origin, error=error, at=at)
        return 0
    if not lines:
        return 0
    replica.checkpoint = note.adding(lines).to_bytes()
    replica.save(update_fields=["checkpoint"])
    texts = [line.text().rstrip("\n") for line in lines]
    notice = Notice(replica.origin, replica.size, dict(zip(LINES, texts, strict=False)))
    post_notice(from_tenant.pk, COSIGNATURE, notice)
    return replica.size


def _take_cosignature(parcel: Parcel, notice: Notice) -> None:
    """Store a cosignature of one of our checkpoints, if a published key of the sender made it."""
    checkpoint = Checkpoint.objects.filter(size=notice.size).first()
    head = Head.objects.get()
    if checkpoint is None or notice.origin != head.origin:
        raise ParcelError(problems.UNKNOWN_LOG, "the cosignature is of no checkpoint of this log")
    published = PublishedKey.objects.filter(tenant=parcel.sender_id, purpose=PublishedKey.COSIGNER)
    keys = [NoteKey.parse(text) for text in published.values_list("key", flat=True)]
    texts = [notice.members[name] for name in LINES if name in notice.members]
    lines = tuple(map(SignatureLine.parse, texts))
    text = Note.parse(bytes(checkpoint.note)).text
    for line in lines or (SignatureLine.parse(""),):
        (verified,) = verify_note(Note(text, (line,)), keys)
        if verified.key.kind not in COSIGNATURES or verified.time is None:
            raise ParcelError(problems.BAD_FORMAT, "it is no cosignature")
        keep_cosignature(notice.size, line, verified)
    Outbox.objects.filter(to_tenant=parcel.sender_id, cosigned_size__lt=notice.size).update(
        cosigned_size=notice.size, refused_since=None
    )
