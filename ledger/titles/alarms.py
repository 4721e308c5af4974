"""What cannot be if the platform is honest: kept, told to the counterparty, shown on both sides."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from ledger.core.canonical import Canonical, canonical_bytes, parse_canonical
from ledger.core.errors import LedgerError, SignatureError
from ledger.core.notes import NoteKey
from ledger.core.title_root import SignedRoot
from ledger.drafts import instant
from ledger.exchange import problems
from ledger.exchange.notices import TITLE_ALARM, post_notice
from ledger.exchange.parcels import Notice
from ledger.exchange.problems import ParcelError
from ledger.models import Head, TitleAlarm, TitleRootSeen
from tenants.context import current_tenant
from tenants.models import Parcel, TitleEpoch

Kind = TitleAlarm.Kind
#: So many alarms of a kind are kept of one counterparty within so long; more say nothing new.
MOST, WITHIN = 20, timedelta(days=14)


def raise_alarm(
    *,
    kind: str,
    epoch: int,
    evidence: Canonical,
    at: datetime,
    other: UUID | None = None,
    by_us: bool = True,
) -> bool:
    """Keep it, once; whether it is new. What a counterparty has too many of is not kept."""
    if other is not None:
        lately = TitleAlarm.objects.filter(other=other, by_us=by_us, kind=kind)
        if lately.filter(at__gt=at - WITHIN).count() >= MOST:
            return False
    told = {"kind": str(kind), "epoch": str(epoch), "other": str(other), "evidence": evidence}
    _alarm, fresh = TitleAlarm.objects.get_or_create(
        digest=sha256(canonical_bytes(told)).hexdigest(),
        defaults={
            "kind": kind,
            "epoch": epoch,
            "other": other,
            "by_us": by_us,
            "evidence": evidence,
            "at": at,
        },
    )
    return fresh


def readable(row: TitleRootSeen) -> SignedRoot | None:
    """The root of a row; None where it was stored before what it says was refused."""
    try:
        return SignedRoot.of_fields(row.fields)
    except LedgerError:
        return None


def pinned_key() -> NoteKey | None:
    """The registry's key as the first root on this ledger that can be read brought it."""
    rows = TitleRootSeen.objects.filter(source=current_tenant().pk).order_by("epoch")
    found = (readable(row) for row in rows.iterator())
    return next((signed.key for signed in found if signed is not None), None)


def published_key() -> NoteKey | None:
    """The registry's key as its oldest epoch brought it that can be read."""
    for row in TitleEpoch.objects.order_by("epoch").iterator():
        try:
            signed = SignedRoot.of_fields(row.fields)
            signed.verify()
            return signed.key
        except LedgerError:
            continue
    return None


def compare(ours: Mapping[str, str], theirs: Mapping[str, str], source: UUID, at: datetime) -> None:
    """What the platform told us of an epoch, beside what it told another: alarm both if it differs.

    A root that the platform's key did not sign accuses who wrote it, not the platform.
    """
    if dict(ours) == dict(theirs):
        return
    other = SignedRoot.of_fields(theirs)
    try:
        own = SignedRoot.of_fields(ours)
    except LedgerError:
        return  # one of before such were refused: named where own rights are looked for
    kind = Kind.DIFFERENT
    try:
        other.verify(own.key)
    except LedgerError:
        kind = Kind.UNSIGNED
    if kind == Kind.DIFFERENT and own.root == other.root:
        return  # signed twice, the same word
    evidence: Canonical = {"ours": own.fields(), "theirs": other.fields()}
    epoch = other.root.epoch
    if raise_alarm(kind=kind, epoch=epoch, evidence=evidence, at=at, other=source):
        _tell(source, kind, epoch, evidence)


def _tell(other: UUID, kind: str, epoch: int, evidence: Canonical) -> None:
    head = Head.objects.get()
    members = {"kind": str(kind), "evidence": canonical_bytes(evidence).decode()}
    post_notice(other, TITLE_ALARM, Notice(head.origin, epoch, members))


def take_alarm(*, parcel: Parcel, notice: Notice, at: datetime | str) -> None:
    """A counterparty found it: two roots are kept if the platform's key signed both.

    What it says of a root of ours that nobody signed is its word, kept as such.
    """
    kind = notice.members.get("kind", "")
    if kind not in (Kind.DIFFERENT, Kind.UNSIGNED):
        raise ParcelError(problems.BAD_FORMAT, "it is no alarm of the title registry")
    try:
        evidence = parse_canonical(notice.members.get("evidence", "").encode())
        theirs, ours = (_signed(evidence.get(name)) for name in ("ours", "theirs"))
        if kind == Kind.DIFFERENT:
            key = pinned_key() or published_key()
            if key is None:
                raise SignatureError("the registry has published no key yet")
            ours.verify(key)
            theirs.verify(key)
    except LedgerError as error:
        raise ParcelError(problems.BAD_FORMAT, f"an alarm without its evidence: {error}") from error
    if ours.root.epoch != theirs.root.epoch or ours.root == theirs.root:
        raise ParcelError(
            problems.BAD_FORMAT, "the roots of the alarm do not contradict each other"
        )
    kept: Canonical = {"ours": ours.fields(), "theirs": theirs.fields()}
    raise_alarm(
        kind=kind,
        epoch=ours.root.epoch,
        evidence=kept,
        at=instant(at),
        other=parcel.sender_id,
        by_us=False,
    )


def _signed(value: object) -> SignedRoot:
    if not isinstance(value, dict) or not all(isinstance(item, str) for item in value.values()):
        return SignedRoot.of_fields({})
    return SignedRoot.of_fields(value)
