"""A small log made with the pure core alone, and bundles of it, good and forged."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from hashlib import sha256

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
from ledger.core.bundle import BLOCK, END, FRAME, HEADER, MAGIC, End, Header
from ledger.core.checkpoints import Checkpoint
from ledger.core.disclosures import disclosure_to_bytes
from ledger.core.ed25519 import SecretKey
from ledger.core.encoding import b64
from ledger.core.errors import LedgerError
from ledger.core.fields import SALT_SIZE, disclose
from ledger.core.hashing import leaf_hash, root_of_hashes
from ledger.core.items import share_items, share_to_bytes
from ledger.core.keyring import recovery_text
from ledger.core.keys import key_id
from ledger.core.leaves import Core, Leaf, RowPath, row_paths
from ledger.core.log_keys import rotation_text
from ledger.core.mldsa import MlDsaSecretKey, mldsa
from ledger.core.notes import (
    ED25519,
    ED25519_COSIGNATURE,
    MLDSA44_COSIGNATURE,
    Note,
    NoteKey,
    cosign_text,
    sign_text,
)
from ledger.core.payloads import Payload
from ledger.core.tree import Frontier
from ledger.drafts import Draft, item_table

TS = "2026-11-01T08:00:00.000000Z"
LOG_ID = "f" * 32
ORIGIN = f"example.test/ledger/{LOG_ID}"
#: What may be wrong where a log's key changes, or vouches for a service key; "" is a good one.
HAND_OVERS = (
    "the old key is silent",
    "the old key goes on",
    "vouched for elsewhere",
    "vouched for by another",
    "vouched for as a device",
    "the same key",
    "handed over elsewhere",
    "handed over by itself",
    "no second key",
    "another old key",
    "not shown",
    "no checkpoint of its own",
)
ENTRY = ord("E")  # here only: in a bundle entries stand in blocks


def secret(letter: str) -> SecretKey:
    return SecretKey(letter.encode() * 32)


class SteadyKey(MlDsaSecretKey):
    """Signs one message always alike, so that a bundle is the same in every run."""

    def __init__(self, seed: bytes) -> None:
        super().__init__(seed, portable=True)

    @lru_cache(maxsize=4096)  # noqa: B019  (a key for each test run)
    def sign(self, message: bytes) -> bytes:
        """The deterministic signature of FIPS 204."""
        return bytes(mldsa.new(self._key, deterministic=True).sign(message))


def salts_of(name: str, count: int) -> bytes:
    """Salts that are the same in every run."""
    return b"".join(sha256(f"{name}/{n}".encode()).digest()[:SALT_SIZE] for n in range(count))


def rid(number: int) -> str:
    return str(uuid.UUID(int=number))


class SmallLog:
    """Keys, a device's lease, a tape of five rows, a batch of six items; two checkpoints.

    `seed` varies the last entries, 2 with an ML-DSA-44 cosigner, 1 with a new service key that the
    log's key vouched for and then a new key of the log; `life`: what is wrong with a key.
    """

    def __init__(self, *, seed: int = 0, life: str = "") -> None:
        self.seed, self.life = seed, life
        self.quantum = SteadyKey(b"q" * 32) if seed == 2 else None
        self.log, self.witness, self.new_log = secret("l"), secret("w"), secret("k")
        self.rotates = seed == 1 or life in HAND_OVERS
        self.rotated: int | None = None
        self.service, self.device, self.office = secret("s"), secret("d"), secret("o")
        self.log_key = NoteKey(ORIGIN, ED25519, self.log.public)
        self.witness_key = NoteKey("example.test/w", ED25519_COSIGNATURE, self.witness.public)
        self.records: list[tuple[int, bytes]] = []
        self.frontier = Frontier()
        self._header()
        for number, (role, key) in enumerate(
            {"service": self.service, "device": self.device, "back_office": self.office}.items()
        ):
            fields = {"kid": key_id(key.public), "role": role, "public_key": b64(key.public)}
            for kind in ("device.enrolled", "device.approved"):
                self.add(self.draft(kind, 10 + number, fields), self.service)
        self.add(self.draft("lease.recorded", 1, {"vin": "LSV1", "price_minor": "1"}), self.device)
        self.checkpoint()
        self._tape()
        self._batch()
        self.add(self.draft("document.issued", 3, {"a": "1", "b": "2"}), self.service, show=["b"])
        for number in range(seed % 5):
            fields = {"title": f"é\u2028\U0001f600{number}", 'a"\\\n\x7f': "", "z": "\x1f/"}
            self.add(self.draft("document.issued", 40 + number, fields), self.service)
            self.records.pop()
            self.records.append((ERASED, b"") if number % 2 else (PAYLOAD, self.last))
        self._spoil()
        if self.rotates:
            self._recover()
            self._hand_over()
        self.checkpoint()

    def _header(self) -> None:
        keys = (self.witness_key.vkey(),)
        if self.quantum is not None:
            for name in ("example.test/q", ORIGIN):  # a cosigner's, and the log's second key
                keys += (NoteKey(name, MLDSA44_COSIGNATURE, self.quantum.public).vkey(),)
        own = (self.log_key.vkey(),)
        if self.rotates and self.life != "the same key":
            own += (NoteKey(ORIGIN, ED25519, self.new_log.public).vkey(),)
        header = Header(ORIGIN, LOG_ID, own, keys)
        self.records.append((HEADER, header.to_bytes()))

    @staticmethod
    def draft(kind: str, number: int, fields: dict[str, str], **more) -> Draft:
        made = Draft.service(kind=kind, rid=rid(number), fields=fields, ts=TS, **more)
        return replace(made, payload=Payload(fields, salts_of(f"{kind}/{number}", len(fields))))

    def add(self, draft: Draft, key: SecretKey, *, show: list[str] | None = None) -> Core:
        core = draft.core(log_id=LOG_ID, device=key_id(key.public))
        return self._put(draft, Leaf(core, sha256(b"ct").digest(), key.sign(core.to_bytes())), show)

    def _put(self, draft: Draft, leaf: Leaf, show: list[str] | None = None) -> Core:
        self.records.append((ENTRY, leaf.to_bytes()))
        self.last = draft.payload.to_bytes()
        if show is None:
            self.records.append((PAYLOAD, draft.payload.to_bytes()))
        else:
            shown = disclose(draft.payload.fields, draft.payload.salts, show)
            self.records.append((FIELDS, disclosure_to_bytes(shown)))
        self.frontier.append(leaf_hash(leaf.to_bytes()))
        return leaf.core

    def _tape(self) -> None:
        kid = key_id(self.office.public)
        rows = [self.draft("lease.recorded", 20 + n, {"vin": f"VIN{n}"}) for n in range(5)]
        cores = [row.core(log_id=LOG_ID, device=kid) for row in rows]
        hashes = [leaf_hash(core.to_bytes()) for core in cores]
        tape = self.draft("tape.imported", 2, {"rows": "5"})
        plain = tape.core(log_id=LOG_ID, device=kid)
        core = Core(
            plain.kind, plain.rid, LOG_ID, kid, TS, plain.fields_root, root_of_hashes(hashes), 5
        )
        signature = self.office.sign(core.to_bytes())
        self._put(tape, Leaf(core, sha256(b"ct").digest(), signature))
        for place, path in enumerate(row_paths(hashes)):
            row = RowPath(core.rid, place, path)
            self._put(rows[place], Leaf(cores[place], sha256(b"ct").digest(), row=row))

    def _batch(self) -> None:
        items = item_table({"lease_rid": list("ababab"), "amount_minor": list("123456")})
        items = replace(items, salts=salts_of("items", len(items)))
        self.add(self.draft("payments.batch", 4, {"month": "11"}, items=items), self.service)
        share = share_items(items, [0, 2, 4])
        self.records.append((ITEMS, share_to_bytes(share)))

    def checkpoint(self) -> None:
        self.records.append((CHECKPOINT, self.signed(self.frontier)))

    def signed(self, frontier: Frontier) -> bytes:
        """The log's checkpoint of a tree, cosigned."""
        text = Checkpoint(ORIGIN, frontier.size, frontier.root()).text()
        keys, size = [self.log], frontier.size
        if self.rotated is not None and size > self.rotated:
            keys = [self.new_log, self.log] if size == self.rotated + 1 else [self.new_log]
        if self.life == "the old key is silent":
            keys = keys[:1]
        if self.life == "the old key goes on" and len(keys) == 1:
            keys = [self.log]
        lines = (
            *(sign_text(text, ORIGIN, key) for key in keys),
            cosign_text(text, self.witness_key.name, self.witness, 1_700_000_000),
        )
        if self.quantum is not None:
            lines += (cosign_text(text, "example.test/q", self.quantum, 1_700_000_001),)
            lines += (cosign_text(text, ORIGIN, self.quantum, 1_700_000_001),)
        return Note(text, lines).to_bytes()

    def _recover(self) -> None:
        """A new service key, by the word of the log's key."""
        key, index = secret("r"), self.frontier.size
        kid = key_id(key.public)
        wrong = self.life == "vouched for elsewhere"
        signer = secret("x") if self.life == "vouched for by another" else self.log
        authority = signer.sign(recovery_text(ORIGIN, index + wrong, kid))
        fields = {"kid": kid, "role": "service", "public_key": b64(key.public)}
        if self.life == "vouched for as a device":
            fields["role"] = "device"
        self.add(self.draft("device.enrolled", 80, fields | {"authority": b64(authority)}), key)
        self.service = key

    def _hand_over(self) -> None:
        """A new key of the log, and the checkpoint that both sign."""
        index = self.frontier.size
        new = self.log if self.life == "the same key" else self.new_log
        vkey = NoteKey(ORIGIN, ED25519, new.public).vkey()
        place = index + 1 if self.life == "handed over elsewhere" else index
        signer = self.new_log if self.life == "handed over by itself" else self.log
        second = self.log_key.vkey() if self.life == "no second key" else ""
        fields = {
            "old": vkey if self.life == "another old key" else self.log_key.vkey(),
            "new": vkey,
            "new_mldsa": second,
            "authority": b64(signer.sign(rotation_text(ORIGIN, place, vkey, second))),
        }
        show = ["new"] if self.life == "not shown" else None
        self.add(self.draft("log.key_rotated", 81, fields), self.service, show=show)
        self.rotated = index
        if self.life != "no checkpoint of its own":
            self.checkpoint()
        for number in (82, 83):  # two: without the last one no checkpoint covers the other
            self.add(self.draft("document.issued", number, {"after": "1"}), self.service)

    def until_handed_over(self) -> list[tuple[int, bytes]]:
        """The records up to the checkpoint that both keys of the log signed."""
        notes = [at for at, (kind, _) in enumerate(self.records) if kind == CHECKPOINT]
        return self.records[: notes[-2] + 1]

    def _tell(self, kind: str, kid: str, public: bytes, number: int = 70) -> None:
        fields = {"kid": kid, "role": "device", "public_key": b64(public)}
        self.add(self.draft(kind, number, fields), self.service)

    def _spoil(self) -> None:
        """A key with something wrong in its life, used for one more entry."""
        points = {
            "small order": bytes.fromhex("ec" + "ff" * 30 + "7f"),
            "not canonical": (2**255 - 19 + 3).to_bytes(32, "little"),
            "not in the prime group": (2**255 - 20).to_bytes(32, "little"),
            "short": bytes(31),
        }
        life, key = self.life, secret("n")
        if not life or life in HAND_OVERS:
            return
        public = points.get(life, key.public)
        kid = "0" * 32 if life in ("another id", "short") else key_id(public)
        if life != "never enrolled":
            self._tell("device.enrolled", kid, public)
        if life == "enrolled twice":
            self._tell("device.enrolled", kid, public, 71)
        if life not in ("never approved", "never enrolled"):
            self._tell("device.approved", kid, public, 72)
        if life in ("revoked before use", "approved after revocation"):
            self._tell("device.revoked", kid, public, 73)
        if life == "approved after revocation":
            self._tell("device.approved", kid, public, 74)
        draft = self.draft("lease.recorded", 75, {"vin": "LSV9"})
        core = draft.core(log_id=LOG_ID, device=kid)
        self._put(draft, Leaf(core, sha256(b"ct").digest(), key.sign(core.to_bytes())))


@lru_cache(maxsize=1 << 14)
def listed(leaf: bytes) -> bool:
    """Whether an honest exporter lists this entry among keys and tapes."""
    try:
        found = Leaf.parse(leaf)
    except LedgerError:
        return False
    core = found.core
    has_items, is_row = core.items_root is not None, found.row is not None
    return is_landmark(core.kind, has_items=has_items, is_row=is_row)


def block_of(start: int, records: list[tuple[int, bytes]]) -> Block:
    """A block whose lists and counts are right, whatever stands in it."""
    leaves = [data for kind, data in records if kind == ENTRY]
    parts, place = [], -1
    for kind, data in records:
        place += kind == ENTRY
        if kind != ENTRY:
            parts.append(Part(place, kind, data))
    prints = b"".join(leaf_hash(leaf)[:FINGERPRINT_SIZE] for leaf in leaves)
    marks = tuple(place for place, leaf in enumerate(leaves) if listed(leaf))
    return Block(start, leaves, prints, marks, parts)


def blocks_of(records: list[tuple[int, bytes]], size: int = 6) -> list[Block]:
    """Entries with their parts, in blocks of `size` entries."""
    places = [place for place, (kind, _data) in enumerate(records) if kind == ENTRY]
    cuts = [*places[::size], len(records)]
    pairs = enumerate(zip(cuts, cuts[1:], strict=False))
    return [block_of(number * size, records[low:high]) for number, (low, high) in pairs]


def framed(kind: int, body: bytes) -> bytes:
    """A record."""
    return FRAME.pack(kind, len(body)) + body


def joined(header: bytes, blocks: list[Block], end: End | None = None) -> bytes:
    """A bundle of these blocks."""
    if end is None:
        parts = [part for block in blocks for part in block.parts if part.kind == CHECKPOINT]
        end = End(sum(len(block.leaves) for block in blocks), len(parts))
    bodies = [framed(BLOCK, block.to_bytes()) for block in blocks]
    return b"".join((MAGIC, framed(HEADER, header), *bodies, framed(END, end.to_bytes())))


def bundle(records: list[tuple[int, bytes]], size: int = 6) -> bytes:
    """The records, a header first, as a bundle whose lists and counts are right."""
    assert records[0][0] == HEADER
    return joined(records[0][1], blocks_of(records[1:], size))


def forged(
    records: list[tuple[int, bytes]], kind: int, number: int, change: Callable[[bytes], bytes]
) -> bytes:
    """A bundle with the `number`-th record of a kind changed, everything outside made to fit."""
    places = [place for place, record in enumerate(records) if record[0] == kind]
    place = places[number]
    return bundle([*records[:place], (kind, change(records[place][1])), *records[place + 1 :]])
