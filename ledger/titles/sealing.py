"""An epoch: what is held now goes into the map, and the platform signs its root."""

import secrets
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max

from ledger.core.errors import LedgerError
from ledger.core.title_map import SALT_SIZE, Opening, alpha, index_of
from ledger.core.title_root import FIRST, Change, SignedRoot, TitleRoot
from ledger.core.vrf import VrfSecret
from ledger.drafts import stamp
from ledger.signing.root_rules import SaidRoot
from ledger.signing.roots import NAME as MAP_ROOTS
from ledger.titles.keys import MapKeys, reigning_keys
from ledger.titles.prepared import (
    anything_waits,
    check_signer,
    finish_prepared,
    newest_epoch,
    prepare,
    take_signed,
)
from ledger.titles.problems import Unnamed
from ledger.titles.told import newest_told
from ledger.titles.tree import (
    bucket_of,
    bucket_root,
    climb,
    keep_nodes,
    leaves,
    rights_in,
    stored_root,
)
from tenants.database.bound import run_bound
from tenants.models import RightClaim, TitleEpoch, TitleIndex
from tenants.registry.keys import RegistryKeyMissing
from tenants.registry.locking import enter_registry
from tenants.registry.sealing import open_identifier

#: An epoch is sealed after so long even if nothing changed: an old root proves nothing of today.
FRESH_FOR = timedelta(days=1)
_LOCK = 0x4C4C_4D41_50  # "LLMAP"
_BATCH = 500
_TAKEN = [state.value for state in RightClaim.TAKEN]

_UNPLACED = """
    SELECT c.asset_index, c."right", c.claim_id, c.sealed FROM public.tenants_rightclaim c
    LEFT JOIN public.tenants_titleindex i
        ON i.asset_index = c.asset_index AND i."right" = c."right" AND i.vrf_key = %s
    WHERE c.key_version = %s AND c.state = ANY(%s) AND i.id IS NULL
    ORDER BY c.id LIMIT %s
"""
_CHANGES = """
    WITH held AS (
        SELECT i.map_index, c.state, c.holder_id, c.claim_id, i.id IS NULL AS unplaced
        FROM public.tenants_rightclaim c LEFT JOIN public.tenants_titleindex i
            ON i.asset_index = c.asset_index AND i."right" = c."right" AND i.vrf_key = %s
        WHERE c.key_version = %s AND c.state = ANY(%s)
    ), mapped AS (
        SELECT * FROM (
            SELECT DISTINCT ON (map_index) map_index, commitment, state, holder_id, claim_id
            FROM public.tenants_titleleaf ORDER BY map_index, epoch DESC
        ) AS newest WHERE commitment IS NOT NULL
    )
    SELECT coalesce(held.map_index, mapped.map_index), held.state, held.holder_id, held.claim_id,
        coalesce(held.unplaced, false)
    FROM held FULL JOIN mapped ON held.map_index = mapped.map_index
    WHERE (held.state, held.holder_id, held.claim_id)
        IS DISTINCT FROM (mapped.state, mapped.holder_id, mapped.claim_id)
"""


@dataclass(frozen=True, slots=True)
class _Change:
    """What stands at an index from now on; `state` is None where nothing does any more."""

    index: bytes
    state: str | None
    holder: UUID | None
    claim_id: UUID | None


def latest_root() -> SignedRoot | None:
    """The newest epoch's root; `RegistryKeyMissing` where another key signed it."""
    signed = newest_told()
    if signed is not None:
        try:
            signed.verify(reigning_keys().key)
        except LedgerError as error:
            raise RegistryKeyMissing(
                f"{MAP_ROOTS}.key is not the key that epoch {signed.root.epoch} was sealed with. "
                "Restore the file."
            ) from error
    return signed


def is_resting(now: datetime) -> bool:
    """Whether the last epoch is so young that the timer waits: ledgers are not flooded."""
    newest = TitleEpoch.objects.order_by("-epoch").first()
    rest = timedelta(minutes=settings.TITLE_EPOCH_MINUTES)
    return newest is not None and now - newest.sealed_at < rest


def seal_epoch(*, now: datetime) -> SignedRoot | None:
    """Seal the next epoch; None where nothing changed since the last, which is not a day old.

    `now` is the clock on the wall. Call outside of a transaction: the map is committed before its
    root is signed. What another process left unsigned is finished first. Raises `Unnamed` while a
    held right has no identifier, and what the signer refuses.
    """
    check_signer()  # before keys are missed that only a newer database names
    place_rights(reigning_keys().vrf)  # the slow part, outside of the lock
    with settled_map() as finished:
        check_signer()
        last, keys = latest_root(), reigning_keys()
        changes = _changes(keys.vrf)
        if not changes and (last is None or not _is_due(last, now)):
            return finished
        _seal(changes, last, now, keys)
    return finish_epoch()


@contextmanager
def settled_map() -> Iterator[SignedRoot | None]:
    """The map, held within a transaction while no epoch waits; the one that was finished for that.

    That one is told in a commit of its own: what is reserved before counts on the epoch after the
    next, and would not be in one whose snapshot was taken before it was told.
    """
    finished = None
    while True:
        finished = finish_epoch() or finished
        with transaction.atomic(durable=True):
            hold_the_map()
            if not anything_waits():
                yield finished
                return


def finish_epoch() -> SignedRoot | None:
    """Have an epoch signed whose map stands already; None if there is none."""
    with transaction.atomic(durable=True):
        hold_the_map()
        return finish_prepared()


def bring_back_signed() -> SignedRoot | None:
    """The root that the signer signed last, where the database lost it; an operator's step.

    It is told as it was signed, over a map that may be another: the next epoch is due at once.
    """
    with transaction.atomic(durable=True):
        hold_the_map()
        return take_signed()


def hand_over(*, to: MapKeys, now: datetime) -> None:
    """Prepare an epoch in which other keys take over, its map rebuilt under the new VRF's key.

    Within a transaction, by who holds the map and read the root that reigns until then;
    `finish_epoch` after it. What stands under the old places is taken out, as what is not held any
    more.
    """
    check_signer()
    last = latest_root()
    assert last is not None
    # a proof under the old key is none if it says that it was sealed later than this
    at = max(now, TitleEpoch.objects.aggregate(latest=Max("sealed_at"))["latest"])
    _seal(_changes(to.vrf), last, at, to, before=reigning_keys())


def hold_the_map() -> None:
    """Nobody else seals, or changes the map's keys, until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def _is_due(last: SignedRoot, now: datetime) -> bool:
    """Whether a day is over, or the map as stored is not the one that was told last.

    The latter after a restored backup: institutions brought back what had been told since.
    """
    if now - last.root.instant() >= FRESH_FOR:
        return True
    return stored_root(last.root.epoch) != last.root.root


def place_rights(secret: VrfSecret) -> None:
    """Have a VRF name the places of all held rights that have none under its key yet."""
    while _place_some(secret):
        pass


def _place_some(secret: VrfSecret) -> int:
    with transaction.atomic():
        version = enter_registry().current
        rows = run_bound(_UNPLACED, [secret.public, version, _TAKEN, _BATCH])
        if unnamed := sum(sealed is None for *_names, sealed in rows):
            raise Unnamed(params={"count": unnamed})
        placed = []
        for asset_index, right, claim_id, sealed in rows:
            identifier = open_identifier(bytes(sealed), claim_id)
            index = index_of(secret.output(alpha(right, identifier)))
            placed.append(
                TitleIndex(
                    vrf_key=secret.public, asset_index=asset_index, right=right, map_index=index
                )
            )
        TitleIndex.objects.bulk_create(placed, ignore_conflicts=True)
        return len(placed)


def _changes(secret: VrfSecret) -> list[_Change]:
    """What differs from the last epoch, of one snapshot; rights that came meanwhile are placed."""
    while True:
        version = enter_registry().current
        rows = run_bound(_CHANGES, [secret.public, version, _TAKEN])
        if not any(unplaced for *_values, unplaced in rows):
            return [_Change(bytes(index), *values) for index, *values, _unplaced in rows]
        place_rights(secret)


def _seal(
    changes: list[_Change],
    last: SignedRoot | None,
    now: datetime,
    keys: MapKeys,
    before: MapKeys | None = None,
) -> None:
    newest = newest_epoch()
    epoch = newest + 1  # a number that was told is never told again
    held = leaves({bucket_of(change.index) for change in changes}, newest)
    fresh = _keep_leaves(changes, epoch)
    buckets: dict[int, dict[bytes, bytes]] = defaultdict(dict)
    for bucket, rows in held.items():
        buckets[bucket] = {index: leaf.commitment for index, leaf in rows.items()}
    for change in changes:
        bucket = buckets[bucket_of(change.index)]
        bucket.pop(change.index, None)
        if change.index in fresh:
            bucket[change.index] = fresh[change.index]
    found = climb({bucket: bucket_root(rows) for bucket, rows in buckets.items()}, newest)
    keep_nodes(found, epoch)
    said = say_root(
        epoch=epoch,
        root=stored_root(epoch),
        rights=rights_in(epoch),
        previous=last.root.digest() if last is not None else FIRST,
        now=now,
        keys=keys,
        before=before,
    )
    prepare(said)


def _keep_leaves(changes: list[_Change], epoch: int) -> dict[bytes, bytes]:
    """Store each change with a fresh salt; returns the commitments of what stands now."""
    fresh, rows = {}, []
    for change in changes:
        salt = commitment = None
        if change.state is not None:
            salt = secrets.token_bytes(SALT_SIZE)
            commitment = Opening(salt, change.state, str(change.holder), epoch).commitment()
            fresh[change.index] = commitment
        row = (change.index, bucket_of(change.index), commitment, salt, change.state or "")
        rows.append((*row, change.holder, change.claim_id))
    if rows:
        run_bound(
            "INSERT INTO public.tenants_titleleaf (epoch, map_index, bucket, commitment, salt,"
            " state, holder_id, claim_id) SELECT %s, t.* FROM unnest(%s::bytea[], %s::int[],"
            " %s::bytea[], %s::bytea[], %s::text[], %s::uuid[], %s::uuid[]) AS t",
            [epoch, *(list(column) for column in zip(*rows, strict=True))],
        )
    return fresh


def say_root(
    *,
    epoch: int,
    root: bytes,
    rights: int,
    previous: bytes,
    now: datetime,
    keys: MapKeys,
    before: MapKeys | None = None,
) -> SaidRoot:
    """What the platform says of an epoch; `before`: the keys that hand over to `keys` in it."""
    change = None if before is None else Change(keys.key, before.key, before.vrf.public)
    said = TitleRoot(
        origin=keys.name,
        epoch=epoch,
        root=root,
        rights=rights,
        vrf_key=keys.vrf.public,
        previous=previous,
        sealed_at=stamp(now),
        change=change,
    )
    return SaidRoot(said, keys.key)
