"""What goes over the signer's socket: one question and one answer a connection. Pure: no Django.

A frame is its length (u32, big-endian) and so many bytes of one JSON object. A question:

    {"v": 5, "do": …, "log": <log id>, …}      "do" and its further members in `QUESTIONS`

An answer is one of

    {"v": 5, "answer": …}
    {"v": 5, "problem": {"code": …, "detail": …, "params": {…}}}      a refusal of `ledger/problems`
    {"v": 5, "speaks": 5}                       the question was of another version, or no question

A size and root with a proof is {"size": "7", "root": b64, "proof": [b64, …]}.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ledger.core.encoding import b64, unb64
from ledger.core.errors import MalformedError
from ledger.core.hashing import HASH_SIZE
from ledger.core.tree_heads import parse_decimal
from ledger.signing.rules import Growth, Signed, Turns, TurnShown

VERSION = 5
MAX_FRAME = 1 << 17  # a freeze holds a witness's note of at most 64 KiB
LENGTH_SIZE = 4
MAX_HASHES = 64
MAX_TURNS = 1_000
#: Members of each question beside "v", "do" and "log", and their types.
QUESTIONS: Mapping[str, Mapping[str, type | tuple[type, ...]]] = {
    "key": {"origin": str, "second": bool, "create": bool, "version": int},
    "last": {},
    "hand_over": {"origin": str, "index": int, "version": int},
    "versions": {},
    "retire": {"origin": str},
    "sign": {
        "checkpoint": str,
        "last": (dict, type(None)),
        "floor": (dict, type(None)),
        "time": int,
        "turns": list,
        "shown": (dict, type(None)),
        "floor_note": str,
    },
    "sign_again": {"checkpoint": str, "proof": list, "time": int},
    "vouch": {"text": str, "version": int},
    "frozen": {},
    "freeze": {
        "witness": str,
        "size": int,
        "held": int,
        "at": str,
        "note": str,
        "ours": (dict, type(None)),
    },
    "overruled": {"checkpoint": str},
    # of the title registry's map; "log" is "titles"
    "root_keys": {},
    "root_make": {"version": int},
    "root_last": {},
    "root_sign": {"text": str, "key": str},
    "root_retire": {},
}
Message = dict[str, Any]


class OtherVersion(MalformedError):
    """The other side speaks another version of this protocol; `theirs` is what it names."""

    def __init__(self, theirs: object) -> None:
        super().__init__(f"version {theirs!r:.40}")
        self.theirs = theirs


def frame(message: Message) -> bytes:
    """A message as it is sent; `MalformedError` where it is too long or holds no text."""
    try:
        body = json.dumps({"v": VERSION} | message, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise MalformedError("it holds a lone surrogate") from error
    if len(body) > MAX_FRAME:
        raise MalformedError(f"it has {len(body)} bytes of at most {MAX_FRAME}")
    return len(body).to_bytes(LENGTH_SIZE, "big") + body


def length_of(header: bytes) -> int:
    """How many bytes follow; `MalformedError` for more than anybody may send."""
    length = int.from_bytes(header, "big")
    if len(header) != LENGTH_SIZE or not 0 < length <= MAX_FRAME:
        raise MalformedError(f"a message of {length} bytes")
    return length


def opened(body: bytes) -> Message:
    """The object in a frame, of this version."""
    try:
        message = json.loads(body)
        json.dumps(message, ensure_ascii=False).encode()  # no lone surrogate
    except (ValueError, RecursionError) as error:
        raise MalformedError("no JSON") from error
    if not isinstance(message, dict):
        raise MalformedError("no JSON object")
    if (version := message.pop("v", None)) != VERSION or isinstance(version, bool):
        raise OtherVersion(version)
    return message


def check_question(message: Message) -> tuple[str, str, Message]:
    """What is asked, of which log, and its members: exactly those that belong, of their types."""
    do, log_id = message.pop("do", None), message.pop("log", None)
    wanted = QUESTIONS.get(do) if isinstance(do, str) else None
    if not isinstance(do, str) or wanted is None or not isinstance(log_id, str):
        raise MalformedError("it asks for nothing that is known")
    if message.keys() != wanted.keys():
        raise MalformedError(f"the members of {do} are {', '.join(wanted)}")
    for name, kind in wanted.items():
        is_bool = isinstance(message[name], bool)
        if not isinstance(message[name], kind) or is_bool != (kind is bool):
            raise MalformedError(f"{do}: {name} is of another type")
    return do, log_id, message


def of_signed(signed: Signed | None) -> Message | None:
    """A size and root."""
    return None if signed is None else {"size": str(signed[0]), "root": b64(signed[1])}


def to_signed(found: object) -> Signed | None:
    """Inverse of `of_signed`."""
    if found is None:
        return None
    if not isinstance(found, dict) or found.keys() != {"size", "root"}:
        raise MalformedError("a size and its root were expected")
    if not all(isinstance(value, str) for value in found.values()):
        raise MalformedError("a size and its root are text")
    return parse_decimal(found["size"]), unb64(found["root"], HASH_SIZE)


def to_turns(found: object) -> Turns:
    """Indexes, as a list of numbers."""
    if not isinstance(found, list) or len(found) > MAX_TURNS:
        raise MalformedError(f"a log's key changed at most {MAX_TURNS} times")
    if not all(type(index) is int and 0 <= index < 1 << 63 for index in found):
        raise MalformedError("the places at which a log's key changed are indexes")
    return tuple(found)


def of_growth(step: Growth | None) -> Message | None:
    """A size and root with a proof from there."""
    if step is None:
        return None
    return {**(of_signed(step.signed) or {}), "proof": [b64(item) for item in step.proof]}


def of_shown(shown: TurnShown | None) -> Message | None:
    """The entry that changes the log's key."""
    if shown is None:
        return None
    path = [b64(item) for item in shown.path]
    return {"leaf": b64(shown.leaf), "payload": b64(shown.payload), "path": path}


def to_shown(found: object) -> TurnShown | None:
    """Inverse of `of_shown`."""
    if found is None:
        return None
    if not isinstance(found, dict) or found.keys() != {"leaf", "payload", "path"}:
        raise MalformedError("a leaf, a payload and a path were expected")
    if not isinstance(found["leaf"], str) or not isinstance(found["payload"], str):
        raise MalformedError("a leaf and a payload are text")
    return TurnShown(unb64(found["leaf"]), unb64(found["payload"]), to_hashes(found["path"]))


def to_hashes(found: object) -> tuple[bytes, ...]:
    """The hashes of a proof, from their texts."""
    if not isinstance(found, list) or len(found) > MAX_HASHES:
        raise MalformedError("a proof is a list of at most 64 hashes")
    if not all(isinstance(item, str) for item in found):
        raise MalformedError("the hashes of a proof are text")
    return tuple(unb64(item, HASH_SIZE) for item in found)


def to_growth(found: object) -> Growth | None:
    """Inverse of `of_growth`."""
    if not isinstance(found, dict):
        return None
    proof = found.pop("proof", None)
    signed = to_signed(found)
    if signed is None:
        raise MalformedError("a size and its root were expected")
    return Growth(*signed, to_hashes(proof))
