"""What the pages here say about pools."""

from uuid import UUID

from monitoring.models import WatchedPool


def pool_name(pool_id: UUID) -> str:
    """What a pool is called."""
    name = WatchedPool.objects.filter(pk=pool_id).values_list("name", flat=True).first()
    return name or str(pool_id)[:8]


def pool_names() -> list[tuple[UUID, str]]:
    """Every pool that is watched, by name."""
    return list(WatchedPool.objects.order_by("name").values_list("pk", "name"))
