"""Each institution writes the platform's roots onto its own ledger, and compares them with others'.

So everybody who holds a copy of the ledger, or witnesses it, holds the same roots: the platform
cannot show one map to one and another to the other.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import NAMESPACE_URL, UUID, uuid5

from django.db import connection, transaction
from django.db.models import Max

from ledger.core.errors import LedgerError, MalformedError, ProofError, SignatureError
from ledger.core.title_root import KIND, SignedRoot
from ledger.drafts import Draft
from ledger.exchange.registry import VerifiedBatch
from ledger.models import TitleRootSeen
from ledger.services import append_entries
from ledger.titles.alarms import Kind, compare, raise_alarm, readable
from tenants.context import current_tenant
from tenants.models import TitleEpoch

AT_ONCE = 500
_LOCK = 0x4C4C_524F_4F54  # "LLROOT", beside the tenant's own number


@transaction.atomic
def write_roots(*, at: datetime) -> int:
    """Append the epochs that this ledger does not have; the newest alone when it begins.

    What does not follow the epoch before, or is older, is written too, and alarmed; what cannot be
    read, or the platform's key did not sign, is alarmed only. Its key is the one of the root
    before, or one that this handed over to. Returns how many were written.
    """
    own = current_tenant().pk
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", _lock_of(own.int))
    last = newest_written(own)
    _give_back(own, last)
    if last is None:
        rows = TitleEpoch.objects.order_by("-epoch")[:1]
    else:  # as many as hold: those that do not are passed over, however many there are
        rows = TitleEpoch.objects.filter(epoch__gt=last.root.epoch).order_by("epoch")
    signed = _signed(rows.iterator(), last, at)
    drafts = [_draft(item, at) for item in signed]
    for item, appended in zip(signed, append_entries(drafts=drafts), strict=True):
        if last is not None and not (item.follows(last) and _same_keys(item, last)):
            evidence = {"before": last.fields(), "after": item.fields()}
            raise_alarm(kind=Kind.BROKEN, epoch=item.root.epoch, evidence=evidence, at=at)
        if last is not None and item.root.instant() < last.root.instant():
            evidence = {"before": last.fields(), "after": item.fields()}
            raise_alarm(kind=Kind.UNTIMELY, epoch=item.root.epoch, evidence=evidence, at=at)
        last = item
        _keep(own, appended.index, item, at)
        for seen in TitleRootSeen.objects.filter(epoch=item.root.epoch).exclude(source=own):
            compare(item.fields(), seen.fields, seen.source, at)
    return len(drafts)


def _give_back(own: UUID, last: SignedRoot | None) -> None:
    """Where the platform's database was restored from an old backup: what it had told since.

    Its next epoch then follows the newest that stands on a ledger, not an older one.
    """
    told = TitleEpoch.objects.aggregate(newest=Max("epoch"))["newest"] or 0
    if last is None or last.root.epoch <= told:
        return
    rows = TitleRootSeen.objects.filter(source=own, epoch__gt=told).order_by("epoch")
    TitleEpoch.objects.bulk_create(
        [
            TitleEpoch(
                epoch=row.epoch,
                fields=row.fields,
                sealed_at=signed.root.instant(),
            )
            for row in rows
            if (signed := readable(row)) is not None
        ],
        ignore_conflicts=True,
    )


def take_roots(batch: VerifiedBatch) -> None:
    """A projector: roots that a counterparty's ledger holds, beside ours of the same epoch."""
    own = current_tenant().pk
    for index, fields in zip(batch.indexes, batch.fields, strict=True):
        try:
            signed = SignedRoot.of_fields(fields)
        except LedgerError as error:
            evidence = {"index": str(index), "reason": str(error)}
            raise_alarm(
                kind=Kind.UNSIGNED,
                epoch=0,
                evidence=evidence,
                at=batch.known_at,
                other=batch.source,
            )
            continue
        _keep(batch.source, index, signed, batch.known_at)
        ours = TitleRootSeen.objects.filter(source=own, epoch=signed.root.epoch).first()
        if ours is not None:
            compare(ours.fields, fields, batch.source, batch.known_at)


def _lock_of(number: int) -> tuple[int, int]:
    return _LOCK & 0x7FFF_FFFF, number & 0x7FFF_FFFF


def newest_written(own: UUID) -> SignedRoot | None:
    """The newest root on this ledger that can be read."""
    rows = TitleRootSeen.objects.filter(source=own).order_by("-epoch")
    found = (readable(row) for row in rows.iterator())
    return next((signed for signed in found if signed is not None), None)


def _signed(rows: Iterable[TitleEpoch], last: SignedRoot | None, at: datetime) -> list[SignedRoot]:
    """The first of the platform's roots that its key signed, each led to from the one before."""
    found: list[SignedRoot] = []
    for row in rows:
        if len(found) == AT_ONCE:
            break
        try:
            signed = SignedRoot.of_fields(row.fields)
            signed.verify()
            if last is not None:
                _check_led(signed, last)
        except LedgerError as error:
            kind = Kind.MALFORMED if isinstance(error, MalformedError) else Kind.UNSIGNED
            evidence = {"fields": row.fields, "reason": str(error)}
            raise_alarm(kind=kind, epoch=row.epoch, evidence=evidence, at=at)
            continue
        last = signed
        found.append(signed)
    return found


def _check_led(signed: SignedRoot, last: SignedRoot) -> None:
    """Raise where another key signed it, unless the one before handed over to that in it."""
    change, (epoch, before) = signed.root.change, (signed.root.epoch, last.root.epoch)
    if signed.key != last.key and (change is None or change.old_key != last.key):
        raise SignatureError(
            "another key signed the root, and the one before did not hand over to it"
        )
    if change is not None and epoch <= before:
        raise ProofError(f"the hand-over is of epoch {epoch}, which is not after epoch {before}")


def _same_keys(item: SignedRoot, last: SignedRoot) -> bool:
    """Whether the keys are those of the root before, or it hands over from those."""
    change = item.root.change
    if change is None:
        return (item.key, item.root.vrf_key) == (last.key, last.root.vrf_key)
    return (change.old_key, change.old_vrf_key) == (last.key, last.root.vrf_key)


def _draft(signed: SignedRoot, at: datetime) -> Draft:
    rid = uuid5(NAMESPACE_URL, f"{signed.key.name}/{signed.root.epoch}")
    return Draft.service(kind=KIND, rid=rid, fields=signed.fields(), ts=at)


def _keep(source: UUID, index: int, signed: SignedRoot, at: datetime) -> None:
    TitleRootSeen.objects.get_or_create(
        source=source,
        index=index,
        defaults={"epoch": signed.root.epoch, "fields": signed.fields(), "seen_at": at},
    )
