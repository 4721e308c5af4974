"""Exchange with one counterparty, in the current tenant's context.

The sender never sees the receiver's schema, nor the other way round: parcels in the shared mailbox
are all that passes. What does not verify is refused, named on both sides, and nothing of it kept.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from django.db import transaction

from ledger import vault
from ledger.core.errors import LedgerError
from ledger.core.notes import (
    ED25519_COSIGNATURE,
    MAX_TIMESTAMP,
    Note,
    NoteKey,
    SignatureLine,
    cosign_text,
    verify_note,
)
from ledger.drafts import instant
from ledger.exchange import problems
from ledger.exchange.parcels import EntriesParcel, Notice
from ledger.exchange.problems import ParcelError
from ledger.exchange.receiving import receive_entries
from ledger.exchange.sending import Sent, send_parcels
from ledger.models import Checkpoint, Cosignature, Head, Outbox, Refusal, Replica, ServedRecord
from ledger.services.keys import cosigner_name, open_log
from tenants.context import current_tenant
from tenants.models import Parcel, PublishedKey, Tenant

__all__ = ["Received", "Sent", "receive_parcels", "send_parcels"]

COSIGNATURE, REFUSAL = "cosignature", "refusal"


@dataclass
class Received:
    """What one call took in."""

    parcels: int = 0
    cosigned: int = 0
    refusals: list[Refusal] = field(default_factory=list)


def receive_parcels(*, from_tenant: Tenant, at: datetime | str) -> Received:
    """Take in everything that `from_tenant` left, parcel by parcel, and cosign what is whole.

    A parcel that does not verify is refused: its name and reason are kept and sent back, nothing
    else. Idempotent: a parcel taken twice changes nothing.
    """
    open_log(at=at)
    received = Received()
    mailbox = Parcel.objects.filter(sender=from_tenant, receiver=current_tenant())
    waiting = mailbox.order_by("created_at", "from_index").values_list("pk", "subject")
    for pk, subject in list(waiting):
        try:
            with transaction.atomic():
                parcel = mailbox.select_for_update(skip_locked=True).filter(pk=pk).first()
                if parcel is None:
                    continue
                _take(parcel, subject, at)
                parcel.delete()
            received.parcels += 1
        except LedgerError as error:
            received.refusals.append(_refuse(mailbox.get(pk=pk), error, at))
            break
    received.cosigned = _cosign(from_tenant, at)
    return received


def _take(parcel: Parcel, subject: str, at: datetime | str) -> None:
    body = bytes(parcel.body)
    if subject == COSIGNATURE:
        _take_cosignature(parcel, Notice.parse(body))
    elif subject == REFUSAL:
        _take_refusal(parcel, Notice.parse(body), at)
    else:
        replica = _replica(parcel)
        receive_entries(
            replica=replica,
            parcel=EntriesParcel.parse(body),
            receiver=current_tenant().pk,
            known_at=instant(at),
        )


def _replica(parcel: Parcel) -> Replica:
    """The copy of the sender's log, locked; its log key is pinned when the first parcel comes."""
    replica = Replica.objects.select_for_update().filter(source=parcel.sender_id).first()
    if replica is not None:
        return replica
    keys = PublishedKey.objects.filter(tenant=parcel.sender_id, purpose=PublishedKey.LOG)
    for key in map(NoteKey.parse, keys.order_by("created_at").values_list("key", flat=True)):
        if key.name == parcel.log_origin:
            return Replica.objects.create(
                source=parcel.sender_id,
                origin=key.name,
                log_id=key.name.rpartition("/")[2],
                vkey=key.vkey(),
            )
    raise ParcelError(problems.UNKNOWN_LOG, "the sender has not published this log's key")


def _refuse(parcel: Parcel, error: LedgerError, at: datetime | str) -> Refusal:
    """Keep the reason, tell the sender, drop what waits: it will send again from where we are."""
    code = error.code if isinstance(error, ParcelError) else problems.BAD_FORMAT
    replica = Replica.objects.filter(source=parcel.sender_id).first()
    size = replica.size if replica else 0
    with transaction.atomic():
        refusal = Refusal.objects.create(
            other=parcel.sender_id,
            parcel=parcel.pk,
            subject=parcel.subject,
            code=code,
            detail=str(error)[:500],
            at=instant(at),
        )
        if parcel.subject not in (COSIGNATURE, REFUSAL):
            members = {"code": code, "detail": refusal.detail, "parcel": str(parcel.pk)}
            _post_notice(parcel.sender_id, REFUSAL, Notice(parcel.log_origin, size, members))
            Parcel.objects.filter(
                sender=parcel.sender_id, receiver=parcel.receiver_id, log_origin=parcel.log_origin
            ).exclude(subject__in=(COSIGNATURE, REFUSAL)).delete()
        else:
            parcel.delete()
    return refusal


def _post_notice(to_tenant: UUID, subject: str, notice: Notice) -> None:
    mailbox = Parcel.objects.filter(
        sender=current_tenant(), receiver=to_tenant, subject=subject, log_origin=notice.origin
    )
    mailbox.filter(from_index=notice.size).delete()  # the newer word replaces the older
    Parcel.objects.create(
        sender=current_tenant(),
        receiver_id=to_tenant,
        subject=subject,
        log_origin=notice.origin,
        from_index=notice.size,
        to_index=notice.size,
        body=notice.to_bytes(),
    )


@transaction.atomic
def _cosign(from_tenant: Tenant, at: datetime | str) -> int:
    """Cosign the newest checkpoint if the copy is complete up to it; answers its size, else 0."""
    replica = Replica.objects.select_for_update().filter(source=from_tenant.pk).first()
    if replica is None or replica.checkpoint is None or replica.checkpoint_size != replica.size:
        return 0
    head = Head.objects.get()
    note = Note.parse(bytes(replica.checkpoint))
    name = cosigner_name(head)
    if any(line.name == name for line in note.lines):
        return 0
    time = min(int(instant(at).timestamp()), MAX_TIMESTAMP)
    line = cosign_text(note.text, name, vault.cosigner_secret(), time)
    replica.checkpoint = Note(note.text, (*note.lines, line)).to_bytes()
    replica.save(update_fields=["checkpoint"])
    notice = Notice(replica.origin, replica.size, {"line": line.text().rstrip("\n")})
    _post_notice(from_tenant.pk, COSIGNATURE, notice)
    return replica.size


def _take_cosignature(parcel: Parcel, notice: Notice) -> None:
    """Store a cosignature of one of our checkpoints, if a published key of the sender made it."""
    checkpoint = Checkpoint.objects.filter(size=notice.size).first()
    head = Head.objects.get()
    if checkpoint is None or notice.origin != head.origin:
        raise ParcelError(problems.UNKNOWN_LOG, "the cosignature is of no checkpoint of this log")
    published = PublishedKey.objects.filter(tenant=parcel.sender_id, purpose=PublishedKey.COSIGNER)
    keys = [NoteKey.parse(text) for text in published.values_list("key", flat=True)]
    line = SignatureLine.parse(notice.members.get("line", ""))
    text = Note.parse(bytes(checkpoint.note)).text
    (verified, *_) = verify_note(Note(text, (line,)), keys)
    if verified.key.kind != ED25519_COSIGNATURE or verified.time is None:
        raise ParcelError(problems.BAD_FORMAT, "it is no cosignature")
    _keep_cosignature(notice.size, verified.key, line, verified.time)
    Outbox.objects.filter(to_tenant=parcel.sender_id, cosigned_size__lt=notice.size).update(
        cosigned_size=notice.size
    )


def _keep_cosignature(size: int, key: NoteKey, line: SignatureLine, time: int) -> None:
    Cosignature.objects.get_or_create(
        size=size,
        vkey=key.vkey(),
        defaults={
            "cosigner": key.name,
            "line": line.text().rstrip("\n"),
            "cosigned_at": datetime.fromtimestamp(time, tz=UTC),
        },
    )


def _take_refusal(parcel: Parcel, notice: Notice, at: datetime | str) -> None:
    """The counterparty refused a parcel: note why, and send again from what it holds."""
    Refusal.objects.get_or_create(
        parcel=parcel.pk,
        defaults={
            "other": parcel.sender_id,
            "by_us": False,
            "subject": "entries",
            "code": notice.members.get("code", problems.BAD_FORMAT)[:40],
            "detail": notice.members.get("detail", "")[:500],
            "at": instant(at),
        },
    )
    outbox = Outbox.objects.select_for_update().filter(to_tenant=parcel.sender_id).first()
    if outbox is not None and notice.origin == Head.objects.get().origin:
        outbox.cursor = min(outbox.cursor, notice.size)
        outbox.save(update_fields=["cursor"])
        ServedRecord.objects.filter(to_tenant=parcel.sender_id).delete()
