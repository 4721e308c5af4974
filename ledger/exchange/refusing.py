"""Refusals: kept on both sides with their reason, and with the evidence where a log forked."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import NAMESPACE_URL, UUID, uuid4, uuid5

from django.db import transaction

from ledger.backoff import wait_after
from ledger.core.errors import LedgerError
from ledger.core.fork import Fork, verify_fork
from ledger.drafts import instant
from ledger.exchange import problems
from ledger.exchange.convictions import outside_id, standing_conviction
from ledger.exchange.notices import NOTICES, REFUSAL, post_notice
from ledger.exchange.parcels import Notice
from ledger.exchange.problems import Contradiction, ParcelError
from ledger.log_keys import published_log_keys
from ledger.models import ForkProof, Head, Outbox, Refusal, Replica, ServedRecord
from tenants.context import current_tenant
from tenants.models import Parcel, Tenant
from tenants.problems import Problem

#: Signed entries that do not come for so long are named; and a log without any sign of life.
STALLED_AFTER = timedelta(hours=1)
SILENT_AFTER = timedelta(days=3)
FIRST_RETRY, LAST_RETRY = timedelta(seconds=15), timedelta(hours=1)
FORGIVEN_AFTER = timedelta(days=1)


@transaction.atomic
def keep_refusal(*, parcel: Parcel, error: Exception, at: datetime | str) -> Refusal:
    """Keep the reason, tell the sender, drop what waits: it will send again from where we are."""
    code, detail = _named(error)
    replica = Replica.objects.filter(source=parcel.sender_id).first()
    size = replica.size if replica else 0
    refusal = Refusal.objects.create(
        other=parcel.sender_id,
        parcel=uuid4(),  # ours: the sender chose the parcel's own, and may choose it again
        subject=parcel.subject,
        code=code,
        detail=detail,
        at=instant(at),
    )
    if parcel.subject in NOTICES:
        Parcel.objects.filter(pk=parcel.pk).delete()
        return refusal
    members = {"code": code, "detail": detail, "parcel": str(refusal.parcel)}
    fork = getattr(error, "fork", None)
    if fork is not None:
        members["fork"] = fork.to_bytes().decode()
        _keep_fork(parcel.sender_id, parcel.sender_id, fork, by_us=True, at=at)
    elif code == problems.CONVICTED and (
        proof := standing_conviction(parcel.sender_id, parcel.log_origin)
    ):
        members["fork"] = bytes(proof.evidence).decode()  # this word may replace the one that told
    post_notice(parcel.sender_id, REFUSAL, Notice(parcel.log_origin, size, members))
    Parcel.objects.filter(
        sender=parcel.sender_id, receiver=parcel.receiver_id, log_origin=parcel.log_origin
    ).exclude(subject__in=NOTICES).delete()
    return refusal


def _named(error: Exception) -> tuple[str, str]:
    if isinstance(error, ParcelError):
        code = error.code
    else:
        code = problems.NOT_TAKEN if isinstance(error, Problem) else problems.BAD_FORMAT
    words = str(error) if isinstance(error, LedgerError | Problem) else "values that nothing holds"
    return code, words.replace("\0", "")[:500]


def _keep_fork(source: UUID, other: UUID, fork: Fork, *, by_us: bool, at: datetime | str) -> None:
    evidence = fork.to_bytes()
    ForkProof.objects.get_or_create(
        source=source,
        digest=sha256(evidence).hexdigest(),
        defaults={
            "by_us": by_us,
            "other": other,
            "evidence": evidence,
            "size": fork.size,
            "found_at": instant(at),
        },
    )


def take_refusal(*, parcel: Parcel, notice: Notice, at: datetime | str) -> None:
    """The counterparty refused a parcel: note why and since when, and send from what it holds."""
    refused = _refused_parcel(parcel, notice)
    Refusal.objects.get_or_create(
        parcel=refused,
        defaults={
            "other": parcel.sender_id,
            "by_us": False,
            "subject": "entries",
            "code": notice.members.get("code", problems.BAD_FORMAT)[:40],
            "detail": notice.members.get("detail", "")[:500],
            "at": instant(at),
        },
    )
    head = Head.objects.first()
    if head is None or notice.origin != head.origin:
        return
    _take_fork(parcel.sender_id, notice, at)
    outbox = Outbox.objects.select_for_update().filter(to_tenant=parcel.sender_id).first()
    if outbox is not None:
        outbox.cursor = min(outbox.cursor, notice.size)
        outbox.refused_since = outbox.refused_since or instant(at)
        outbox.refusals = _counted(outbox, instant(at)) + 1
        outbox.refused_at = instant(at)
        outbox.save(update_fields=["cursor", "refused_since", "refused_at", "refusals"])
        ServedRecord.objects.filter(to_tenant=parcel.sender_id).delete()


def _counted(outbox: Outbox, now: datetime) -> int:
    """Earlier refusals that still count: a cosignature between them forgives nothing, time does.

    Who cosigns and refuses in turn has a whole log sent again and again otherwise.
    """
    if outbox.refused_at is None or now - outbox.refused_at >= FORGIVEN_AFTER:
        return 0
    return outbox.refusals


def _refused_parcel(parcel: Parcel, notice: Notice) -> UUID:
    """The refusal's id as its teller chose it, made one that can be no other's and none of ours."""
    try:
        told = UUID(notice.members.get("parcel", ""))
    except ValueError:
        told = parcel.pk
    return uuid5(NAMESPACE_URL, f"told/{parcel.sender_id}/{told}")


def _take_fork(finder: UUID, notice: Notice, at: datetime | str) -> None:
    """Evidence against our own log is kept if it holds; if not, the refusal alone says it."""
    if "fork" not in notice.members:
        return
    source = current_tenant().pk
    try:
        keys = published_log_keys(source, notice.origin)
        fork = Fork.parse(notice.members["fork"].encode())
        if keys is None:
            return
        verify_fork(fork, keys)
    except LedgerError:
        return
    _keep_fork(source, finder, fork, by_us=False, at=at)


def note_outside(*, origin: str, fork: Fork, at: datetime | str) -> None:
    """A log of no institution here has two histories: the evidence is kept, nobody can be told."""
    source = outside_id(origin)
    _keep_fork(source, source, fork, by_us=True, at=at)


@transaction.atomic
def note_contradiction(
    *, source: UUID, origin: str, error: Contradiction, at: datetime | str
) -> None:
    """What is held and what came over HTTP are two histories: named on both sides, once."""
    size = Replica.objects.filter(source=source).values_list("size", flat=True).first() or 0
    name, evidence = f"{source}/{problems.FORKED}/{size}", b""
    if error.fork is not None:
        _keep_fork(source, source, error.fork, by_us=True, at=at)
        evidence = error.fork.to_bytes()
        name += f"/{sha256(evidence).hexdigest()}"
    refusal, fresh = Refusal.objects.get_or_create(
        parcel=uuid5(NAMESPACE_URL, name),
        defaults={
            "other": source,
            "subject": "entries",
            "code": problems.FORKED,
            "detail": str(error)[:500],
            "at": instant(at),
        },
    )
    if fresh:
        members = {"code": refusal.code, "detail": refusal.detail, "parcel": str(refusal.parcel)}
        members |= {"fork": evidence.decode()} if evidence else {}
        post_notice(source, REFUSAL, Notice(origin, size, members))


@transaction.atomic
def note_silence(*, from_tenant: Tenant, at: datetime | str) -> list[Refusal]:
    """Name a source that stalls, once for each place where it stands still, and tell it."""
    replica = Replica.objects.filter(source=from_tenant.pk).first()
    standing = None if replica is None else _standing_still(replica, instant(at))
    if replica is None or standing is None:
        return []
    code, parcel, detail = standing
    refusal, fresh = Refusal.objects.get_or_create(
        parcel=parcel,
        defaults={
            "other": replica.source,
            "subject": "entries",
            "code": code,
            "detail": detail,
            "at": instant(at),
        },
    )
    if not fresh:
        return []
    members = {"code": code, "detail": detail, "parcel": str(parcel)}
    post_notice(replica.source, REFUSAL, Notice(replica.origin, replica.size, members))
    return [refusal]


def _standing_still(replica: Replica, now: datetime) -> tuple[str, UUID, str] | None:
    """(code, an id of this standstill, what is missing), or None while all is well."""
    refused_at = _refused_at(replica.source)  # of what comes and is refused nothing lacks
    if replica.behind_since and now - max(replica.behind_since, refused_at) >= STALLED_AFTER:
        code, since = problems.STALLED, replica.behind_since
        detail = f"it signed more entries than it sends: {replica.size} are here"
    elif replica.received_at and now - max(replica.received_at, refused_at) >= SILENT_AFTER:
        code, since = problems.SILENT, replica.received_at
        detail = f"no entry and no sign of life came after {replica.size}"
    else:
        return None
    name = f"{replica.source}/{code}/{replica.size}/{since.isoformat()}"
    return code, uuid5(NAMESPACE_URL, name), detail


def _refused_at(source: UUID) -> datetime:
    """When a parcel of a log was refused here last; in the year 1 where none ever was."""
    refused = Refusal.objects.filter(other=source, by_us=True, subject="entries")
    newest = refused.exclude(code__in=problems.STANDSTILLS).order_by("-at").first()
    return newest.at if newest else datetime.min.replace(tzinfo=UTC)


def is_unnamed(source: UUID, now: datetime) -> bool:
    """Whether a copied log stands still and was not told so yet."""
    standing = _standing_still(Replica.objects.get(source=source), now)
    return standing is not None and not Refusal.objects.filter(parcel=standing[1]).exists()


def rests_until(outbox: Outbox) -> datetime | None:
    """When a refused log tries again: 15 s after the first refusal, at last an hour."""
    if outbox.refused_at is None or not outbox.refusals:
        return None
    wait = wait_after(outbox.refusals - 1, first=FIRST_RETRY, last=LAST_RETRY)
    return outbox.refused_at + wait


def rests(outbox: Outbox, now: datetime) -> bool:
    """Whether a refused log waits before it tries again; not for what the clock took back."""
    until = rests_until(outbox)
    return until is not None and now < until <= now + LAST_RETRY
