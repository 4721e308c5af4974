"""The map as it is stored: nodes of its upper 16 levels, and leaves by the bucket below them.

Rows are never changed: in epoch N the newest row counts whose epoch is not after N. What lies below
a bucket is computed from its leaves, of which there are few.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from ledger.core.title_map import (
    DEPTH,
    EMPTY,
    Leaf,
    MapProof,
    Opening,
    beside_within,
    leaf_hash,
    node_hash,
    subtree,
)
from tenants.database.bound import run_bound

TOP = 16
_BELOW = DEPTH - TOP
Place = tuple[int, int]
"""Depth, and the bits before it as a number."""

_NODES = """
    SELECT w.depth, w.prefix, n.hash FROM unnest(%s::int[], %s::int[]) AS w(depth, prefix)
    CROSS JOIN LATERAL (
        SELECT hash FROM public.tenants_titlenode n
        WHERE n.depth = w.depth AND n.prefix = w.prefix AND n.epoch <= %s
        ORDER BY n.epoch DESC LIMIT 1
    ) AS n
"""
_LEAVES = """
    SELECT * FROM (
        SELECT DISTINCT ON (map_index) map_index, commitment, epoch, salt, state, holder_id
        FROM public.tenants_titleleaf WHERE bucket = ANY(%s::int[]) AND epoch <= %s
        ORDER BY map_index, epoch DESC
    ) AS newest WHERE commitment IS NOT NULL
"""

_COUNT = """
    SELECT count(*) FROM (
        SELECT DISTINCT ON (map_index) commitment FROM public.tenants_titleleaf WHERE epoch <= %s
        ORDER BY map_index, epoch DESC
    ) AS newest WHERE commitment IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class StoredLeaf:
    """A right in the map: its commitment, and what it commits to."""

    commitment: bytes
    since: int
    salt: bytes
    state: str
    holder: UUID

    def opening(self) -> Opening:
        """What opens the commitment: for its holder alone."""
        return Opening(self.salt, self.state, str(self.holder), self.since)


@dataclass(frozen=True, slots=True)
class Found:
    """What stands at an index in an epoch, with its proof."""

    leaf: StoredLeaf | None
    proof: MapProof


def bucket_of(index: bytes) -> int:
    """The first 16 bits."""
    return int.from_bytes(index[: TOP // 8], "big")


def nodes(places: Collection[Place], epoch: int) -> dict[Place, bytes]:
    """Hashes that are stored for these places; the others are empty."""
    rows = run_bound(_NODES, [[p[0] for p in places], [p[1] for p in places], epoch])
    return {(depth, prefix): bytes(node) for depth, prefix, node in rows}


def leaves(buckets: Collection[int], epoch: int) -> dict[int, dict[bytes, StoredLeaf]]:
    """What stands in these buckets, by index."""
    found: dict[int, dict[bytes, StoredLeaf]] = defaultdict(dict)
    for row in run_bound(_LEAVES, [list(buckets), epoch]):
        index, commitment, since, salt, state, holder = row
        leaf = StoredLeaf(bytes(commitment), since, bytes(salt), state, holder)
        found[bucket_of(bytes(index))][bytes(index)] = leaf
    return found


def hashed(commitments: Mapping[bytes, bytes]) -> list[Leaf]:
    """Leaves of the tree by rising index, of commitments by index."""
    pairs = sorted(commitments.items())
    return [(int.from_bytes(i, "big"), leaf_hash(i, commitment)) for i, commitment in pairs]


def climb(buckets: Mapping[int, bytes], epoch: int) -> dict[Place, bytes]:
    """Hashes of all nodes above changed buckets, theirs included; the rest as of `epoch`."""
    level = dict(buckets)
    done = {(TOP, prefix): node for prefix, node in level.items()}
    paths = {(d, p >> (TOP - d)) for p in buckets for d in range(1, TOP + 1)}
    beside = {(depth, prefix ^ 1) for depth, prefix in paths} - paths
    stored = nodes(beside, epoch) if epoch else {}
    for depth in range(TOP, 0, -1):
        above = {}
        for prefix in {prefix >> 1 for prefix in level}:
            left, right = (
                level.get(child) or stored.get((depth, child), EMPTY[depth])
                for child in (prefix * 2, prefix * 2 + 1)
            )
            above[prefix] = node_hash(left, right)
        level = above
        done |= {(depth - 1, prefix): node for prefix, node in level.items()}
    return done


def bucket_root(commitments: Mapping[bytes, bytes]) -> bytes:
    """Hash of a bucket's subtree."""
    return subtree(hashed(commitments), TOP)


def keep_nodes(found: Mapping[Place, bytes], epoch: int) -> None:
    """Store what was computed in an epoch."""
    columns = [p[0] for p in found], [p[1] for p in found], list(found.values())
    run_bound(
        "INSERT INTO public.tenants_titlenode (epoch, depth, prefix, hash)"
        " SELECT %s, d, p, h FROM unnest(%s::smallint[], %s::int[], %s::bytea[]) AS t(d, p, h)",
        [epoch, *columns],
    )


def stored_root(epoch: int) -> bytes:
    """Root of the map as it is stored, in an epoch."""
    return nodes([(0, 0)], epoch).get((0, 0), EMPTY[0])


def rights_in(epoch: int) -> int:
    """How many rights stand in the map as it is stored, in an epoch."""
    ((count,),) = run_bound(_COUNT, [epoch])
    return int(count)


def look_up(indexes: Iterable[bytes], epoch: int) -> dict[bytes, Found]:
    """What stands at each index in an epoch, with the proof that leads to that epoch's root."""
    wanted = list(indexes)
    prefixes = {index: bucket_of(index) for index in wanted}
    beside = {index: _beside(prefix) for index, prefix in prefixes.items()}
    stored = nodes({place for places in beside.values() for place in places}, epoch)
    held = leaves(set(prefixes.values()), epoch)
    trees = {
        bucket: hashed({index: leaf.commitment for index, leaf in rows.items()})
        for bucket, rows in held.items()
    }
    found = {}
    for index in wanted:
        above = [stored.get(place, EMPTY[place[0]]) for place in beside[index]]
        below = beside_within(trees.get(prefixes[index], []), int.from_bytes(index, "big"), TOP)
        leaf = held.get(prefixes[index], {}).get(index)
        found[index] = Found(leaf, MapProof.of(above + below))
    return found


def _beside(bucket: int) -> Sequence[Place]:
    return [(depth, (bucket >> (TOP - depth)) ^ 1) for depth in range(1, TOP + 1)]
