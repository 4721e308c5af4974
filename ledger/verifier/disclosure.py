"""Proves a disclosure file: the shown fields are of an entry that stands in a signed log.

What holds after `verify_disclosed` returned: every shown name and value is what was signed, at its
place; the entry stands at its index under a checkpoint that the log's key signed; its signature is
by a key that the log had enrolled and approved before, or it is a row of a tape that such a key
signed. What it cannot say: that the key was not revoked in between, what the hidden fields are,
and that no later entry corrects this one. An earlier key of the log may be pinned too: the entries
beside lead from it to the one that signed the checkpoint.
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass, field

from ledger.core.audit import Tape, check_row, tape_of
from ledger.core.checkpoints import Checkpoint, open_checkpoint
from ledger.core.cut import CUT_SHORT, is_cut
from ledger.core.disclosed import MAX_BYTES, Beside, DisclosureFile
from ledger.core.errors import LedgerError, MalformedError, ProofError
from ledger.core.fields import verify_disclosure
from ledger.core.hashing import leaf_hash
from ledger.core.keyring import KINDS, KeyRing
from ledger.core.leaves import Leaf
from ledger.core.log_keys import ROTATED
from ledger.core.notes import Note, NoteKey
from ledger.core.proofs import verify_inclusion
from ledger.core.tlog_proof import TlogProof
from ledger.verifier.report import told_of_cosigners, unpinned_cosigners
from ledger.verifier.state import Lie, check_trusted


@dataclass
class Disclosed:
    """What was proven of one entry. `witnessed`: all keys that cosigned, for a reader's policy."""

    log_key: NoteKey
    index: int
    leaf: Leaf
    fields: dict[str, str]
    hidden: int
    checkpoint: Checkpoint
    witnessed: tuple[NoteKey, ...] = ()

    @property
    def cosigned(self) -> tuple[NoteKey, ...]:
        """Keys of others; a second key of the log shows its tree to nobody else."""
        return tuple(key for key in self.witnessed if key.name != self.log_key.name)


@dataclass
class _Signers:
    """Keys and tapes, as the entries beside say."""

    ring: KeyRing
    tapes: dict[str, Tape] = field(default_factory=dict)

    def check(self, index: int, leaf: Leaf) -> None:
        """Raise unless a key that may sign at `index` signed this entry, or its tape."""
        core = leaf.core
        if leaf.row is None:
            verifier = self.ring.verifier_at(index, core.device)
            verifier.verify(core.to_bytes(), leaf.signature or b"")
            return
        tape = self.tapes.get(leaf.row.rid)
        if tape is None:
            raise ProofError(f"the tape {leaf.row.rid} does not stand beside it")
        check_row(leaf, tape)


def verify_disclosed(
    data: bytes, *, pinned: Iterable[NoteKey] = (), portable: bool = True
) -> Disclosed:
    """Prove a file; `Lie` names the first part that does not hold.

    `pinned`: the log keys that the reader trusts; without one, the file's own is taken.
    """
    part = "format"
    try:
        file = _parsed(data)
        part = "header"
        key = NoteKey.parse(file.log_key)
        cosigners = tuple(map(NoteKey.parse, file.cosigners))
        named = [key, *_earlier_keys(file.beside)]
        check_trusted("file", part, key.name, named, tuple(pinned))
        part = "checkpoint"
        proof = TlogProof.parse(file.proof)
        if proof.extra is not None:
            raise ProofError("the proof brings something extra")
        checkpoint, witnessed = _checkpoint(proof.checkpoint, key, cosigners)
        part = "leaf"
        leaf = _entry(proof.index, file.leaf, proof.hashes, checkpoint)
        part = "fields"
        if not file.shown.shown:
            raise ProofError("no field is shown")
        verify_disclosure(file.shown, leaf.core.fields_root)
        part = "device"
        signers = _Signers(KeyRing(log_key=named[-1], portable=portable))
        _learn(signers, file.beside, checkpoint)
        if signers.ring.log_keys.all != tuple(reversed(named)):
            raise ProofError("the entries beside do not lead to the log's key")
        part = "dev_sig" if leaf.row is None else "batch"
        signers.check(proof.index, leaf)
    except LedgerError as error:
        raise Lie("file", part, str(error)) from error
    return Disclosed(
        log_key=key,
        index=proof.index,
        leaf=leaf,
        fields=file.shown.fields(),
        hidden=file.shown.size - len(file.shown.shown),
        checkpoint=checkpoint,
        witnessed=witnessed,
    )


def _parsed(data: bytes) -> DisclosureFile:
    try:
        return DisclosureFile.parse(data)
    except MalformedError as error:
        if len(data) <= MAX_BYTES and is_cut(data):
            raise MalformedError(CUT_SHORT) from error
        raise


def _earlier_keys(beside: Iterable[Beside]) -> list[NoteKey]:
    """Keys that handed over, newest first, as the file says; what `_learn` proves of it counts."""
    found = []
    for item in beside:
        if item.shown is not None and Leaf.parse(item.leaf).core.kind == ROTATED:
            found.append(NoteKey.parse(item.shown.fields().get("old", "")))
    return found[::-1]


def _checkpoint(
    data: bytes, key: NoteKey, cosigners: tuple[NoteKey, ...]
) -> tuple[Checkpoint, tuple[NoteKey, ...]]:
    """The checkpoint, and who cosigned; each line is by a key that the file names, and holds."""
    known = {(one.name, one.id) for one in (key, *cosigners)}
    for line in Note.parse(data).lines:
        if (line.name, line.id) not in known:
            raise ProofError(f"the line of {line.name!r} is by no key of the file")
        known.remove((line.name, line.id))
    checkpoint, verified = open_checkpoint(data, key, cosigners)
    return checkpoint, tuple(item.key for item in verified if item.time is not None)


def _entry(index: int, data: bytes, path: tuple[bytes, ...], checkpoint: Checkpoint) -> Leaf:
    leaf = Leaf.parse(data)
    log_id = checkpoint.origin.rpartition("/")[2]
    if leaf.core.log_id != log_id:
        raise ProofError(f"entry {index} belongs to the log {leaf.core.log_id!r}")
    verify_inclusion(index, checkpoint.size, leaf_hash(data), path, checkpoint.root)
    return leaf


def _learn(signers: _Signers, beside: Iterable[Beside], checkpoint: Checkpoint) -> None:
    before = -1
    for item in beside:
        leaf = _entry(item.index, item.leaf, item.path, checkpoint)
        if item.index <= before:
            raise ProofError("the entries beside are not in order")
        before = item.index
        tape = tape_of(leaf)
        if item.shown is not None:
            if leaf.core.kind not in KINDS:
                raise ProofError(f"entry {item.index} says nothing of keys")
            verify_disclosure(item.shown, leaf.core.fields_root)
            signers.ring.learn(item.index, leaf.core.kind, item.shown.fields())
        elif tape is None or leaf.row is not None:
            raise ProofError(f"entry {item.index} is neither of a key nor a signed tape")
        signers.check(item.index, leaf)
        if tape is not None and leaf.row is None:
            signers.tapes[leaf.core.rid] = tape


def told_of(found: Disclosed, *, is_pinned: bool, witnesses: Container[NoteKey] = ()) -> list[str]:
    """Lines for a reader: what is proven, and what is not. `witnesses`: cosigners' keys he knows"""
    core = found.leaf.core
    unchecked = [] if is_pinned else ["whose log this is (no --log-key): compare the key below"]
    unchecked += (
        [] if found.cosigned else ["whether others were shown the same log (nobody cosigned)"]
    )
    unchecked += unpinned_cosigners(found.cosigned, witnesses)
    unchecked += [
        "whether the signer's key was revoked before it signed",
        "whether a later entry corrects this one",
        "the fields that are not shown, or whether one of them has the name of one that is",
    ]
    return [
        f"{'PROVEN' if is_pinned else 'HOLDS TOGETHER'} {found.log_key.name}",
        f"  entry         {found.index} of {found.checkpoint.size}, {core.kind}",
        f"  record        {core.rid}, signed {core.ts} by {core.device}",
        *(f"  field         {name} = {value!r}" for name, value in found.fields.items()),
        f"  hidden        {found.hidden} fields",
        *(f"  {line}" for line in told_of_cosigners(found.cosigned, witnesses)),
        "  not checked   " + "; ".join(unchecked),
        *([] if is_pinned else [f"  log key       {found.log_key.vkey()}"]),
    ]
