"""Batches of items under one salted Merkle root: bank lines, positions, register readings.

An item is a flat record with the same columns as every item of its batch; an absent value is "".
Item leaf = 16 random bytes || RFC 8785 bytes of the record. The leaf of the batch's entry carries
the root and the count, so a holder can show the items of the shared leases and nothing else.
Held as columns: 25,000 items are 8 lists, not 25,000 objects.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from json.encoder import encode_basestring

from ledger.core.bounds import MAX_JSON_BYTES, check_bounds
from ledger.core.canonical import Canonical, canonical_bytes, parse_canonical
from ledger.core.checkpoints import parse_decimal
from ledger.core.encoding import b64, unb64
from ledger.core.errors import MalformedError, ProofError
from ledger.core.fields import SALT_SIZE, ordered_names
from ledger.core.hashing import HASH_SIZE, root_of_hashes
from ledger.core.partial import partial_proof, root_from_partial

#: A batch unpacks to 64 MiB at most (some 400,000 bank lines), on both sides.
MAX_PLAIN_BYTES = MAX_JSON_BYTES
MAX_ITEMS = 1 << 24


@dataclass(frozen=True, slots=True)
class BatchItem:
    """One item as callers with few of them write it."""

    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ItemTable:
    """Items as columns: column name → values, all of one length, with the salts concatenated."""

    columns: Mapping[str, list[str]]
    salts: bytes

    def __post_init__(self) -> None:
        if not self.columns:
            raise MalformedError("a batch has at least one column")
        if not self.salts:
            raise MalformedError("a batch has at least one item")
        if any(len(values) * SALT_SIZE != len(self.salts) for values in self.columns.values()):
            raise MalformedError("columns and salts of a batch differ in length")

    def __len__(self) -> int:
        return len(self.salts) // SALT_SIZE

    def record(self, place: int) -> dict[str, str]:
        """The fields of one item."""
        return {name: values[place] for name, values in self.columns.items()}

    def hashes(self) -> list[bytes]:
        """Leaf hashes of all items, in order."""
        names = ordered_names(self.columns)
        parts = [
            ("," if place else "{") + encode_basestring(name).replace("%", "%%") + ":%s"
            for place, name in enumerate(names)
        ]
        template = "".join(parts) + "}"
        encoded = [map(encode_basestring, self.columns[name]) for name in names]
        salts, place, found = self.salts, 0, []
        try:
            for values in zip(*encoded, strict=True):
                salt = salts[place : place + SALT_SIZE]
                place += SALT_SIZE
                found.append(sha256(b"\x00" + salt + (template % values).encode()).digest())
        except (TypeError, UnicodeEncodeError) as error:
            where = place // SALT_SIZE - isinstance(error, UnicodeEncodeError)
            raise MalformedError(f"item {where}: a value is not proper text") from error
        return found

    def root(self) -> bytes:
        """RFC 6962 root over the salted items."""
        return root_of_hashes(self.hashes())

    def take(self, places: Sequence[int]) -> ItemTable:
        """The items at `places`, in that order."""
        salts = self.salts
        return ItemTable(
            {name: [values[place] for place in places] for name, values in self.columns.items()},
            b"".join(salts[place * SALT_SIZE : (place + 1) * SALT_SIZE] for place in places),
        )


def table_of(items: Sequence[BatchItem], salts: bytes) -> ItemTable:
    """Columns of single items; a value an item lacks is ""."""
    names = ordered_names({name for item in items for name in item.fields})
    return ItemTable({name: [item.fields.get(name, "") for item in items] for name in names}, salts)


@dataclass(frozen=True, slots=True)
class ItemShare:
    """What one counterparty gets of a batch: items, their places, and the hidden hashes."""

    size: int
    places: list[int]
    items: ItemTable
    proof: list[bytes]

    def verify(self, root: bytes, count: int) -> None:
        """Raise `ProofError` unless these are the items at those places of the signed batch."""
        if self.size != count:
            raise ProofError(f"the batch has {count} items, the share speaks of {self.size}")
        if root_from_partial(self.size, self.places, self.items.hashes(), self.proof) != root:
            raise ProofError("the shared items are not those of the batch")


def share_items(
    table: ItemTable, places: Sequence[int], hashes: list[bytes] | None = None
) -> ItemShare:
    """Share the items at rising `places`; `hashes` of the whole table if already known."""
    chosen = list(places)
    proof = partial_proof(table.hashes() if hashes is None else hashes, chosen)
    whole = len(chosen) == len(table)
    return ItemShare(len(table), chosen, table if whole else table.take(chosen), proof)


def places_of(table: ItemTable, column: str, wanted: Iterable[str]) -> list[int]:
    """Places of the items whose `column` is one of `wanted`."""
    found = frozenset(wanted)
    return [place for place, value in enumerate(table.columns[column]) if value in found]


def pack_places(places: Sequence[int]) -> bytes:
    """Places as big-endian u32 each."""
    return struct.pack(f">{len(places)}I", *places)


def unpack_places(data: bytes) -> tuple[int, ...]:
    """Inverse of `pack_places`."""
    return struct.unpack(f">{len(data) // 4}I", data)


def share_to_bytes(share: ItemShare) -> bytes:
    """Compressed plaintext of a share (a whole batch is the share of all places)."""
    whole = len(share.places) == share.size
    value: dict[str, Canonical] = {
        "columns": dict(share.items.columns),
        "places": [] if whole else [str(place) for place in share.places],
        "proof": b64(b"".join(share.proof)),
        "salts": b64(share.items.salts),
        "size": str(share.size),
    }
    plain = canonical_bytes(value)
    if len(plain) > MAX_PLAIN_BYTES:
        raise MalformedError(
            f"the items of one batch are {len(plain):,} bytes; "
            f"at most {MAX_PLAIN_BYTES:,} go into one, so split it"
        )
    try:
        check_bounds(plain)
    except MalformedError as error:
        raise MalformedError(
            f"the items of one batch are too many, so split it: {error}"
        ) from error
    return zlib.compress(plain, 1)


def share_from_bytes(data: bytes) -> ItemShare:
    """Inverse of `share_to_bytes`; `ItemShare.verify` tells whether it is true."""
    engine = zlib.decompressobj()
    try:
        plain = engine.decompress(data, MAX_PLAIN_BYTES)
    except zlib.error as error:
        raise MalformedError(f"the items do not unpack: {error}") from error
    if not engine.eof or engine.unused_data:
        raise MalformedError("the items are cut short, too long or followed by something")
    return _share_of(parse_canonical(plain))


_SHARE = frozenset(("columns", "places", "proof", "salts", "size"))


def _share_of(value: dict[str, object]) -> ItemShare:
    if value.keys() != _SHARE:
        raise MalformedError("a share of items is columns, places, a proof, salts and a size")
    size = parse_decimal(_text(value["size"]))
    if not 0 < size <= MAX_ITEMS:
        raise MalformedError(f"a batch has 1 to {MAX_ITEMS} items")
    proof = unb64(_text(value["proof"]))
    if len(proof) % HASH_SIZE:
        raise MalformedError("the proof is not of whole hashes")
    hashes = [proof[at : at + HASH_SIZE] for at in range(0, len(proof), HASH_SIZE)]
    if not isinstance(value["columns"], dict):
        raise MalformedError("the items are not columns")
    columns = {name: _texts(values) for name, values in value["columns"].items()}
    table = ItemTable(columns, unb64(_text(value["salts"])))
    places = [parse_decimal(place) for place in _texts(value["places"])]
    if not places and size != len(table):
        raise MalformedError(f"a batch of {size} items is shown with {len(table)} and no places")
    places = places or list(range(size))
    return ItemShare(size, places, table, hashes)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise MalformedError("something in the items is not text")
    return value


def _texts(value: object) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise MalformedError("something in the items is not a list of texts")
    return value
