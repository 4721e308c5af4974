"""A new key for the blind index, while claims, pledges and releases go on.

Four steps, each by itself and repeatable: `begin` (from now on a claim is written under both keys),
`fill` (what stood before is written under the new key too, from the encrypted identifiers),
`switch` (the new key names the assets), `drop` (rows of the old key go). A row of each key stands
from the first step to the last, each under the exclusion constraint: at no moment can a vehicle be
pledged twice because its index had another name. Under a new key alone it was.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Count

from tenants.database.bound import run_bound
from tenants.models import RightClaim, RightState, TitleKeyring
from tenants.problems import Refused
from tenants.registry.claims import TABLE, copy_rows
from tenants.registry.keys import RegistryKeyMissing, blind_index, make_index_key
from tenants.registry.locking import enter_alone
from tenants.registry.sealing import open_identifier

_BATCH = 2_000
_UNEVEN = f"""
    SELECT count(*) FROM (
        SELECT claim_id, "right" FROM {TABLE} WHERE state <> 'released'
        GROUP BY claim_id, "right"
        HAVING count(*) FILTER (WHERE key_version = %s) <> count(*) FILTER (WHERE key_version = %s)
    ) AS uneven
"""

#: Places in the map are kept by the index of before, too; by the new one they are found anew.
_FORGET_PLACES = f"""
    DELETE FROM public.tenants_titleindex i WHERE NOT EXISTS (
        SELECT FROM {TABLE} c WHERE c.asset_index = i.asset_index AND c."right" = i."right"
    )
"""


@dataclass(frozen=True)
class RotationStatus:
    """Where a rotation stands. `step` is what comes next: begin, fill, switch or drop."""

    current: int
    other: int | None
    step: str
    unfilled: int
    unnamed: dict[UUID, int]  # by claimant: claims whose identifiers it has to send again


class NotReady(Refused):
    """A step out of turn."""

    code = "rotation_not_ready"
    title = "The rotation of the title registry's key is not ready for this step."


def status() -> RotationStatus:
    """Where it stands now."""
    ring = TitleKeyring.objects.get()
    filling = ring.other is not None and ring.other > ring.current
    unfilled = _uneven(ring) if filling else 0
    if ring.other is None:
        step = "begin"
    elif not filling:
        step = "drop"
    else:
        step = "fill" if unfilled else "switch"
    return RotationStatus(ring.current, ring.other, step, unfilled, unnamed())


def unnamed() -> dict[UUID, int]:
    """Claims that stand without an encrypted identifier, counted by claimant."""
    rows = RightClaim.objects.filter(sealed=None).exclude(state=RightState.RELEASED)
    counted = rows.values("claimant_id").annotate(claims=Count("claim_id", distinct=True))
    return {row["claimant_id"]: row["claims"] for row in counted}


@transaction.atomic
def begin(*, at: datetime) -> int:
    """Make the next key; claims are written under both from now on. Returns its version."""
    ring = enter_alone()
    if ring.other is not None:
        if ring.other > ring.current:
            return ring.other
        raise NotReady(
            detail="The key of version %(version)s has not been dropped yet.",
            mend="Drop it first.",
            params={"version": ring.other},
        )
    make_index_key(ring.current + 1)
    _change(ring, at, other=ring.current + 1, filled_to=0)
    return ring.current + 1


def fill(*, at: datetime) -> int:
    """Write what stood before under the new key, batch by batch; returns how many rows were."""
    done = 0
    while (count := _fill_batch(at)) is not None:
        done += count
    return done


@transaction.atomic
def _fill_batch(at: datetime) -> int | None:
    ring = enter_alone()
    if ring.other is None or ring.other < ring.current:
        raise NotReady(detail="There is no new key to fill.", mend="Begin a rotation.")
    rows = run_bound(
        f"SELECT id, claim_id, asset_index, sealed FROM {TABLE}"
        " WHERE key_version = %s AND id > %s ORDER BY id LIMIT %s",
        [ring.current, ring.filled_to, _BATCH],
    )
    if not rows:
        return None
    named = [row for row in rows if row[3] is not None]
    indexes = [_other_index(ring, *row[1:]) for row in named]
    copy_rows([row[0] for row in named], indexes, ring.other)
    _change(ring, at, filled_to=rows[-1][0])
    return len(named)


def _other_index(ring: TitleKeyring, claim_id: UUID, index: bytes, sealed: bytes) -> bytes:
    identifier = open_identifier(bytes(sealed), claim_id)
    if blind_index(identifier, ring.current) != bytes(index):
        raise RegistryKeyMissing(
            f"The identifier of claim {claim_id} does not have the index that stands beside it:"
            f" title-registry-{ring.current}.key is not the key of its rows. Restore the file."
        )
    return blind_index(identifier, ring.other)


@transaction.atomic
def switch(*, at: datetime) -> int:
    """The new key names the assets; every claim must stand under it. Returns its version."""
    ring = enter_alone()
    if ring.other is None or ring.other < ring.current:
        raise NotReady(detail="There is no new key to switch to.", mend="Begin a rotation.")
    if missing := _uneven(ring):
        raise NotReady(
            detail="%(count)s rights do not stand under the new key yet.",
            mend="Fill it; claims without identifiers are sent again by their claimants.",
            params={"count": missing},
        )
    _change(ring, at, current=ring.other, other=ring.current)
    return ring.current


@transaction.atomic
def drop(*, at: datetime) -> int:
    """Rows of the old key go; returns how many. Its file is the operator's to destroy."""
    ring = enter_alone()
    if ring.other is None or ring.other > ring.current:
        raise NotReady(detail="There is no old key to drop.", mend="Switch to the new one first.")
    count, _by_model = RightClaim.objects.filter(key_version=ring.other).delete()
    run_bound(_FORGET_PLACES)
    _change(ring, at, other=None, filled_to=0)
    return count


def _uneven(ring: TitleKeyring) -> int:
    """Rights of claims that do not stand under both keys with each of their identifiers."""
    return run_bound(_UNEVEN, [ring.current, ring.other])[0][0]


def _change(ring: TitleKeyring, at: datetime, **values: int | None) -> None:
    for name, value in {**values, "changed_at": at}.items():
        setattr(ring, name, value)
    ring.save(update_fields=[*values, "changed_at"])
