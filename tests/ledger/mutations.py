"""Seeded mutations of small complete bundles: what a forger, a bad disk or a careless tool does.

Each is (class, bytes). What stands around a change (lists, beginnings of hashes, counts) is mended
unless the change is about it; "resigned" classes are signed anew with the log's own key, so that
nothing but the part under test can notice.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Callable, Iterator
from functools import cache

from ledger.core.blocks import CHECKPOINT, ERASED, FIELDS, ITEMS, PAYLOAD, Block
from ledger.core.bundle import END, HEADER, End
from ledger.core.canonical import canonical_bytes
from ledger.core.encoding import b64
from ledger.core.hashing import leaf_hash
from ledger.core.keys import key_id
from ledger.core.leaves import Leaf
from ledger.core.notes import Note, NoteKey, cosign_text, sign_text
from ledger.core.tree import Frontier
from tests.ledger.bundles import (
    ENTRY,
    HAND_OVERS,
    ORIGIN,
    SmallLog,
    blocks_of,
    bundle,
    framed,
    joined,
    secret,
)
from tests.ledger.mutated_parts import (
    Random,
    edge_signatures,
    other_member,
    other_note,
    other_text,
    rewritten,
)

Records = list[tuple[int, bytes]]
PARTS = (PAYLOAD, FIELDS, ITEMS, CHECKPOINT)


def places(records: Records, *kinds: int) -> list[int]:
    return [place for place, (kind, _data) in enumerate(records) if kind in kinds]


def put(records: Records, place: int, data: bytes) -> Records:
    return [*records[:place], (records[place][0], data), *records[place + 1 :]]


class Mutator:
    """Mutations of one log's bundle."""

    def __init__(self, log: SmallLog) -> None:
        self.log, self.records = log, log.records
        self.good = bundle(self.records)
        self.foreign = secret("x")

    # -- the file ---------------------------------------------------------------------------

    def bit_flipped(self, rng: Random) -> bytes:
        bad = bytearray(self.good)
        bad[rng.randrange(len(bad))] ^= 1 << rng.randrange(8)
        return bytes(bad)

    def bytes_put_or_cut(self, rng: Random) -> bytes:
        at, cut = rng.randrange(len(self.good)), rng.randrange(9)
        return self.good[:at] + rng.randbytes(rng.choice([0, cut, 3])) + self.good[at + cut :]

    def cut_or_followed(self, rng: Random) -> bytes:
        at = rng.randrange(len(self.good))
        return rng.choice([self.good[:at], self.good + rng.randbytes(1 + at % 40), self.good * 2])

    def length_changed(self, rng: Random) -> bytes:
        blocks = self._blocks(rng)
        place = rng.randrange(len(blocks))
        body = bytearray(blocks[place].to_bytes())
        at = rng.randrange(20 + 2 * len(blocks[place].leaves))
        body[at] = (body[at] + rng.choice([1, 255, 16])) % 256
        bodies = [block.to_bytes() for block in blocks]
        bodies[place] = bytes(body)
        whole = [framed(ord("B"), item) for item in bodies]
        end = End(len(places(self.records, ENTRY)), len(places(self.records, CHECKPOINT)))
        head = self.good[:15] + framed(HEADER, self.records[0][1])
        return head + b"".join(whole) + framed(END, end.to_bytes())

    def blocks_shuffled(self, rng: Random) -> bytes:
        blocks = self._blocks(rng)
        return joined(
            self.records[0][1],
            rng.choice([blocks[1:], [*blocks, blocks[-1]], blocks[::-1], blocks[:-1]]),
        )

    def counts_changed(self, rng: Random) -> bytes:
        entries, notes = len(places(self.records, ENTRY)), len(places(self.records, CHECKPOINT))
        end = rng.choice([End(entries + 1, notes), End(entries, notes - 1), End(0, 0)])
        return joined(self.records[0][1], self._blocks(rng), end)

    def other_block_size(self, rng: Random) -> bytes:
        return bundle(self.records, rng.randrange(1, 20))

    def hint_changed(self, rng: Random) -> bytes:
        blocks = self._blocks(rng)
        place = rng.randrange(len(blocks))
        block = blocks[place]
        marks = set(block.landmarks) ^ {rng.randrange(len(block.leaves))}
        prints = bytearray(block.fingerprints)
        if rng.random() < 0.5:
            marks = set(block.landmarks)
            prints[rng.randrange(len(prints))] ^= 1 << rng.randrange(8)
        blocks[place] = Block(
            block.start, block.leaves, bytes(prints), tuple(sorted(marks)), block.parts
        )
        return joined(self.records[0][1], blocks)

    def _blocks(self, rng: Random) -> list[Block]:
        return blocks_of(self.records[1:], rng.randrange(3, 9))

    # -- entries ----------------------------------------------------------------------------

    def entries_moved(self, rng: Random) -> bytes:
        cuts = [*places(self.records, ENTRY), len(self.records)]
        whole = [self.records[a:b] for a, b in zip(cuts, cuts[1:], strict=False)]
        one, two = rng.randrange(len(whole)), rng.randrange(len(whole))
        action = rng.randrange(4)
        if action == 0:
            whole[one], whole[two] = whole[two], whole[one]
        elif action == 1:
            del whole[one]
        elif action == 2:
            whole.insert(two, whole[one])
        else:
            whole[one] = whole[two]
        moved = [self.records[0], *(record for group in whole for record in group)]
        return bundle(moved) if moved != self.records else bundle(moved[:-1])

    def leaf_bytes_changed(self, rng: Random) -> bytes:
        place = rng.choice(places(self.records, ENTRY))
        bad = bytearray(self.records[place][1])
        bad[rng.randrange(len(bad))] ^= 1 << rng.randrange(8)
        return bundle(put(self.records, place, bytes(bad)))

    def json_written_otherwise(self, rng: Random) -> bytes:
        """The same meaning in other bytes, or nearly JSON: leaf, payload, fields or header."""
        kinds = (ENTRY, PAYLOAD, FIELDS, HEADER)
        place = rng.choice(places(self.records, *kinds))
        return bundle(put(self.records, place, rewritten(self.records[place][1], rng)))

    def member_changed(self, rng: Random) -> bytes:
        place = rng.choice(places(self.records, ENTRY))
        return bundle(put(self.records, place, other_member(self.records[place][1], rng)))

    def member_changed_resigned(self, rng: Random) -> bytes:
        """As before, under checkpoints that the log signs anew."""
        place = rng.choice(places(self.records, ENTRY))
        data = other_member(self.records[place][1], rng)
        return bundle(self._mended(put(self.records, place, data)))

    def signature_at_an_edge(self, rng: Random) -> bytes:
        signed = [at for at in places(self.records, ENTRY) if b'"dev_sig"' in self.records[at][1]]
        place = rng.choice(signed)
        leaf = Leaf.parse(self.records[place][1])
        raw = edge_signatures(leaf.signature or b"", rng)
        data = Leaf(leaf.core, leaf.ct_sha256, raw, None, leaf.prev).to_bytes()
        return bundle(self._mended(put(self.records, place, data)))

    def signed_by_another(self, rng: Random) -> bytes:
        signed = [at for at in places(self.records, ENTRY) if b'"dev_sig"' in self.records[at][1]]
        place = rng.choice(signed)
        leaf = Leaf.parse(self.records[place][1])
        key = rng.choice([self.foreign, self.log.log, self.log.device, self.log.office])
        if key_id(key.public) == leaf.core.device:
            key = self.foreign
        signature = key.sign(leaf.core.to_bytes())
        data = Leaf(leaf.core, leaf.ct_sha256, signature, None, leaf.prev).to_bytes()
        return bundle(self._mended(put(self.records, place, data)))

    def key_life(self, rng: Random) -> bytes:
        """A log whose key was revoked before use, never approved, …, or wrongly handed over."""
        return _bundle_of_life(rng.choice(LIVES + HAND_OVERS), rng.choice([0, 1, 3, 4]))

    def _mended(self, records: Records) -> Records:
        """Checkpoints signed anew over these entries."""
        frontier, found = Frontier(), []
        for kind, data in records:
            if kind == ENTRY:
                frontier.append(leaf_hash(data))
            found.append((kind, self.log.signed(frontier) if kind == CHECKPOINT else data))
        return found

    # -- what is shown ----------------------------------------------------------------------

    def part_moved(self, rng: Random) -> bytes:
        place = rng.choice(places(self.records, *PARTS))
        kind, data = self.records[place]
        rest = [*self.records[:place], *self.records[place + 1 :]]
        other = rng.choice(places(rest, ENTRY)) + 1
        swapped = rng.choice([one for one in (*PARTS, ERASED) if one != kind])
        return bundle(
            rng.choice(
                [
                    [*rest[:other], (kind, data), *rest[other:]],
                    [*self.records[:place], (swapped, data), *self.records[place + 1 :]],
                    [*self.records[:place], (kind, data), *self.records[place:]],
                ]
            )
        )

    def shown_changed(self, rng: Random) -> bytes:
        place = rng.choice(places(self.records, PAYLOAD, FIELDS))
        return bundle(put(self.records, place, other_text(self.records[place][1], rng)))

    def items_changed(self, rng: Random) -> bytes:
        place = rng.choice(places(self.records, ITEMS))
        plain = zlib.decompress(self.records[place][1])
        data = zlib.compress(rng.choice([other_text, rewritten])(plain, rng), rng.randrange(10))
        return bundle(put(self.records, place, data))

    def deflate_changed(self, rng: Random) -> bytes:
        place = rng.choice(places(self.records, ITEMS))
        data = self.records[place][1]
        cut = rng.randrange(1, len(data))
        spoilt = bytearray(data)
        spoilt[cut] ^= 1 << rng.randrange(8)
        choices = [data[:cut], data[:-1], data + b"\0", data + data, bytes(spoilt), data[2:-4], b""]
        return bundle(put(self.records, place, rng.choice(choices)))

    def deflated_otherwise(self, rng: Random) -> bytes:
        place = rng.choice(places(self.records, ITEMS))
        plain = zlib.decompress(self.records[place][1])
        return bundle(put(self.records, place, zlib.compress(plain, rng.choice([0, 2, 6, 9]))))

    # -- checkpoints and header ---------------------------------------------------------------

    def note_changed(self, rng: Random) -> bytes:
        place = rng.choice(places(self.records, CHECKPOINT))
        return bundle(put(self.records, place, other_note(self.records[place][1], rng)))

    def note_signed_otherwise(self, rng: Random) -> bytes:
        place = rng.choice(places(self.records, CHECKPOINT))
        note, log = Note.parse(self.records[place][1]), self.log
        text, time = note.text, rng.choice([0, 1, 2**63 - 1])
        key, name = rng.choice([self.foreign, log.witness]), log.witness_key.name
        own = sign_text(text, ORIGIN, log.log)
        raw = edge_signatures(own.signature, rng)
        lines = rng.choice(
            [
                (sign_text(text, ORIGIN, self.foreign), *note.lines[1:]),
                (cosign_text(text, name, log.witness, 5),),
                (type(own)(own.name, own.id, raw), *note.lines[1:]),
                (own, type(own)(name, log.witness_key.id, note.lines[1].signature[:8] + raw)),
                (own, cosign_text(text, name, self.foreign, time)),
                (own, cosign_text(text, rng.choice([name, ORIGIN, "z"]), key, 3), *note.lines[1:]),
                (own, own),
            ]
        )
        return bundle(put(self.records, place, Note(text, lines).to_bytes()))

    def note_resigned(self, rng: Random) -> bytes:
        """The log itself signs something else: another size, root, origin, more lines."""
        place = rng.choice(places(self.records, CHECKPOINT))
        lines = Note.parse(self.records[place][1]).text.split("\n")
        number = rng.randrange(3)
        lines[number] = rng.choice([lines[number] + "0", "0", "", b64(bytes(32)), "01", "é"])
        text = "\n".join(lines)
        signed = (sign_text(text, ORIGIN, self.log.log),)
        return bundle(put(self.records, place, Note(text, signed).to_bytes()))

    def header_changed(self, rng: Random) -> bytes:
        header = json.loads(self.records[0][1])
        other = NoteKey(ORIGIN, 1, self.foreign.public).vkey()
        change: Callable[[], object] = rng.choice(
            [
                lambda: header.update(log_keys=[other]),
                lambda: header.update(log_keys=[]),
                lambda: header.update(cosigners=[]),
                lambda: header.update(cosigners=header["cosigners"] * 2),
                lambda: header.update(cosigners=header["log_keys"]),
                lambda: header.update(log_keys=header["cosigners"]),
                lambda: header.update(log_id="e" * 32),
                lambda: header.update(origin="example.test/other"),
                lambda: header.update(exported_at="2026"),
                lambda: header.pop("origin"),
                lambda: header.update(log_keys=[header["log_keys"][0][:-4] + "AAAA"]),
                lambda: header.update(cosigners=["a b+00000000+AAAA"]),
            ]
        )
        change()
        return bundle([(HEADER, canonical_bytes(header)), *self.records[1:]])


#: What a key's life may be like; "" is a good one.
LIVES = (
    "revoked before use",
    "never approved",
    "never enrolled",
    "enrolled twice",
    "approved after revocation",
    "small order",
    "not canonical",
    "not in the prime group",
    "another id",
    "short",
)
#: Mutations that change nothing that a bundle says: these prove.
HARMLESS = frozenset(("other_block_size", "deflated_otherwise"))
#: Some of these are true statements of their own: whoever holds the keys may sign another log, and
#: a line of a cosigner may be left out or be of another time.
SIGNED_ANEW = frozenset(("member_changed_resigned", "note_signed_otherwise", "note_changed"))


@cache
def _bundle_of_life(life: str, seed: int) -> bytes:
    return bundle(SmallLog(life=life, seed=seed).records)


CLASSES = tuple(
    name for name, item in vars(Mutator).items() if callable(item) and not name.startswith("_")
)


def mutations(logs: list[SmallLog], count: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """`count` mutated bundles of some logs, every class equally often, in the order of the seed."""
    mutators = [Mutator(log) for log in logs]
    for number in range(count):
        name = CLASSES[number % len(CLASSES)]
        rng = Random(f"{seed}/{number}")
        yield name, getattr(rng.choice(mutators), name)(rng)


def stream_of(bundles: list[bytes]) -> bytes:
    """What `cli.mjs --stream` reads."""
    return b"".join(struct.pack(">I", len(data)) + data for data in bundles)
