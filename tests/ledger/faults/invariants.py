"""What must hold of a tenant's log whatever happened to it, checked from its stored bytes."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from django.conf import settings
from django_tenants.utils import tenant_context

from ledger.core.audit import LogAuditor
from ledger.core.checkpoints import open_checkpoint
from ledger.core.envelope import items_aad
from ledger.core.hashing import EMPTY_ROOT, leaf_hash
from ledger.core.items import share_from_bytes
from ledger.core.keyring import KeyRing
from ledger.core.leaves import Leaf
from ledger.core.log_keys import LogKeys
from ledger.core.payloads import Payload as PlainPayload
from ledger.core.tree import Frontier
from ledger.exchange.selectors import replica_entries, replica_payloads
from ledger.log_keys import copied_log_keys, own_log_keys
from ledger.models import Checkpoint, Entry, Head, Items, Payload, Replica
from ledger.selectors import opener
from ledger.signing import signer_of
from tenants.models import Tenant


@dataclass
class State:
    """A log that verified."""

    entries: list[tuple[str, str, str]]  # kind, rid, ts in order
    roots: list[bytes]  # by size
    checkpoints: list[int]

    @property
    def size(self) -> int:
        return len(self.entries)

    def count(self, rid: str, kind: str | None = None) -> int:
        """How often a record stands in the log."""
        return sum(1 for entry in self.entries if entry[1] == rid and kind in (None, entry[0]))


def check_log(tenant: Tenant) -> State:
    """Re-hash and re-verify everything; an AssertionError or LedgerError names what is wrong."""
    with tenant_context(tenant):
        head = Head.objects.first()
        if head is None:
            assert not Entry.objects.exists() and not Checkpoint.objects.exists()
            return State([], [Frontier().root()], [])
        keys = own_log_keys()
        assert signer_of(head.log_id).key(head.origin, len(keys.reigns)) == keys.newest
        state = _check_entries(head, keys)
        state.checkpoints = _check_checkpoints(state, keys)
        _check_memory(head, state)
        return state


def _check_entries(head: Head, keys: LogKeys) -> State:
    rows = list(Entry.objects.order_by("index"))
    assert [row.index for row in rows] == list(range(head.size)), "rows and head disagree"
    frontier = Frontier()
    state = State([], [frontier.root()], [])
    sealed = {row.index: row for row in Payload.objects.all()}
    items = {row.index: row for row in Items.objects.all()}
    assert sealed.keys() == set(range(head.size)) and items.keys() <= sealed.keys()
    opening = opener()
    auditor = LogAuditor(head.log_id, keys=KeyRing(log_key=keys.first))
    for row in rows:

        def show(leaf: Leaf, row: Entry = row) -> PlainPayload | None:
            stored = sealed[row.index]
            if stored.erased_at is not None:
                assert stored.ciphertext is None and stored.wrapped_key is None
                return None
            assert sha256(bytes(stored.ciphertext)).digest() == leaf.ct_sha256
            return PlainPayload.parse(opening.plain(stored, opening.aad(row)))

        taken = auditor.take(bytes(row.leaf), show)
        core = taken.leaf.core
        assert taken.nodes == bytes(row.nodes)
        assert (core.kind, core.rid, core.ts, core.device) == (
            row.kind,
            str(row.rid),
            row.ts,
            row.kid,
        )
        if row.index in items and items[row.index].erased_at is None:
            plain = opening.plain(items[row.index], items_aad(opening.aad(row)))
            share_from_bytes(plain).verify(core.items_root or b"", core.items_count)
        state.entries.append((core.kind, core.rid, core.ts))
        state.roots.append(auditor.frontier.root())
    assert auditor.keys.log_keys == keys, "the entries lead to other keys than were published"
    assert b"".join(auditor.frontier.peaks) == bytes(head.peaks)
    assert auditor.frontier.root() == bytes(head.root)
    assert len(set(state.entries)) == len(state.entries), "an entry stands twice"
    _check_batches_have_items(rows, items)
    return state


def _check_batches_have_items(rows: list[Entry], items: dict) -> None:
    for row in rows:
        core = Leaf.parse(bytes(row.leaf)).core
        if core.items_count and core.kind != "tape.imported":
            assert row.index in items, f"the items of entry {row.index} are missing"


def _check_checkpoints(state: State, keys: LogKeys) -> list[int]:
    sizes = []
    for row in Checkpoint.objects.order_by("size"):
        checkpoint, _ = keys.open(bytes(row.note))
        assert (checkpoint.size, checkpoint.root) == (row.size, bytes(row.root))
        assert checkpoint.root == state.roots[row.size]
        sizes.append(row.size)
    for old, index in zip(keys.all, keys.handed_over, strict=False):
        if sizes and sizes[-1] > index:  # else not sealed yet
            open_checkpoint(bytes(Checkpoint.objects.get(size=index + 1).note), old)
    return sizes


def _check_memory(head: Head, state: State) -> None:
    """The signer remembers the newest checkpoint, or one it signed after that; of this tree."""
    if not memory_file(head).exists():
        assert not state.checkpoints, "a checkpoint is stored that the signer does not remember"
        return
    size, root = signer_of(head.log_id).last() or (0, EMPTY_ROOT)
    assert size >= max(state.checkpoints, default=0)
    assert root == state.roots[size], "the signer signed a tree that was never committed"


def memory_file(head: Head) -> Path:
    """Where the signer of a log remembers what it signed last."""
    return Path(settings.KEY_DIR) / "logs" / head.log_id / "last.json"


def check_copy(of: Tenant, at: Tenant) -> int:
    """`at`'s copy of `of`'s log: the same bytes, its own tree whole, every payload open; its size.

    The checkpoint it cosigned is one of this tree.
    """
    with tenant_context(of):
        leaves = [bytes(row.leaf) for row in Entry.objects.order_by("index")]
        keys = own_log_keys() if leaves else None
    with tenant_context(at):
        replica = Replica.objects.filter(source=of.pk).first()
        rows = list(replica_entries(of.pk))
        if replica is None:
            assert not rows
            return 0
        assert replica.size == len(rows) <= len(leaves)
        frontier, roots = Frontier(), {}
        for place, row in enumerate(rows):
            assert (row.index, bytes(row.leaf)) == (place, leaves[place])
            assert bytes(row.nodes) == frontier.append(leaf_hash(leaves[place]))
            roots[frontier.size] = frontier.root()
        assert b"".join(frontier.peaks) == bytes(replica.peaks)
        if replica.checkpoint is not None and replica.checkpoint_size in roots:
            checkpoint, _ = keys.open(bytes(replica.checkpoint))
            assert copied_log_keys(replica).reigns == keys.reigns[: len(replica.handovers) + 1]
            assert checkpoint.root == roots[replica.checkpoint_size]
        payloads = replica_payloads(of.pk, range(len(rows)))
        assert payloads.keys() == set(range(len(rows)))
        return len(rows)
