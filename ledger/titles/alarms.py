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
from ledger.titles.told import told_keys
from tenants.context import current_tenant
from tenants.models import Parcel

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


def signers_in(epoch: int) -> frozenset[NoteKey]:
    """The registry's keys whose word counts in an epoch: by our own ledger, as far as it reaches.

    Of epochs from before its first root, or without any, as the platform tells itself.
    """
    own = TitleRootSeen.objects.filter(source=current_tenant().pk)
    read = (signed for row in own.order_by("epoch").iterator() if (signed := readable(row)))
    first = next(read, None)
    if first is None or epoch < first.root.epoch:
        told = told_keys()
        if told is not None:
            return told.signers(epoch)
    if first is None:
        return frozenset()
    turns = own.filter(fields__has_key="old_key", epoch__lte=epoch).order_by("-epoch")
    told_since = (item for item in map(readable, turns) if item is not None and item.changes_key)
    newest = next(told_since, first)
    return newest.signers if newest.root.epoch == epoch else frozenset({newest.key})


def compare(ours: Mapping[str, str], theirs: Mapping[str, str], source: UUID, at: datetime) -> None:
    """What the platform told us of an epoch, beside what it told another: alarm both if it differs.

    Both count if one key signed both: in the epoch of a hand-over two keys speak for the platform.
    A root that its key did not sign accuses who wrote it, not the platform.
    """
    if dict(ours) == dict(theirs):
        return
    other = SignedRoot.of_fields(theirs)
    try:
        own = SignedRoot.of_fields(ours)
    except LedgerError:
        return  # one of before such were refused: named where own rights are looked for
    try:
        other.verify()
        is_signed = bool(own.signers & other.signers)
    except LedgerError:
        is_signed = False
    kind = Kind.DIFFERENT if is_signed else Kind.UNSIGNED
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
            ours.verify()
            theirs.verify()
            _check_signers(ours.signers & theirs.signers, ours.root.epoch)
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


def _check_signers(both: frozenset[NoteKey], epoch: int) -> None:
    known = signers_in(epoch)
    if not known:
        raise SignatureError("the registry has published no key yet")
    if not both & known:
        raise SignatureError("the registry's key is not the one that you trust")


def _signed(value: object) -> SignedRoot:
    if not isinstance(value, dict) or not all(isinstance(item, str) for item in value.values()):
        return SignedRoot.of_fields({})
    return SignedRoot.of_fields(value)
