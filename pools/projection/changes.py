"""What a lessor agreed to change of a shared lease: its columns say what is, `changes` what was.

`changes` is {"terms": columns as recorded, "made": [one object a move, by its number], "state",
"state_on"}. The trust works the new schedule out itself, from the terms that it verified and what
was agreed; what the lessor says that it came to is not believed.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import structlog
from django.db import transaction

from ledger.exchange.registry import ErasedRecord, VerifiedBatch
from origination.domain.schedule import RATE_SCALE, ReceivableKind, terms_of
from origination.domain.servicing.agreed import FACTS, change_from, newest_version
from origination.domain.servicing.amending import BadChange, Change, Version
from pools.contracts import TERMS, changes_known, recorded_terms
from pools.models import Asset
from pools.projection.obligors import obligor_of

log = structlog.get_logger(__name__)
Made = Mapping[str, Any]

#: Columns that a change of the lessee moves.
_LESSEE = ("obligor", "lessee_kind", "lessee_income_monthly_minor", "credit_score", "employment")


@transaction.atomic
def project_moves(batch: VerifiedBatch) -> None:
    """Keep moves of leases that this lessor shared; each number once, whatever comes twice."""
    arrived: dict[str, list[Made]] = {}
    entries = zip(batch.rids, batch.indexes, batch.stamps, batch.fields, strict=True)
    for rid, index, stamp, fields in entries:
        if fields:
            made = _made(fields, index) | {"known_at": stamp, "anchored_at": batch.known_at}
            arrived.setdefault(rid, []).append(made)
    own = Asset.objects.select_for_update().filter(source=batch.source, rid__in=arrived)
    for asset in own:
        _add(asset, arrived[str(asset.rid)])


@transaction.atomic
def apply_again(rids: Iterable[str]) -> None:
    """Leases whose record came anew: what was agreed since counts on top of it."""
    for asset in Asset.objects.select_for_update().filter(rid__in=rids, changes__isnull=False):
        made = asset.changes["made"]
        asset.changes = None
        _add(asset, made)


@transaction.atomic
def blank_transfer(erased: ErasedRecord) -> None:
    """A transfer whose content is destroyed: nobody can guess the lessee of it back."""
    found = Asset.objects.select_for_update().filter(source=erased.source, rid=erased.rid)
    for asset in found.filter(changes__isnull=False):
        for made in asset.changes["made"]:
            if made["index"] == erased.index and "obligor" in made:
                if asset.obligor == made["obligor"]:
                    asset.obligor = asset.rid.hex
                made["obligor"] = asset.rid.hex
        asset.save(update_fields=["obligor", "changes"])


def changes_of(rids: Collection[UUID]) -> dict[UUID, list[Change]]:
    """What was agreed to change these leases' contracts, of those of which anything was."""
    found = Asset.objects.filter(rid__in=rids, changes__isnull=False)
    told = {rid: changes_known(changes) for rid, changes in found.values_list("rid", "changes")}
    return {rid: changes for rid, changes in told.items() if changes}


def _made(fields: Mapping[str, str], index: int) -> dict[str, Any]:
    made: dict[str, Any] = {
        "number": int(fields["number"]),
        "move": fields["move"],
        "on": fields["on"],
        "state": fields["state"],
        "index": index,
        "facts": {name: fields[name] for name in FACTS if name in fields},
    }
    if "lessee_id_number" in fields:
        made |= {"obligor": obligor_of(fields), "lessee_kind": fields["lessee_kind"]}
    return made


def _add(asset: Asset, arrived: Iterable[Made]) -> None:
    changes = asset.changes or {
        "terms": {name: str(getattr(asset, name)) for name in TERMS},
        "made": [],
    }
    known = {made["number"] for made in changes["made"]}
    for made in sorted(arrived, key=lambda one: one["number"]):
        if made["number"] in known:
            continue
        known.add(made["number"])
        changes["made"].append(dict(made))
    changes["made"].sort(key=lambda one: one["number"])
    asset.changes = changes
    _settle(asset)
    asset.save(update_fields=[*TERMS, *_LESSEE, "changes"])


def _settle(asset: Asset) -> None:
    """Columns from what was recorded and all that was agreed since."""
    changes = asset.changes
    terms = terms_of(recorded_terms(vars(asset), changes))
    version, counted = None, list[Change]()
    changes.pop("state", None)
    for made in changes["made"]:
        if made["facts"]:
            change = change_from(date.fromisoformat(made["on"]), made["facts"])
            try:
                version = newest_version(terms, [*counted, change])
            except BadChange as wrong:  # no schedule comes of what the lessor says
                log.warning("change_does_not_fit", lease=str(asset.rid), why=str(wrong))
                made["counts"] = False
            else:
                counted.append(change)
                made["counts"] = True
        if "obligor" in made:
            asset.obligor, asset.lessee_kind = made["obligor"], made["lessee_kind"]
            asset.lessee_income_monthly_minor = asset.credit_score = None  # of the one before
            asset.employment = ""
        if changes.get("state") != made["state"]:  # some moves leave it as it is
            changes["state"], changes["state_on"] = made["state"], made["on"]
    if version is not None:
        _take(asset, version)


def _take(asset: Asset, version: Version) -> None:
    rents = [row for row in version.receivables if row.kind is ReceivableKind.RENT]
    asset.rent_minor = version.rent_minor
    asset.annual_nominal_rate = Decimal(version.rate_scaled) / RATE_SCALE
    asset.term_months = len(rents)
    asset.maturity_on = version.maturity_on
