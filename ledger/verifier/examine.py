"""Examines one block on its own: hashes, then each entry in order up to the first lie.

Of each entry, in this order: how its hash begins (`hash`), its form (`leaf`), whether the block
lists it among keys and tapes (`index`), its log (`tenant_log`), what is shown of it (`payload` or
`fields`, and `fields_root`), the key it tells of (`device`), its signature (`dev_sig`) or place in
a signed tape (`batch`), its items (`items`); then the checkpoint that ends with it.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from ledger.core.audit import check_payload
from ledger.core.blocks import (
    CHECKPOINT,
    ERASED,
    FIELDS,
    FINGERPRINT_SIZE,
    ITEMS,
    PAYLOAD,
    Block,
    Part,
    is_landmark,
)
from ledger.core.checkpoints import Checkpoint
from ledger.core.disclosures import disclosure_from_bytes
from ledger.core.errors import LedgerError, MalformedError, ProofError, SignatureError
from ledger.core.fields import Disclosure, verify_disclosure
from ledger.core.hashing import leaf_hashes
from ledger.core.items import share_from_bytes
from ledger.core.keyring import KINDS
from ledger.core.leaves import Leaf
from ledger.core.log_keys import ROTATED
from ledger.core.notes import Verified
from ledger.core.payloads import Payload
from ledger.core.scanning import scan
from ledger.core.tree import subtrees
from ledger.core.verifiers import Verifier
from ledger.verifier.state import Lie, LogState

Said = tuple[str, str, str]
"""A lie as plain data: where, part, detail."""


@dataclass(slots=True)
class Segment:
    """Subtrees over the next entries, and the checkpoint of all entries up to their end."""

    nodes: list[tuple[int, bytes]]
    checkpoint: Checkpoint | None = None
    log_keys: int = 0  # how many keys the log has had by then
    cosigned: tuple[Verified, ...] = ()


@dataclass(slots=True)
class Examined:
    """What a block holds, up to its first lie."""

    entries: int = 0
    segments: list[Segment] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    erased: list[int] = field(default_factory=list)
    lie: Said | None = None
    hashing_seconds: float = 0.0
    checking_seconds: float = 0.0


class Examiner:
    """Examines the blocks of one bundle, in order; some may be examined elsewhere."""

    def __init__(self, state: LogState, *, tree_only: bool = False) -> None:
        self._state = state
        self._tree_only = tree_only
        self._ready: dict[bytes, Verifier] = {}
        self._log_id = state.log_id.encode()

    def examine(self, start: int, body: bytes) -> Examined:
        """Examine the block that begins with entry `start`."""
        self._ready.clear()
        found = Examined()
        began = time.perf_counter()
        try:
            block = Block.parse(body)
            if block.start != start:
                raise MalformedError(f"it begins with entry {block.start}")
        except MalformedError as error:
            found.lie = (f"block from entry {start}", "block", str(error))
            return found
        hashes = leaf_hashes(block.leaves)
        segments = _segments(block, hashes)
        wrong = _first_wrong(block.fingerprints, hashes)
        hashed = time.perf_counter()
        try:
            self._walk(block, wrong, segments, found)
        except Lie as lie:
            found.lie = (lie.where, lie.part, lie.detail)
        found.hashing_seconds = hashed - began
        found.checking_seconds = time.perf_counter() - hashed
        return found

    def _walk(
        self, block: Block, wrong: int | None, segments: list[Segment], found: Examined
    ) -> None:
        parts: dict[int, list[Part]] = {}
        for part in block.parts:
            parts.setdefault(part.place, []).append(part)
        marks, ends = frozenset(block.landmarks), iter(segments)
        stop = len(block.leaves) if wrong is None else wrong
        plain = self._plain
        for place in range(stop):
            shown = parts.get(place)
            if not self._tree_only:
                leaf = block.leaves[place]
                if shown is not None or place in marks or not plain(leaf):
                    self._entry(block.start + place, leaf, shown or (), place in marks, found)
                else:
                    found.counts["signatures"] += 1
            elif place in marks:
                self._rotation(block.start + place, block.leaves[place], shown or ())
            found.entries += 1
            if shown is not None and shown[-1].kind == CHECKPOINT:
                found.segments.append(self._checkpoint(block.start + place + 1, shown, next(ends)))
        if wrong is not None:
            raise Lie(f"entry {block.start + wrong}", "hash", "its bytes were not exported so")
        found.segments.extend(ends)  # entries after the block's last checkpoint

    def _plain(self, leaf: bytes) -> bool:
        """Whether this is a usual entry that holds; False where the long way has to say."""
        usual = scan(leaf)
        if usual is None:
            return False
        signature, core, device, log_id, kind = usual
        verifier = self._ready.get(device)
        if verifier is None or log_id != self._log_id or kind in _TOLD_APART:
            return False
        try:
            verifier.verify(core, signature)
        except SignatureError:
            return False
        return True

    def _rotation(self, index: int, data: bytes, parts: Iterable[Part]) -> None:
        """Learn of a new key of the log where nothing else of entries is examined."""
        kinds = {part.kind: part.data for part in parts}
        try:
            leaf = Leaf.parse(data)
            if leaf.core.kind != ROTATED:
                return
            payload = _shown({PAYLOAD: kinds[PAYLOAD]} if PAYLOAD in kinds else {})
            _committed(leaf, payload)
            self._state.auditor.learn_keys(
                index, leaf, payload if isinstance(payload, Payload) else None
            )
            _has_own_checkpoint(leaf, kinds)
        except LedgerError as error:
            raise Lie(f"entry {index}", "device", str(error)) from error

    def _entry(
        self, index: int, data: bytes, parts: Sequence[Part], listed: bool, found: Examined
    ) -> None:
        where, name, auditor = f"entry {index}", "leaf", self._state.auditor
        shown = {part.kind: part.data for part in parts if part.kind != CHECKPOINT}
        try:
            leaf = Leaf.parse(data)
            name = "index"
            core, is_row = leaf.core, leaf.row is not None
            has_items = core.items_root is not None
            if is_landmark(core.kind, has_items=has_items, is_row=is_row) != listed:
                raise MalformedError("the block's list of keys and tapes is wrong about it")
            name = "tenant_log"
            if core.log_id != self._state.log_id:
                raise ProofError(f"it belongs to the log {core.log_id!r}")
            name = _NAMES.get(next(iter(shown), 0), "erased")
            seen = _shown(shown)
            name = "fields_root"
            _committed(leaf, seen)
            payload = seen if isinstance(seen, Payload) else None
            name = "device"
            auditor.learn_keys(index, leaf, payload)
            if core.kind in KINDS:
                self._ready.clear()
            name = "batch" if is_row else "dev_sig"
            auditor.check_origin(index, leaf)
            name = "items"
            if ITEMS in shown:
                found.counts["items"] += _items(leaf, shown[ITEMS])
            name = "checkpoint"
            _has_own_checkpoint(leaf, {part.kind for part in parts})
        except LedgerError as error:
            raise Lie(where, name, str(error)) from error
        found.counts["tape_rows" if is_row else "signatures"] += 1
        found.counts["payloads"] += payload is not None
        found.counts["shown_fields"] += len(seen.shown) if isinstance(seen, Disclosure) else 0
        if ERASED in shown:
            found.erased.append(index)
        if not is_row and core.kind not in KINDS:
            device = core.device.encode()
            self._ready[device] = auditor.keys.verifier_at(index, core.device)

    def _checkpoint(self, size: int, parts: list[Part], segment: Segment) -> Segment:
        try:
            segment.checkpoint, segment.cosigned = self._state.open_checkpoint(parts[-1].data, size)
            segment.log_keys = len(self._state.auditor.keys.rotations) + 1
            if segment.checkpoint.size != size:
                raise ProofError(f"it is of size {segment.checkpoint.size}")
        except LedgerError as error:
            raise Lie(f"checkpoint of {size} entries", "checkpoint", str(error)) from error
        return segment


_NAMES = {PAYLOAD: "payload", FIELDS: "fields"}
_TOLD_APART = frozenset((*(kind.encode() for kind in KINDS), b"tape.imported"))


def _shown(shown: dict[int, bytes]) -> Payload | Disclosure | None:
    if shown.get(ERASED):
        raise MalformedError("an erasure says nothing more")
    if FIELDS in shown:
        return disclosure_from_bytes(shown[FIELDS])
    if PAYLOAD not in shown:
        return None
    return Payload.parse(shown[PAYLOAD], canonical=True)


def _committed(leaf: Leaf, seen: Payload | Disclosure | None) -> None:
    if isinstance(seen, Disclosure):
        verify_disclosure(seen, leaf.core.fields_root)
    elif seen is not None:
        check_payload(leaf, seen)


def _has_own_checkpoint(leaf: Leaf, kinds: Container[int]) -> None:
    if leaf.core.kind == ROTATED and CHECKPOINT not in kinds:
        raise ProofError("the log's key changes here, and no checkpoint of its own follows")


def _items(leaf: Leaf, data: bytes) -> int:
    core = leaf.core
    if core.items_root is None:
        raise MalformedError("items stand beside an entry that has none")
    share = share_from_bytes(data)
    share.verify(core.items_root, core.items_count)
    return len(share.places)


def _segments(block: Block, hashes: list[bytes]) -> list[Segment]:
    ends = [part.place + 1 for part in block.parts if part.kind == CHECKPOINT]
    if not ends or ends[-1] < len(hashes):
        ends.append(len(hashes))
    return [
        Segment(subtrees(block.start + low, hashes[low:high])) for low, high in pairwise([0, *ends])
    ]


def _first_wrong(fingerprints: bytes, hashes: list[bytes]) -> int | None:
    size = FINGERPRINT_SIZE
    if b"".join([node[:size] for node in hashes]) == fingerprints:
        return None
    return next(
        place
        for place, node in enumerate(hashes)
        if node[:size] != fingerprints[place * size : (place + 1) * size]
    )
