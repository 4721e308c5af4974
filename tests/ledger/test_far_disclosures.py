"""Both verifiers read a disclosure alike: at places that a double cannot tell apart, at limits.

The log is sparse: subtrees without an entry of ours have a root that nobody has to know.
"""

import uuid

import pytest

from ledger.core.checkpoints import Checkpoint
from ledger.core.disclosed import Beside, DisclosureFile
from ledger.core.ed25519 import SecretKey
from ledger.core.encoding import b64
from ledger.core.fields import SALT_SIZE, disclose
from ledger.core.hashing import leaf_hash, node_hash
from ledger.core.keys import key_id
from ledger.core.leaves import MAX_LEAF_BYTES, Core, Leaf
from ledger.core.notes import ED25519, Note, NoteKey, sign_text
from ledger.core.payloads import Payload
from ledger.core.proofs import _split
from ledger.core.tlog_proof import TlogProof
from ledger.verifier.disclosure import verify_disclosed
from ledger.verifier.state import Lie
from tests.ledger.test_second_verifier import by_node

TS, LOG_ID = "2026-11-01T08:00:00.000000Z", "f" * 32
ORIGIN = f"example.test/ledger/{LOG_ID}"
LOG, SERVICE, DEVICE = (SecretKey(letter * 32) for letter in (b"l", b"s", b"d"))
EXACT = 2**53  # from here on a double holds every second whole number only


def _entry(kind: str, fields: dict[str, str], key: SecretKey) -> tuple[bytes, Payload]:
    payload = Payload(fields, bytes(SALT_SIZE * len(fields)))
    core = Core(
        kind=kind,
        rid=str(uuid.uuid4()),
        log_id=LOG_ID,
        device=key_id(key.public),
        ts=TS,
        fields_root=payload.root(),
    )
    return Leaf(core, bytes(32), key.sign(core.to_bytes())).to_bytes(), payload


def _key(key: SecretKey, role: str) -> dict[str, str]:
    return {"kid": key_id(key.public), "role": role, "public_key": b64(key.public)}


class _Sparse:
    """A tree of any size of which a few leaves are known."""

    def __init__(self, size: int, leaves: dict[int, bytes]) -> None:
        self.size = size
        self._hashes = {index: leaf_hash(leaf) for index, leaf in leaves.items()}

    def root(self, low: int = 0, high: int | None = None) -> bytes:
        high = self.size if high is None else high
        if not any(low <= index < high for index in self._hashes):
            return b"\7" * 32
        if high - low == 1:
            return self._hashes[low]
        middle = low + _split(high - low)
        return node_hash(self.root(low, middle), self.root(middle, high))

    def path(self, index: int) -> tuple[bytes, ...]:
        low, high, found = 0, self.size, []
        while high - low > 1:
            middle = low + _split(high - low)
            if index < middle:
                found.append(self.root(middle, high))
                high = middle
            else:
                found.append(self.root(low, middle))
                low = middle
        return tuple(reversed(found))


def _file(
    size: int,
    approved: int,
    at: int,
    *,
    kind: str = "lease.recorded",
    extensions: tuple[str, ...] = (),
) -> bytes:
    """What the device signed at place `at`; its key was approved at place `approved`."""
    keys = [
        _entry("device.enrolled", _key(SERVICE, "service"), SERVICE),
        _entry("device.approved", _key(SERVICE, "service"), SERVICE),
        _entry("device.enrolled", _key(DEVICE, "device"), SERVICE),
        _entry("device.approved", _key(DEVICE, "device"), SERVICE),
    ]
    places = (0, 1, 2, approved)
    leaf, payload = _entry(kind, {"vin": "LSV1"}, DEVICE)
    leaves = {place: entry[0] for place, entry in zip(places, keys, strict=True)}
    tree = _Sparse(size, {**leaves, at: leaf})
    text = Checkpoint(ORIGIN, size, tree.root(), extensions).text()
    note = Note(text, (sign_text(text, ORIGIN, LOG),)).to_bytes()
    beside = [
        Beside(place, data, tree.path(place), disclose(told.fields, told.salts, list(told.fields)))
        for place, (data, told) in zip(places, keys, strict=True)
    ]
    return DisclosureFile(
        leaf,
        disclose(payload.fields, payload.salts, ["vin"]),
        TlogProof(at, tree.path(at), note).to_bytes(),
        NoteKey(ORIGIN, ED25519, LOG.public).vkey(),
        (),
        tuple(beside),
    ).to_bytes()


@pytest.mark.parametrize(
    ("file", "wrong"),
    [
        (_file(5, 3, 4), None),
        (_file(8, 6, 5), "dev_sig"),
        (_file(EXACT + 9, EXACT + 1, EXACT + 3), None),
        (_file(EXACT + 2, EXACT + 1, EXACT), "dev_sig"),
        (_file(2**63 - 1, 3, 2**63 - 2), None),
        (_file(5, 3, 4, extensions=("extra x",)), None),
        (_file(5, 3, 4, kind="x" * MAX_LEAF_BYTES), "leaf"),
    ],
    ids=["near", "early", "far", "early by one, far", "last place", "extension", "long leaf"],
)
def test_both_read_it_alike(file, wrong):
    (said,) = by_node([file])
    if wrong is None:
        verify_disclosed(file)
        assert "proven" in said
        return
    with pytest.raises(Lie) as lie:
        verify_disclosed(file)
    assert (lie.value.part, said["lie"]["part"]) == (wrong, wrong)


@pytest.mark.parametrize("size", ["0", "1025", str(EXACT), str(2**63 - 1)])
def test_a_payload_of_more_fields_than_any_has_is_refused_by_both(size):
    file = _file(5, 3, 4)
    assert (named := b'"size":"1"') in file
    file = file.replace(named, b'"size":"%b"' % size.encode())
    (said,) = by_node([file])
    with pytest.raises(Lie, match="1 to 1024 fields") as lie:
        verify_disclosed(file)
    assert said["lie"]["detail"] in str(lie.value)


def test_a_refusal_does_not_repeat_a_hostile_file():
    file = _file(5, 3, 4).replace(b'"fields"', b'"' + b"f" * 5_000_000 + b'"', 1)
    number = b'{"lease-disclosure/1":' + b"9" * 5_000_000 + b"}"
    for data, said in zip((file, number), by_node([file, number]), strict=True):
        with pytest.raises(Lie) as lie:
            verify_disclosed(data)
        assert len(str(lie.value)) < 1_000
        assert len(str(said)) < 1_000
