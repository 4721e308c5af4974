"""What the proof explorer shows of one entry: its leaf, its path to the signed root, the verdict.

Everything is checked here as an outsider would check it: from the leaf's bytes, the proof file and
the log's public key, by the pure core.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from ledger import selectors
from ledger.choosing import chosen_proof_file, reach
from ledger.core.canonical import parse_canonical
from ledger.core.encoding import b64
from ledger.core.errors import LedgerError
from ledger.core.hashing import leaf_hash, node_hash
from ledger.core.leaves import Leaf
from ledger.core.log_keys import LogKeys
from ledger.core.notes import Note, NoteKey
from ledger.core.tlog_proof import TlogProof, verify_proof
from ledger.core.tree_heads import Checkpoint as TreeHead
from ledger.exchange import selectors as copies
from ledger.log_keys import copied_log_keys, own_log_keys
from ledger.models import Replica, ReplicaEntry
from ledger.path_drawing import Drawing, drawn_path
from ledger.problems import NoSuchEntry, NotSealed, PolicyNotMet
from ledger.reading import read_leaf
from ledger.witnessing.cosigners import Cosigner, cosigned, known_cosigners


@dataclass(frozen=True)
class Step:
    """One hash of an inclusion proof, climbing."""

    side: str  # of the sibling
    sibling: str
    combined: str


@dataclass(frozen=True)
class Explained:
    """One entry and what can be proven of it now."""

    index: int
    leaf: Leaf
    members: list[tuple[str, str]]
    leaf_hash: str
    steps: list[Step]
    root: str
    size: int
    log_key: NoteKey  # that signed the checkpoint
    valid: bool | None  # None while no checkpoint covers the entry
    refusal: str
    cosigners: list[Cosigner]

    @property
    def drawing(self) -> Drawing:
        """The way to the root as a picture; only where a checkpoint covers the entry."""
        return drawn_path(self.index, self.size)


def explain_own(index: int) -> Explained:
    """An entry of this tenant's log."""
    row = selectors.entry(index)
    return _explain(index, bytes(row.leaf), chosen_proof_file(index), own_log_keys())


def explain_copy(source: UUID, index: int) -> Explained:
    """An entry of a copy of another's log, proven from the copy's own nodes."""
    replica = Replica.objects.filter(source=source).first()
    row = ReplicaEntry.objects.filter(source=source, index=index).first()
    if replica is None or row is None:
        raise NoSuchEntry(detail="The copy has no entry %(index)s.", params={"index": index})
    proof = copies.replica_proof_file(source, index)
    return _explain(index, bytes(row.leaf), proof, copied_log_keys(replica))


def _explain(index: int, data: bytes, proof_file: bytes | None, keys: LogKeys) -> Explained:
    leaf, node = read_leaf(index, data), leaf_hash(data)
    steps: list[Step] = []
    size, root, valid, refusal = 0, "", None, ""
    cosigners: list[Cosigner] = []
    key = keys.newest
    if proof_file is not None:
        proof = TlogProof.parse(proof_file)
        try:
            key = key_under(proof, keys)
            checkpoint, verified = verify_proof(proof, data, key, known_cosigners())
            valid, size, root = True, checkpoint.size, checkpoint.root.hex()
            cosigners = cosigned(verified)
            steps = climb_steps(index, size, node, proof.hashes)
        except LedgerError as error:
            valid, refusal = False, str(error)
    return Explained(
        index=index,
        leaf=leaf,
        members=_members(data),
        leaf_hash=node.hex(),
        steps=steps,
        root=root,
        size=size,
        log_key=key,
        valid=valid,
        refusal=refusal,
        cosigners=cosigners,
    )


def key_under(proof: TlogProof, keys: LogKeys) -> NoteKey:
    """The key of the log that must stand under a proof file's checkpoint."""
    return keys.at(TreeHead.parse(Note.parse(proof.checkpoint).text).size)


def _members(data: bytes) -> list[tuple[str, str]]:
    shown = []
    for name, value in parse_canonical(data).items():
        if isinstance(value, dict):
            shown += [(f"{name}.{inner}", str(text)) for inner, text in value.items()]
        else:
            shown.append((name, "" if value is None else str(value)))
    return shown


def climb_steps(index: int, size: int, node: bytes, hashes: Sequence[bytes]) -> list[Step]:
    """The climb of RFC 6962 section 2.1.1 (as `core.proofs.root_from_inclusion`), step by step."""
    inner = (index ^ (size - 1)).bit_length()
    steps = []
    for level, sibling in enumerate(hashes):
        left = level >= inner or index >> level & 1
        node = node_hash(sibling, node) if left else node_hash(node, sibling)
        steps.append(Step("left" if left else "right", sibling.hex(), node.hex()))
    return steps


def proof_answer(index: int, *, met: bool = False, newest: bool = False) -> dict[str, object]:
    """JSON members of an inclusion proof that anyone can check; `NotSealed` if there is none.

    Under the checkpoint that files are made under (`choosing.reach`). `newest`: under the newest;
    `met`: `PolicyNotMet` where none meets the trust policy.
    """
    row, found = selectors.entry(index), reach(index, newest=newest)
    if found is None:
        raise NotSealed
    if met and not found.is_met:
        raise PolicyNotMet(params={"index": index})
    checkpoint = found.checkpoint
    return {
        "index": str(index),
        "size": str(checkpoint.size),
        "newest_size": str(checkpoint.size + found.later),
        "meets_policy": found.is_met,
        "leaf": b64(bytes(row.leaf)),
        "leaf_hash": b64(row.leaf_hash),
        "proof": [b64(item) for item in selectors.inclusion_proof(index, checkpoint.size)],
        "checkpoint": selectors.signed_note(checkpoint).decode(),
        "log_key": own_log_keys().at(checkpoint.size).vkey(),
    }
