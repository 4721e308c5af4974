"""The leaf: what an entry hashes. Version `lease-leaf/1`, RFC 8785 bytes, hashes and names only.

A leaf never holds plaintext, ciphertext or an unsalted hash of data, nor a lasting pseudonym of a
person or a vehicle, so that erasing a payload and its key leaves every proof intact.

The signed core is {v, type, rid, tenant_log, device, ts, fields_root}, and for a batch also
{items_root, items_count}. Its signature is `dev_sig`. The rows of a tape have no signature of
their own: their cores are the leaves of the tape's `items_root`, which the back office signed
once, and each row carries its place and path: `batch` = {rid, index, path}.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from ledger.core.canonical import flat_bytes, parse_canonical
from ledger.core.checkpoints import parse_decimal
from ledger.core.encoding import b64, unb64
from ledger.core.envelope import AES_GCM, CIPHERS, cipher_of, record_aad, unseal
from ledger.core.errors import MalformedError, ProofError
from ledger.core.hashing import HASH_SIZE, leaf_hash, parent_level
from ledger.core.proofs import root_from_inclusion

VERSION = "lease-leaf/1"
MAX_LEAF_BYTES = 65_535

_CORE = ("v", "type", "rid", "tenant_log", "device", "ts", "fields_root")
_ITEMS = ("items_root", "items_count")
_REQUIRED = frozenset((*_CORE, "alg", "ct_sha256", "prev"))
_BATCH = frozenset(("rid", "index", "path"))


@dataclass(frozen=True, slots=True)
class Core:
    """What a signer signs of an entry."""

    kind: str
    rid: str
    log_id: str
    device: str
    ts: str
    fields_root: bytes
    items_root: bytes | None = None
    items_count: int = 0

    def members(self) -> dict[str, str]:
        """JSON members of the core."""
        members = {
            "v": VERSION,
            "type": self.kind,
            "rid": self.rid,
            "tenant_log": self.log_id,
            "device": self.device,
            "ts": self.ts,
            "fields_root": b64(self.fields_root),
        }
        if self.items_root is not None:
            members |= {"items_root": b64(self.items_root), "items_count": str(self.items_count)}
        return members

    def to_bytes(self) -> bytes:
        """The bytes that are signed, or hashed as a row of a tape."""
        return flat_bytes(self.members())

    def aad(self) -> bytes:
        """What binds the entry's ciphertext and data key to it."""
        return record_aad(log_id=self.log_id, rid=self.rid, version=self.ts, kind=self.kind)


@dataclass(frozen=True, slots=True)
class RowPath:
    """A row's place under the `items_root` of its tape (`rid`), leaf's sibling first."""

    rid: str
    index: int
    path: tuple[bytes, ...]

    def verify(self, core: bytes, root: bytes, count: int) -> None:
        """Raise `ProofError` unless the core is this row of the signed tape."""
        if root_from_inclusion(self.index, count, leaf_hash(core), self.path) != root:
            raise ProofError(f"the path of row {self.index} does not lead to the tape's root")


@dataclass(frozen=True, slots=True)
class Leaf:
    """One entry: a core, its signature or row path, and the hash and cipher of its ciphertext."""

    core: Core
    ct_sha256: bytes
    signature: bytes | None = None
    row: RowPath | None = None
    prev: str | None = None
    cipher: str = AES_GCM

    def check_key(self, key: bytes) -> None:
        """Raise `ProofError` for a data key of another cipher than the entry states."""
        if cipher_of(key) != self.cipher:
            raise ProofError("its key is of another cipher than the entry says")

    def open(self, ciphertext: bytes, key: bytes) -> bytes:
        """The signed content. `ProofError` for another, `DecryptionError` by another key."""
        if sha256(ciphertext).digest() != self.ct_sha256:
            raise ProofError("the ciphertext is not the one that was signed")
        self.check_key(key)
        return unseal(key, ciphertext, self.core.aad())

    def to_bytes(self) -> bytes:
        """The entry: what the log hashes."""
        members: dict[str, object] = {
            **self.core.members(),
            "alg": self.cipher,
            "ct_sha256": b64(self.ct_sha256),
            "prev": self.prev,
        }
        if self.signature is not None:
            members["dev_sig"] = b64(self.signature)
        if self.row is not None:
            path = b64(b"".join(self.row.path))
            members["batch"] = {"index": str(self.row.index), "path": path, "rid": self.row.rid}
        return flat_bytes(members)

    @classmethod
    def parse(cls, data: bytes) -> Leaf:
        """Read an entry strictly; it must be canonical and complete. Signatures are not checked."""
        if len(data) > MAX_LEAF_BYTES:
            raise MalformedError(f"an entry has at most {MAX_LEAF_BYTES} bytes")
        members = parse_canonical(data)
        names = members.keys() - {*_ITEMS, "dev_sig", "batch"}
        if names != _REQUIRED:
            wrong = sorted(names ^ _REQUIRED)[0]
            raise MalformedError(f"the member {wrong!r} is missing or unknown")
        if ("dev_sig" in members) == ("batch" in members):
            raise MalformedError("an entry has a signature or a row path, one of them")
        core = _core_of(members)
        prev = members["prev"]
        return cls(
            core=core,
            ct_sha256=unb64(_text(members, "ct_sha256"), HASH_SIZE),
            signature=unb64(_text(members, "dev_sig"), 64) if "dev_sig" in members else None,
            row=_row_of(members["batch"]) if "batch" in members else None,
            prev=None if prev is None else _uuid(_text(members, "prev"), "prev"),
            cipher=_text(members, "alg"),
        )


def _text(members: dict[str, object], name: str) -> str:
    value = members[name]
    if not isinstance(value, str):
        raise MalformedError(f"the member {name!r} is not text")
    return value


def _uuid(text: str, name: str) -> str:
    try:
        same = str(uuid.UUID(text)) == text
    except ValueError:
        same = False
    if not same:
        raise MalformedError(f"the member {name!r} is not a UUID in lower case")
    return text


def _core_of(members: dict[str, object]) -> Core:
    if _text(members, "v") != VERSION:
        raise MalformedError(f"the version is {members['v']!r}, not {VERSION!r}")
    if _text(members, "alg") not in CIPHERS:
        raise MalformedError(f"the cipher {members['alg']!r} is unknown")
    if ("items_root" in members) != ("items_count" in members):
        raise MalformedError("an items root comes with its count")
    items = "items_root" in members
    return Core(
        kind=_text(members, "type"),
        rid=_uuid(_text(members, "rid"), "rid"),
        log_id=_text(members, "tenant_log"),
        device=_text(members, "device"),
        ts=_text(members, "ts"),
        fields_root=unb64(_text(members, "fields_root"), HASH_SIZE),
        items_root=unb64(_text(members, "items_root"), HASH_SIZE) if items else None,
        items_count=parse_decimal(_text(members, "items_count")) if items else 0,
    )


def _row_of(value: object) -> RowPath:
    if not isinstance(value, dict) or value.keys() != _BATCH:
        raise MalformedError("a row path is an index, a path and a rid")
    path = unb64(_text(value, "path"))
    if len(path) % HASH_SIZE:
        raise MalformedError("a row path holds whole hashes")
    hashes = tuple(path[at : at + HASH_SIZE] for at in range(0, len(path), HASH_SIZE))
    return RowPath(
        _uuid(_text(value, "rid"), "batch.rid"), parse_decimal(_text(value, "index")), hashes
    )


def row_paths(hashes: list[bytes]) -> list[tuple[bytes, ...]]:
    """Inclusion path of every leaf of one tree at once, leaf's sibling first."""
    levels: list[Sequence[bytes]] = [hashes]
    while len(levels[-1]) > 1:
        levels.append(parent_level(list(levels[-1])))
    paths = []
    for place in range(len(hashes)):
        path, index = [], place
        for level in levels[:-1]:
            if index ^ 1 < len(level):
                path.append(level[index ^ 1])
            index >>= 1
        paths.append(tuple(path))
    return paths
