"""Single assets: what they are called, how they stand, what happened to them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import QuerySet

from monitoring.models import Alert, AssetPerformance, ProblemAsset, TelematicsDaily
from pools.models import Asset
from tenants.database.bound import run_bound
from tenants.problems import NotFound

_OWNED = "SELECT rid::text FROM pools_asset WHERE source = %s AND rid = ANY(%s::text[]::uuid[])"


def contracts_of(lease_rids: Collection[UUID]) -> dict[UUID, str]:
    """The lessors' contract numbers of leases, as far as they are known."""
    found = Asset.objects.filter(pk__in=lease_rids).values_list("pk", "contract_number")
    return dict(found.iterator()) if lease_rids else {}


def asset(lease_rid: UUID) -> AssetPerformance:
    """One position; NotFound if the trust does not watch this lease."""
    found = AssetPerformance.objects.filter(pk=lease_rid).first()
    if found is None:
        raise NotFound(detail="This asset is not watched here.")
    return found


def late_assets(*, pool_id: UUID | None = None, bucket: int | None = None) -> QuerySet:
    """Late assets, the latest first."""
    found = AssetPerformance.objects.filter(days_past_due__gt=0).order_by(
        "-days_past_due", "-arrears_minor", "lease_rid"
    )
    if pool_id is not None:
        found = found.filter(pool_id=pool_id)
    return found if bucket is None else found.filter(bucket=bucket)


def alerts_of(lease_rid: UUID, limit: int = 30) -> list[Alert]:
    """What was raised about an asset, newest first."""
    return list(Alert.objects.filter(subject_id=lease_rid).defer("leases").order_by("-id")[:limit])


@dataclass(frozen=True)
class LeaseMove:
    """A move of a lease's life as its lessor's log tells; `fails`: no schedule comes of it."""

    source: UUID
    index: int
    move: str
    on: date
    known_at: datetime
    facts: dict[str, str]
    fails: bool


def moves_of(lease_rid: UUID) -> list[LeaseMove]:
    """What was agreed of a lease or became of it, in the order of its making."""
    found = Asset.objects.filter(pk=lease_rid, changes__isnull=False).first()
    return [
        LeaseMove(
            source=found.source,
            index=made["index"],
            move=made["move"],
            on=date.fromisoformat(made["on"]),
            known_at=datetime.fromisoformat(made["known_at"]),
            facts=made["facts"],
            fails=made.get("counts") is False,
        )
        for made in (found.changes["made"] if found else ())
    ]


def vehicle_days(lease_rid: UUID, limit: int = 60) -> list[TelematicsDaily]:
    """Its last days on the road, oldest first."""
    newest = TelematicsDaily.objects.filter(lease_rid=lease_rid).order_by("-day")[:limit]
    return list(newest)[::-1]


def problems(*, done: bool = False) -> QuerySet:
    """Open problems (or those done), the newest first."""
    return ProblemAsset.objects.filter(done_at__isnull=not done).order_by("-found_at", "-id")


def positions_of(lease_rids: Collection[UUID]) -> dict[UUID, AssetPerformance]:
    """Positions by lease, for lists that show something else first."""
    return AssetPerformance.objects.in_bulk(lease_rids)


def owned_by(lessor: UUID, lease_rids: Collection[str]) -> set[str]:
    """Which of these leases the trust knows as this lessor's own."""
    found = run_bound(_OWNED, [lessor, list(lease_rids)])
    return {rid for (rid,) in found}
