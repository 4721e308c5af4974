"""Each institution looks in each epoch whether all that it holds stands in the map as its own.

By its own books, not by the registry's table. While this finds everything, the platform cannot have
shown any of these rights as free in the same epoch: all ledgers hold the same root.

When an epoch was sealed is the platform's word; it decides nothing that would excuse the platform
for long. What counts is our own order: which epochs stood on our ledger when a right was found.
"""

from datetime import datetime, timedelta

from django.db import transaction

from ledger.core import vrf
from ledger.core.errors import LedgerError, ProofError
from ledger.core.title_map import alpha, index_of, verify_map
from ledger.core.title_root import SignedRoot
from ledger.drafts import stamp
from ledger.models import TitleCheck, TitleRootSeen, TitleWatch
from ledger.titles.alarms import Kind, raise_alarm, readable
from ledger.titles.asking import answers
from ledger.titles.books import Claim, Holding, all_holdings
from ledger.titles.problems import IndexKeyGone, NotScreened
from ledger.titles.tree import Found, look_up
from tenants.context import current_tenant
from tenants.registry.keys import normal

#: So far the platform's clock may be from ours.
FAR = timedelta(days=1)
_BATCH = 200


def watch_own_rights(*, now: datetime, at: datetime) -> list[TitleCheck]:
    """Look into the map of each epoch on this ledger that was not looked into yet.

    `now` is the clock on the wall, as epochs have it; `at` the institution's. What is missing is
    kept, and alarmed; so is an epoch whose time cannot be true.
    """
    newest = _newest()
    if newest is None:
        return []
    _follow_books(newest, now)
    last = TitleCheck.objects.order_by("-epoch").first()
    own = TitleRootSeen.objects.filter(source=current_tenant().pk).order_by("epoch")
    rows = own.filter(epoch__gt=last.epoch) if last is not None else own.order_by("-epoch")[:1]
    checks = []
    for row in rows:
        root = readable(row)
        if root is None:
            _name(row, at)
        else:
            _move(root)
            checks.append(_look(root, last, now, at))
    return checks


def _name(row: TitleRootSeen, at: datetime) -> None:
    """A root that was stored before such were refused: alarmed once, and the next is looked at."""
    try:
        SignedRoot.of_fields(row.fields)
    except LedgerError as error:
        evidence = {"fields": row.fields, "reason": str(error)}
        raise_alarm(kind=Kind.MALFORMED, epoch=row.epoch, evidence=evidence, at=at)


def _move(root: SignedRoot) -> None:
    """Have the places of all that is watched proven anew, where another key drew them."""
    moved = list(TitleWatch.objects.exclude(vrf_key=root.root.vrf_key))
    for start in range(0, len(moved), _BATCH):
        batch = moved[start : start + _BATCH]
        wanted = [Claim(row.claim_id, row.right, row.identifier) for row in batch]
        for row, index in zip(batch, _places(wanted, root), strict=True):
            row.map_index, row.vrf_key = index, root.root.vrf_key
        TitleWatch.objects.bulk_update(batch, ["map_index", "vrf_key"])


def _newest() -> SignedRoot | None:
    own = TitleRootSeen.objects.filter(source=current_tenant().pk)
    found = (readable(row) for row in own.order_by("-epoch").iterator())
    return next((signed for signed in found if signed is not None), None)


def _follow_books(root: SignedRoot, now: datetime) -> None:
    """Rows of what the books hold; the place of each in the map is proven when it is new."""
    books = {(str(h.claim_id), h.right, h.grip): h for h in all_holdings()}
    watched = {(str(w.claim_id), w.right, w.grip): w.pk for w in TitleWatch.objects.all()}
    gone = [pk for name, pk in watched.items() if name not in books]
    TitleWatch.objects.filter(pk__in=gone).delete()
    fresh = [holding for name, holding in books.items() if name not in watched]
    for start in range(0, len(fresh), _BATCH):
        _place(fresh[start : start + _BATCH], root, now)


def _place(fresh: list[Holding], root: SignedRoot, now: datetime) -> None:
    wanted = [Claim(holding.claim_id, holding.right, holding.identifier) for holding in fresh]
    rows = [
        TitleWatch(
            claim_id=holding.claim_id,
            right=holding.right,
            identifier=normal(holding.identifier),
            grip=holding.grip,
            map_index=index,
            vrf_key=root.root.vrf_key,
            seen_at=now,
            seen_epoch=root.root.epoch,
        )
        for holding, index in zip(fresh, _places(wanted, root), strict=True)
    ]
    TitleWatch.objects.bulk_create(rows, ignore_conflicts=True)


def _places(wanted: list[Claim], root: SignedRoot) -> list[bytes]:
    """Where each stands in the map, proven; no bytes where the registry does not prove it."""
    try:
        made = answers(wanted, epoch=root.root.epoch, asker=current_tenant().pk)
        names = [alpha(claim.right, normal(claim.identifier)) for claim in wanted]
        return [
            index_of(vrf.verify(root.root.vrf_key, name, answer.vrf_proof))
            for name, answer in zip(names, made, strict=True)
        ]
    except IndexKeyGone:
        return [b""] * len(wanted)
    except (LedgerError, NotScreened):
        if len(wanted) == 1:
            return [b""]
        return [place for claim in wanted for place in _places([claim], root)]


@transaction.atomic
def _look(signed: SignedRoot, last: TitleCheck | None, now: datetime, at: datetime) -> TitleCheck:
    """Count what stands there as ours; what does not, and must, is missing."""
    root = signed.root
    _check_time(signed, last, now, at)
    rows = list(TitleWatch.objects.all())
    found = look_up([bytes(row.map_index) for row in rows if row.map_index], root.epoch)
    held, missing = 0, []
    for row in rows:
        try:
            _is_ours(row, found.get(bytes(row.map_index)), root.root)
            held += 1
        except LedgerError as error:
            if _must_stand(row, signed):
                missing.append(_named(row, error))
    if missing:
        raise_alarm(kind=Kind.MISSING, epoch=root.epoch, evidence=missing, at=at)
    return TitleCheck.objects.create(
        epoch=root.epoch, held=held, missing=missing, checked_at=at, looked_at=now
    )


def _must_stand(row: TitleWatch, signed: SignedRoot) -> bool:
    """Whether the epoch was sealed after the right was found in the books.

    The one that came right after may have been in the making then, and is excused if it says so;
    the next was begun after that one was told.
    """
    root = signed.root
    return root.epoch > row.seen_epoch + 1 or row.seen_at < root.instant()


def _check_time(signed: SignedRoot, last: TitleCheck | None, now: datetime, at: datetime) -> None:
    """Alarm an epoch from the future, or from before we last saw that it was not there yet."""
    sealed_at = signed.root.instant()
    if sealed_at > now + FAR:
        reason = "it says that it was sealed more than a day after our clock"
    elif last is not None and last.looked_at is not None and sealed_at < last.looked_at - FAR:
        reason = "it says that it was sealed more than a day before we saw that it was not there"
    else:
        return
    evidence = {"root": signed.fields(), "clock": stamp(now), "reason": reason}
    raise_alarm(kind=Kind.UNTIMELY, epoch=signed.root.epoch, evidence=evidence, at=at)


def _is_ours(row: TitleWatch, there: Found | None, root: bytes) -> None:
    """Raise unless the map of this root holds the right as held by this institution."""
    if there is None:
        raise ProofError("the registry proves no place for it")
    if there.leaf is None or there.leaf.opening().holder != str(current_tenant().pk):
        raise ProofError("it is not held by us there")
    verify_map(root, bytes(row.map_index), there.leaf.opening().commitment(), there.proof)


def _named(row: TitleWatch, error: LedgerError) -> dict[str, str]:
    return {
        "claim": str(row.claim_id),
        "right": row.right,
        "identifier": row.identifier,
        "reason": str(error),
    }
