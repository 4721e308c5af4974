"""Canonical JSON of signed records: RFC 8785 (JCS), restricted to what we sign.

No JSON numbers (money is an integer of minor units in a decimal string), no booleans, no duplicate
keys, no lone surrogates. Without numbers the C encoder of the standard library writes JCS exactly,
once the keys are sorted by UTF-16 code units; tests compare it with `rfc8785`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from json.encoder import encode_basestring
from typing import cast

from ledger.core.bounds import check_bounds
from ledger.core.errors import MalformedError, shortened

_LARGE, _RUN = 1 << 20, 1 << 12  # bytes; texts of a list that are written at once
MAX_DEPTH = 32  # lists and mappings in one another, as in the second verifier
_TYPE_NAMES = {bool: "boolean", int: "number", float: "number"}

Canonical = str | None | Sequence["Canonical"] | Mapping[str, "Canonical"]

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode


def utf16_key(text: str) -> bytes:
    """Sort key of RFC 8785 section 3.2.3: UTF-16 code units (big-endian bytes sort alike)."""
    return text.encode("utf-16-be", "surrogatepass")


def _ordered(value: object, where: str, depth: int = 0) -> object:
    if value is None or isinstance(value, str):
        return value
    if depth >= MAX_DEPTH - 1 and value:
        raise MalformedError("nested too deeply")
    if isinstance(value, Mapping):
        names = list(value)
        if not all(isinstance(name, str) for name in names):
            raise MalformedError(f"{where}: a name is not text")
        names.sort(key=None if all(map(str.isascii, names)) else utf16_key)
        return {
            name: item
            if type(item := value[name]) is str
            else _ordered(item, f"{where}.{name}", depth + 1)
            for name in names
        }
    if isinstance(value, (list, tuple)):
        return [
            item if type(item) is str else _ordered(item, f"{where}[{place}]", depth + 1)
            for place, item in enumerate(value)
        ]
    kind = _TYPE_NAMES.get(type(value), type(value).__name__)
    raise MalformedError(f"{where}: a {kind} cannot be signed; write it as text")


def canonical_bytes(value: Canonical) -> bytes:
    """UTF-8 bytes of RFC 8785. Raises `MalformedError` naming the place that cannot be signed."""
    text = _encode(_ordered(value, "$"))
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise MalformedError(f"a lone surrogate at character {error.start}") from error


def flat_bytes(value: Mapping[str, object]) -> bytes:
    """`canonical_bytes` of a mapping with ASCII names, its values in order already: for bulk."""
    parts = [
        opening + (encode_basestring(own) if isinstance(own := value[name], str) else _encode(own))
        for name, opening in _openings(tuple(value))
    ]
    return ("".join(parts) + "}").encode() if parts else b"{}"


@lru_cache(maxsize=256)
def _openings(names: tuple[str, ...]) -> list[tuple[str, str]]:
    """Names in order, each with what stands before its value: many mappings share their names."""
    return [
        (name, ("," if place else "{") + encode_basestring(name) + ":")
        for place, name in enumerate(sorted(names))
    ]


def _no_duplicates(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        seen: set[str] = set()
        twice = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
        raise MalformedError(f"the name {shortened(twice)!r} stands twice")
    return members


def _no_number(text: str) -> object:
    raise MalformedError(f"the number {shortened(text)} cannot be signed; write it as text")


_decoder = json.JSONDecoder(
    object_pairs_hook=_no_duplicates,
    parse_int=_no_number,
    parse_float=_no_number,
    parse_constant=_no_number,
)


def parse(data: bytes) -> object:
    """Decode JSON that holds no numbers and no duplicate names; it need not be canonical.

    What would take much more room than its bytes is refused before (`core.bounds`).
    """
    check_bounds(data)
    try:
        return _decoder.decode(data.decode())
    except MalformedError:
        raise
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise MalformedError(f"not JSON: {error}") from error


def _is_canonical(value: dict[str, object], data: bytes) -> bool:
    """Whether these are the canonical bytes; of large ones piece by piece, to hold few of them."""
    if len(data) < _LARGE:
        return canonical_bytes(cast("Canonical", value)) == data
    at = 0
    try:
        for text in _texts(value, 0):
            piece = text.encode()
            if not data.startswith(piece, at):
                return False
            at += len(piece)
    except UnicodeEncodeError as error:
        raise MalformedError(f"a lone surrogate at character {error.start}") from error
    return at == len(data)


def _texts(value: object, depth: int) -> Iterator[str]:
    if not value or isinstance(value, str) or not isinstance(value, (dict, list)):
        yield _encode(_ordered(value, "$", depth))
        return
    if depth >= MAX_DEPTH - 1:
        raise MalformedError("nested too deeply")
    if isinstance(value, list):
        for low in range(0, len(value), _RUN):
            part = _encode(_ordered(value[low : low + _RUN], "$", depth))
            yield ("," if low else "[") + part[1:-1]
        yield "]"
        return
    for place, name in enumerate(sorted(value, key=utf16_key)):
        yield ("," if place else "{") + encode_basestring(name) + ":"
        yield from _texts(value[name], depth + 1)
    yield "}"


def parse_canonical(data: bytes) -> dict[str, object]:
    """Decode a JSON object whose bytes are exactly its canonical bytes, else `MalformedError`."""
    value = parse(data)
    if not isinstance(value, dict):
        raise MalformedError("not a JSON object")
    try:
        is_canonical = _is_canonical(value, data)
    except RecursionError as error:  # the decoder takes deeper nesting than the encoder
        raise MalformedError("nested too deeply") from error
    if not is_canonical:
        raise MalformedError("the bytes are not canonical (RFC 8785)")
    return value
