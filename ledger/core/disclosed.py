"""A disclosure file: some fields of one entry, and what proves them. docs/disclosure-format.md.

Canonical JSON {beside, cosigners, fields, leaf, log_key, proof, v}. `leaf` is the entry's own text,
`fields` a disclosure (`core.disclosures`), `proof` a C2SP tlog-proof with its signed checkpoint,
`log_key` and `cosigners` the verifier keys of the lines under it, `beside` earlier entries of the
same log that say who signed: the key's `device.*` entries and their signers', and a row's tape.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from ledger.core.canonical import Canonical, canonical_bytes, parse_canonical
from ledger.core.checkpoints import parse_decimal
from ledger.core.cut import DISCLOSURE_START, is_cut
from ledger.core.disclosures import disclosure_from_bytes, disclosure_to_bytes
from ledger.core.encoding import b64, unb64
from ledger.core.errors import MalformedError
from ledger.core.fields import Disclosure
from ledger.core.hashing import HASH_SIZE

VERSION = "lease-disclosure/1"
#: Without it a file of JSON is somebody else's; it stands last.
MARK = b'"lease-disclosure/'
MAX_BYTES = 1 << 24
MAX_BESIDE = 1_000
_MEMBERS = {"v", "leaf", "fields", "proof", "log_key", "cosigners", "beside"}


@dataclass(frozen=True, slots=True)
class Beside:
    """An earlier entry under the same checkpoint; `shown` of a `device.*` entry only."""

    index: int
    leaf: bytes
    path: tuple[bytes, ...]
    shown: Disclosure | None = None

    def members(self) -> dict[str, Canonical]:
        """JSON members."""
        return {
            "index": str(self.index),
            "leaf": self.leaf.decode(),
            "path": b64(b"".join(self.path)),
            "fields": None if self.shown is None else _members(self.shown),
        }


@dataclass(frozen=True, slots=True)
class DisclosureFile:
    """What the file holds; nothing in it is believed yet."""

    leaf: bytes
    shown: Disclosure
    proof: bytes
    log_key: str
    cosigners: tuple[str, ...] = ()
    beside: tuple[Beside, ...] = ()

    def to_bytes(self) -> bytes:
        """The file."""
        return canonical_bytes(
            {
                "v": VERSION,
                "leaf": self.leaf.decode(),
                "fields": _members(self.shown),
                "proof": self.proof.decode(),
                "log_key": self.log_key,
                "cosigners": list(self.cosigners),
                "beside": [item.members() for item in self.beside],
            }
        )

    @classmethod
    def parse(cls, data: bytes) -> DisclosureFile:
        """Read a file strictly."""
        if len(data) > MAX_BYTES:
            raise MalformedError("a disclosure has at most 16 MiB")
        members = parse_canonical(data)
        if members.keys() != _MEMBERS or members["v"] != VERSION:
            raise MalformedError(f"this is no {VERSION}")
        cosigners, beside = members["cosigners"], members["beside"]
        if not isinstance(cosigners, list) or not isinstance(beside, list):
            raise MalformedError("cosigners and entries beside are lists")
        if max(len(cosigners), len(beside)) > MAX_BESIDE:
            raise MalformedError(f"more than {MAX_BESIDE} cosigners or entries beside")
        return cls(
            leaf=_text(members, "leaf").encode(),
            shown=_shown(members["fields"]),
            proof=_text(members, "proof").encode(),
            log_key=_text(members, "log_key"),
            cosigners=tuple(_text({"key": item}, "key") for item in cosigners),
            beside=tuple(map(_beside, beside)),
        )


def is_disclosure(data: bytes) -> bool:
    """Whether a file wants to be a disclosure; one that is cut short does by its beginning."""
    is_marked = data[:1] == b"{" and MARK in data
    return is_marked or (data.startswith(DISCLOSURE_START) and is_cut(data))


def _members(disclosure: Disclosure) -> Canonical:
    return cast("Canonical", parse_canonical(disclosure_to_bytes(disclosure)))


def _shown(value: object) -> Disclosure:
    if not isinstance(value, dict):
        raise MalformedError("shown fields are a size, fields and a proof")
    return disclosure_from_bytes(canonical_bytes(cast("Canonical", value)))


def _beside(value: object) -> Beside:
    if not isinstance(value, dict) or value.keys() != {"index", "leaf", "path", "fields"}:
        raise MalformedError("an entry beside is an index, a leaf, a path and fields")
    path = unb64(_text(value, "path"))
    if len(path) % HASH_SIZE:
        raise MalformedError("a path is of whole hashes")
    hashes = tuple(path[at : at + HASH_SIZE] for at in range(0, len(path), HASH_SIZE))
    shown = None if value["fields"] is None else _shown(value["fields"])
    index = parse_decimal(_text(value, "index"))
    return Beside(index, _text(value, "leaf").encode(), hashes, shown)


def _text(members: dict[str, object], name: str) -> str:
    value = members[name]
    if not isinstance(value, str):
        raise MalformedError(f"the member {name!r} is not text")
    return value
