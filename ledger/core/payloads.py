"""The plaintext of a record: its fields and their salts, as they are encrypted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ledger.core.canonical import canonical_bytes, flat_bytes, parse, parse_canonical
from ledger.core.encoding import b64, unb64
from ledger.core.errors import MalformedError
from ledger.core.fields import fields_root


@dataclass(frozen=True, slots=True)
class Payload:
    """Fields, and their salts concatenated in the order of the names."""

    fields: Mapping[str, str]
    salts: bytes

    def root(self) -> bytes:
        """The salted commitment that the leaf carries."""
        return fields_root(self.fields, self.salts)

    def to_bytes(self) -> bytes:
        """Canonical JSON {"fields": {…}, "salts": base64}."""
        if all(map(str.isascii, self.fields)):  # then plain sorting is JCS's
            return b'{"fields":%b,"salts":"%b"}' % (
                flat_bytes(self.fields),
                b64(self.salts).encode(),
            )
        return canonical_bytes({"fields": self.fields, "salts": b64(self.salts)})

    @classmethod
    def parse(cls, data: bytes, *, canonical: bool = False) -> Payload:
        """Read a decrypted payload; `root()` tells whether it is the signed one.

        `canonical` refuses bytes that are not exactly those of `to_bytes`.
        """
        value: object = parse_canonical(data) if canonical else parse(data)
        if not isinstance(value, dict) or value.keys() != {"fields", "salts"}:
            raise MalformedError("a payload is fields and salts")
        fields, salts = value["fields"], value["salts"]
        if not isinstance(fields, dict) or not isinstance(salts, str):
            raise MalformedError("a payload is fields and salts")
        if not all(isinstance(item, str) for item in fields.values()):
            raise MalformedError("a field of the payload is not text")
        return cls(fields, unb64(salts))
