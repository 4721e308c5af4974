"""One part of a bundle changed: a signature at an edge, JSON, a member, a text, a note."""

from __future__ import annotations

import json
import random

from ledger.core.canonical import canonical_bytes
from ledger.core.ed25519 import FIELD, ORDER
from ledger.core.encoding import b64, unb64

Random = random.Random

#: Points and scalars at the edges of Ed25519, as the 64 bytes of a signature.
SMALL_ORDER = [
    bytes.fromhex(text)
    for text in (
        "01" + "00" * 31,
        "ec" + "ff" * 30 + "7f",
        "00" * 32,
        "00" * 31 + "80",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
        "01" + "00" * 30 + "80",
    )
]


def little(number: int) -> bytes:
    return number.to_bytes(32, "little")


def edge_signatures(signature: bytes, rng: Random) -> bytes:
    """A signature at an edge of the acceptance rule."""
    r, s = signature[:32], int.from_bytes(signature[32:], "little")
    return rng.choice(
        [
            r + little(s + ORDER),
            r + little(ORDER),
            r + little(0),
            rng.choice(SMALL_ORDER) + little(s),
            rng.choice(SMALL_ORDER) + little(0),
            little(FIELD + rng.randrange(19)) + little(s),
            little((FIELD + rng.randrange(19)) | 1 << 255) + little(s),
            bytes([*r[:31], r[31] ^ 0x80]) + little(s),
            little(rng.randrange(FIELD)) + little(s),
            r + little((s + 1) % ORDER),
        ]
    )


def rewritten(data: bytes, rng: Random) -> bytes:
    """JSON of (nearly) the same meaning that is not canonical."""
    text = data.decode()
    first = text[1 : text.index(",")] if "," in text else text[1:-1]
    quote = rng.choice([at for at, sign in enumerate(text) if sign == '"'][:-1:2])
    sign = text[quote + 1]
    return rng.choice(
        [
            text.replace(":", ": ", 1),
            text.replace(",", " ,", 1),
            text + "\n",
            "\ufeff" + text,
            text[:-1] + "," + first + "}",
            "{" + first + "," + text[1:],
            text[: quote + 1] + f"\\u{ord(sign):04x}" + text[quote + 2 :],
            text[: quote + 1] + "\\ud800" + text[quote + 1 :],
            text[: quote + 1] + "\x01" + text[quote + 1 :],
            text[: quote + 1] + "\\/" + text[quote + 1 :],
            text.replace('"', "'", 2),
            text[:-1] + ',"~":1}',
            text[:-1] + ',"~":true}',
            text[:-1] + ',"~":null}',
            text[:-1] + ',"~":' + "[" * 3000 + "]" * 3000 + "}",
            text[:-1] + "}}",
            "[" + text + "]",
            json.dumps(dict(reversed(json.loads(text).items())), separators=(",", ":")),
        ]
    ).encode("utf-8", "surrogatepass")


def other_member(leaf: bytes, rng: Random) -> bytes:
    """A leaf with one member changed, dropped or added; still canonical."""
    members = json.loads(leaf)
    name = rng.choice(sorted(members))
    value = members[name]
    action = rng.randrange(5)
    if action == 0:
        del members[name]
    elif action == 1:
        members[rng.choice(["x", "dev_sig", "batch", "items_root", "items_count", "Z"])] = value
    elif isinstance(value, dict):
        inner = rng.choice(sorted(value))
        value[inner] = rng.choice(["", "0", "7", "9" * 20, None, b64(bytes(32)), value[inner][:-4]])
    elif isinstance(value, str) and action < 4:
        members[name] = changed(value, rng)
    else:
        members[name] = rng.choice([None, "", [], {}, "é\u2028", "0", b64(bytes(32))])
    return canonical_bytes(members)


def changed(text: str, rng: Random) -> str:
    """Another text, often of the same form."""
    if not text:
        return "x"
    at = rng.randrange(len(text))
    try:
        raw = bytearray(unb64(text))
        raw[at % len(raw)] ^= 1 << rng.randrange(8)
        return rng.choice([b64(bytes(raw)), b64(bytes(raw[:-1])), text[:-1]])
    except (ValueError, ZeroDivisionError):
        return text[:at] + rng.choice("0aZ-é+") + text[at + 1 :]


def other_text(data: bytes, rng: Random) -> bytes:
    """Canonical JSON with one text somewhere changed, dropped or added."""
    value = json.loads(data)
    spots: list[tuple[object, object]] = []

    def walk(node: object) -> None:
        pairs = node.items() if isinstance(node, dict) else enumerate(node)  # type: ignore[call-overload]
        for key, item in pairs:
            spots.append((node, key))
            if isinstance(item, dict | list):
                walk(item)

    walk(value)
    node, key = rng.choice(spots)
    item = node[key]  # type: ignore[index]
    if isinstance(item, str) and rng.random() < 0.7:
        node[key] = changed(item, rng)  # type: ignore[index]
    elif rng.random() < 0.5:
        del node[key]  # type: ignore[attr-defined]
    else:
        node[key] = rng.choice([None, "", "1", [], {}, ["0"], {"a": "b"}])  # type: ignore[index]
    return canonical_bytes(value)


def other_note(data: bytes, rng: Random) -> bytes:
    """A checkpoint with its bytes or lines changed, unsigned."""
    at = rng.randrange(len(data))
    head, _blank, tail = data.rpartition(b"\n\n")
    lines = tail[:-1].split(b"\n")
    flipped = bytearray(data)
    flipped[at] ^= 1 << rng.randrange(8)
    return rng.choice(
        [
            bytes(flipped),
            bytes(flipped),
            data[:at] + data[at + 1 :],
            data[:at] + b"\n" + data[at:],
            data[:at] + b"\r" + data[at:],
            head + b"\n" + tail,
            head + b"\nmore\n\n" + tail,
            data[:-1],
            data + lines[-1] + b"\n",
            data + b"\xe2\x80\x94 other.test/c " + b64(bytes(68)).encode() + b"\n",
            data.replace(b"\xe2\x80\x94", b"-", 1),
            data.replace(b" example.test/w", b" example.test/\xc2\xa0w"),
            head + b"\n\n" + b"\n".join(lines[:-1]) + b"\n",
            head + b"\n\n" + b"\n".join(lines[1:]) + b"\n",
            b"",
            b"\n\n" + tail,
        ]
    )
