"""Salted field commitments: the fields of a payload as leaves of a Merkle tree.

Field leaf = 16 random bytes || RFC 8785 bytes of [name, value], in the order of the names' UTF-16
code units; `fields_root` is RFC 6962's root over them. A holder can show some fields and prove
that they are the signed ones; without its salt a field cannot be guessed from the root.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from json.encoder import encode_basestring

from ledger.core.canonical import canonical_bytes, utf16_key
from ledger.core.errors import MalformedError, ProofError
from ledger.core.hashing import leaf_hash, root_of_hashes
from ledger.core.partial import partial_proof, root_from_partial

SALT_SIZE = 16
MAX_FIELDS = 1024


def ordered_names(names: Iterable[str]) -> list[str]:
    """Names in the order of their leaves."""
    found = list(names)
    if all(name.isascii() for name in found):
        return sorted(found)
    return sorted(found, key=utf16_key)


def draw_salts(count: int) -> bytes:
    """`count` fresh salts, concatenated."""
    return os.urandom(SALT_SIZE * count)


def field_leaf(name: str, value: str, salt: bytes) -> bytes:
    """The bytes that are hashed for one field."""
    if len(salt) != SALT_SIZE:
        raise MalformedError(f"the salt of {name!r} is {SALT_SIZE} bytes, not {len(salt)}")
    if not isinstance(value, str):
        raise MalformedError(f"the value of {name!r} is not text")
    return salt + canonical_bytes([name, value])


@lru_cache(maxsize=256)
def _openings(names: tuple[str, ...]) -> list[tuple[str, str]]:
    """Names in the order of their leaves, each with its field's JSON up to the value: `["name",`.

    The rows of a tape have few sets of names between them.
    """
    return [(name, f"[{encode_basestring(name)},") for name in ordered_names(names)]


def field_hashes(fields: Mapping[str, str], salts: bytes) -> list[bytes]:
    """Leaf hashes of all fields, `salts` concatenated in the order of the names."""
    if not 0 < len(fields) <= MAX_FIELDS:
        raise MalformedError(f"a payload has 1 to {MAX_FIELDS} fields")
    names = _openings(tuple(fields))
    if len(salts) != SALT_SIZE * len(names):
        raise MalformedError(f"{len(names)} fields need {SALT_SIZE * len(names)} bytes of salt")
    try:  # written out: this loop is most of what appending a tape costs
        return [
            sha256(
                b"\x00"
                + salts[place : place + SALT_SIZE]
                + (opening + encode_basestring(fields[name]) + "]").encode()
            ).digest()
            for place, (name, opening) in zip(range(0, len(salts), SALT_SIZE), names, strict=True)
        ]
    except (TypeError, UnicodeEncodeError):
        for name, _opening in names:  # slowly, to say which
            field_leaf(name, fields[name], bytes(SALT_SIZE))
        raise


def fields_root(fields: Mapping[str, str], salts: bytes) -> bytes:
    """Root of the salted fields, `salts` concatenated in the order of the names."""
    return root_of_hashes(field_hashes(fields, salts))


def join_salts(salts: Mapping[str, bytes], names: Iterable[str]) -> bytes:
    """Salts by name (as a phone sends them) into the concatenated form."""
    wanted = ordered_names(names)
    if set(wanted) != set(salts):
        raise MalformedError("every field has exactly one salt")
    for name in wanted:
        if len(salts[name]) != SALT_SIZE:
            raise MalformedError(f"the salt of {name!r} is not {SALT_SIZE} bytes")
    return b"".join(salts[name] for name in wanted)


@dataclass(frozen=True, slots=True)
class ShownField:
    """One disclosed field and where it stands among all."""

    place: int
    name: str
    value: str
    salt: bytes


@dataclass(frozen=True, slots=True)
class Disclosure:
    """Some fields of a payload of `size` fields, with the hashes of the hidden subtrees."""

    size: int
    shown: tuple[ShownField, ...]
    proof: tuple[bytes, ...]

    def fields(self) -> dict[str, str]:
        """The disclosed names and values."""
        return {field.name: field.value for field in self.shown}


def disclose(fields: Mapping[str, str], salts: bytes, names: Iterable[str]) -> Disclosure:
    """Show `names` of a payload; `MalformedError` for a name that it does not have."""
    order = ordered_names(fields)
    wanted = set(names)
    if unknown := wanted - set(order):
        raise MalformedError(f"the payload has no field {sorted(unknown)[0]!r}")
    shown = tuple(
        ShownField(place, name, fields[name], salts[place * SALT_SIZE : (place + 1) * SALT_SIZE])
        for place, name in enumerate(order)
        if name in wanted
    )
    proof = partial_proof(field_hashes(fields, salts), [field.place for field in shown])
    return Disclosure(len(order), shown, tuple(proof))


def verify_disclosure(disclosure: Disclosure, root: bytes) -> None:
    """Raise `ProofError` unless the shown fields are committed to by `root`."""
    shown: Sequence[ShownField] = disclosure.shown
    names = [field.name for field in shown]
    if names != ordered_names(set(names)):
        raise ProofError("the shown fields are not in order, each once")
    hashes = [leaf_hash(field_leaf(field.name, field.value, field.salt)) for field in shown]
    found = root_from_partial(
        disclosure.size, [field.place for field in shown], hashes, disclosure.proof
    )
    if found != root:
        raise ProofError("the shown fields are not the committed ones")
