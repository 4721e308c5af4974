"""Shown fields as bytes: how a bundle carries some fields of an entry with their proof."""

from __future__ import annotations

from ledger.core.canonical import canonical_bytes, parse_canonical
from ledger.core.checkpoints import parse_decimal
from ledger.core.encoding import b64, unb64
from ledger.core.errors import MalformedError
from ledger.core.fields import MAX_FIELDS, SALT_SIZE, Disclosure, ShownField
from ledger.core.hashing import HASH_SIZE

_FIELD = frozenset(("place", "name", "value", "salt"))


def disclosure_to_bytes(disclosure: Disclosure) -> bytes:
    """Canonical JSON {proof, shown: [{name, place, salt, value}], size}."""
    shown = [
        {
            "place": str(field.place),
            "name": field.name,
            "value": field.value,
            "salt": b64(field.salt),
        }
        for field in disclosure.shown
    ]
    proof = b64(b"".join(disclosure.proof))
    return canonical_bytes({"size": str(disclosure.size), "shown": shown, "proof": proof})


def disclosure_from_bytes(data: bytes) -> Disclosure:
    """Inverse of `disclosure_to_bytes`; `fields.verify_disclosure` tells whether it is true."""
    members = parse_canonical(data)
    if members.keys() != {"size", "shown", "proof"} or not isinstance(members["shown"], list):
        raise MalformedError("a disclosure is a size, fields and a proof")
    proof = unb64(_text(members, "proof"))
    if len(proof) % HASH_SIZE:
        raise MalformedError("a proof is of whole hashes")
    hashes = tuple(proof[at : at + HASH_SIZE] for at in range(0, len(proof), HASH_SIZE))
    fields = tuple(_field(item) for item in members["shown"])
    size = parse_decimal(_text(members, "size"))
    if not 0 < size <= MAX_FIELDS:
        raise MalformedError(f"a payload has 1 to {MAX_FIELDS} fields")
    return Disclosure(size, fields, hashes)


def _field(item: object) -> ShownField:
    if not isinstance(item, dict) or item.keys() != _FIELD:
        raise MalformedError("a shown field is a place, a name, a value and a salt")
    place = parse_decimal(_text(item, "place"))
    salt = unb64(_text(item, "salt"), SALT_SIZE)
    return ShownField(place, _text(item, "name"), _text(item, "value"), salt)


def _text(members: dict[str, object], name: str) -> str:
    value = members[name]
    if not isinstance(value, str):
        raise MalformedError(f"the member {name!r} is not text")
    return value
