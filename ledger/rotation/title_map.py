"""Replacing the two keys of the title registry's map: what names places, and what signs roots.

The change is one epoch: its map stands under the new places, and its root is signed by the roots'
keys of before and after. Before that epoch is stored the old keys reign, from then on the new ones;
what was made for it waits in its file, and is taken up by the next run. Old keys stay until they
are retired.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.db import transaction
from django_tenants.utils import tenant_context

from ledger.core.title_root import SignedRoot
from ledger.models import Head, TitleCheck
from ledger.problems import KeyStillNeeded
from ledger.signing import root_signer
from ledger.signing.roots import NAME as MAP_ROOTS
from ledger.titles.asking import provable_root
from ledger.titles.keys import MapKeys, reigning_keys, root_keys, vrf_secrets
from ledger.titles.prepared import check_signer, finish_prepared
from ledger.titles.problems import NoEpochToHandOver
from ledger.titles.sealing import (
    finish_epoch,
    hand_over,
    hold_the_map,
    place_rights,
    settled_map,
)
from ledger.titles.told import newest_told, told_handovers
from tenants.models import TitleIndex
from tenants.registry.keys import MAP_INDEXES, drop_map_seeds, make_map_seed
from tenants.standing import standing

INDEX, ROOTS = "index", "roots"
BOTH = frozenset({INDEX, ROOTS})


@dataclass(frozen=True)
class MapRotated:
    """The epoch in which the keys changed; `is_new` is False where it stood already."""

    signed: SignedRoot
    is_new: bool = field(compare=False)


def rotate_map_keys(*, now: datetime, which: Collection[str] = BOTH) -> MapRotated:
    """Hand over to new keys of the map, to those of `which`. Call outside of a transaction.

    `now` is the clock on the wall. A key that replaced another which is still here is left: that
    change is finished, not followed by another. Raises `NoEpochToHandOver`, `Unnamed` or
    `RegistryKeyMissing`, or what the signer refuses; then nothing has changed.
    """
    check_signer()
    if newest_told() is None:
        raise NoEpochToHandOver
    keys = reigning_keys()
    new = _new_keys(keys, which)
    if new is not keys:
        place_rights(new.vrf)  # the slow part, while epochs go on being sealed under the old key
    with settled_map():
        keys = reigning_keys()
        new = _new_keys(keys, which)  # who was first has changed them meanwhile
        if is_new := new is not keys:
            hand_over(to=new, now=now)
    finish_epoch()
    return MapRotated(told_handovers()[-1], is_new)


def _new_keys(keys: MapKeys, which: Collection[str]) -> MapKeys:
    """The keys to hand over to, made if they do not wait here already."""
    changes = [change for item in told_handovers() if (change := item.root.change) is not None]
    old_vrfs = {change.old_vrf_key for change in changes}
    old_roots = {change.old_key.public for change in changes}
    vrfs = {version: secret.public for version, secret in vrf_secrets().items()}
    if INDEX in which and not _is_begun(vrfs, keys.index_version, old_vrfs):
        version = keys.index_version + 1
        make_map_seed(MAP_INDEXES, version)
        keys = replace(keys, index_version=version, vrf=vrf_secrets()[version])
    if ROOTS in which and not _is_begun(root_keys(), keys.roots_version, old_roots):
        version = keys.roots_version + 1
        root_signer().make(version)
        keys = replace(keys, roots_version=version, roots=root_keys()[version])
    return keys


def _is_begun(keys: Mapping[int, bytes], version: int, replaced: Collection[bytes]) -> bool:
    """Whether one that the key in use replaced is still here."""
    return any(older < version and public in replaced for older, public in keys.items())


def retire_map_keys(without: Collection[str] = ()) -> list[str]:
    """Destroy the keys that handed over; the names of their files.

    `KeyStillNeeded` until each institution's ledger holds the epoch in which they did under a
    checkpoint, and looked for its rights in it: until then it proves by an older epoch, could not
    bring this one back, and finds its rights in those before by the old key.
    """
    with transaction.atomic():
        hold_the_map()
        finish_prepared()
        check_signer()  # else a hand-over that the database lost would count
        keys = reigning_keys()
        vrfs, roots = vrf_secrets(), root_keys()
        indexes = [version for version in vrfs if version < keys.index_version]
        signing = [version for version in roots if version < keys.roots_version]
        if indexes or signing:
            _check_followed(without)
        public = [vrfs[version].public for version in indexes]
        TitleIndex.objects.filter(vrf_key__in=public).delete()
    drop_map_seeds(MAP_INDEXES, indexes)
    signing = root_signer().retire() if signing else []
    gone = ((MAP_INDEXES, indexes), (MAP_ROOTS, signing))
    return [f"{name} {version}" for name, versions in gone for version in versions]


def _check_followed(without: Collection[str]) -> None:
    newest = newest_told()
    epoch = max(
        (item.root.epoch for item in told_handovers()), default=newest and newest.root.epoch
    )
    behind, looking = [], []
    for tenant in standing():
        if tenant.schema_name in without:
            continue
        with tenant_context(tenant):
            if not Head.objects.exists():
                continue
            root = provable_root()
            if root is None or root.epoch < (epoch or 0):
                behind.append(tenant.schema_name)
            elif not TitleCheck.objects.filter(epoch__gte=epoch or 0).exists():
                looking.append(tenant.schema_name)
    if behind:
        detail = "Epoch %(epoch)s stands under no checkpoint yet on the ledger of %(tenants)s."
        raise _still_needed(detail, epoch, behind)
    if looking:
        detail = "%(tenants)s did not look for its rights in epoch %(epoch)s yet."
        raise _still_needed(detail, epoch, looking)


def _still_needed(detail: str, epoch: int | None, tenants: list[str]) -> KeyStillNeeded:
    return KeyStillNeeded(
        detail=detail,
        mend=(
            "Wait a minute for its jobs, and retire again. A ledger that is halted or lost "
            "comes back first; a lost one that was given up: --without SCHEMA."
        ),
        params={"epoch": epoch, "tenants": ", ".join(tenants)},
    )


def kept_map_keys() -> dict[str, list[int]]:
    """Versions of each key that are here, the newest first."""
    found = {MAP_INDEXES: vrf_secrets(), MAP_ROOTS: root_keys()}
    return {name: sorted(secrets, reverse=True) for name, secrets in found.items()}
