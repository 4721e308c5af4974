"""What the pages here say about pools."""

from uuid import UUID


def pool_name(pool_id: UUID) -> str:
    """What a pool is called."""
    return str(pool_id)[:8]
