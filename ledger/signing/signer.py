"""The log's signer: holds log keys and remembers, outside the database, what it signed last.

It signs each with two keys under the log's name: Ed25519, and ML-DSA-44 as a cosignature (0x06).
A log's key may hand over to another (`hand_over`); both sign until the old one is retired.
It signs a checkpoint only if that extends the last one it signed, and the newest that the database
holds, so that a restored backup, a lost memory or a second sealer can never make two histories.
Its memory is durable before it answers. Where a witness holds a tree of this log that the log does
not have, it is frozen, and signs nothing until an operator resolved that.

It trusts no caller and needs no database: it may be called in the process that seals, or stand
behind a socket (`server.py`).
"""

import json
import logging
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from ledger.core.checkpoints import open_by_any, open_checkpoint
from ledger.core.encoding import b64
from ledger.core.errors import LedgerError, MalformedError
from ledger.core.hashing import EMPTY_ROOT
from ledger.core.log_keys import rotation_text
from ledger.core.notes import ED25519, Note, NoteKey, cosign_text, sign_text
from ledger.core.tree_heads import Checkpoint
from ledger.durable import create_once
from ledger.keystore import told_if_unwritable
from ledger.problems import (
    BadSignerRequest,
    NotResumed,
    SignerMemoryDamaged,
    SignerMoved,
    SignerRemembers,
)
from ledger.signing.freeze import Contradiction, Freeze
from ledger.signing.memory import Memory
from ledger.signing.rules import (
    Growth,
    Signed,
    Turns,
    TurnShown,
    check_empty,
    check_extends,
    check_turns,
    is_beside,
    not_extended,
    unproven,
)
from ledger.signing.seeds import Seeds

log = logging.getLogger(__name__)
NOTHING: Signed = (0, EMPTY_ROOT)
"""What a signer remembers that has signed nothing yet."""
#: What may be a folder's name: a log id is a UUID's 32 hexadecimal digits.
_LOG_ID = re.compile(r"[0-9a-f]{32}", re.ASCII)
MAX_STATEMENT = 1 << 11


def is_log_id(text: str) -> bool:
    """Whether a log may have this id, and its signer a folder of this name."""
    return bool(_LOG_ID.fullmatch(text))


class LogSigner:
    """Signs the checkpoints of one log."""

    def __init__(self, log_id: str, folder: Path) -> None:
        if not is_log_id(log_id):
            raise BadSignerRequest(detail="This is no log id.")
        self._log_id, self._folder = log_id, folder / log_id
        self._memory = Memory(self._folder)
        self._seeds = Seeds(self._folder)
        self.freeze = Freeze(self._folder)

    def create(self, origin: str) -> NoteKey:
        """The log's first public key; its secret half is made if it does not exist yet."""
        self._check_origin(origin)
        with self._memory.locked():
            if not self._seeds.versions() and self._memory.read() is None:
                self._memory.write(NOTHING)  # from now on no memory is a lost one
            self._seeds.make_first(1)
        self._pin(origin)
        return self.key(origin)

    def key(self, origin: str, version: int = 1) -> NoteKey:
        """A public key of the log under its origin; `KeyFileDamaged` if its secret is not here."""
        self._check_origin(origin)
        return NoteKey(origin, ED25519, self._seeds.first(version).public)

    def create_second(self, origin: str, version: int = 1) -> NoteKey:
        """The log's ML-DSA-44 key; its secret half is made if it does not exist yet."""
        self._check_origin(origin)
        self._seeds.make_second(version)
        return self.second_key(origin, version)

    def second_key(self, origin: str, version: int = 1) -> NoteKey:
        """The log's ML-DSA-44 key; `KeyFileDamaged` if its secret is not here."""
        self._check_origin(origin)
        return self._seeds.second_key(origin, version)

    def hand_over(self, origin: str, index: int, version: int) -> dict[str, str]:
        """The fields of a `log.key_rotated` entry at `index`: key `version` names the next one.

        Both halves of the next key are made, unless an earlier call made them. `version` must be
        the key that signs what was signed last, or the one that a begun change leads to.
        """
        self._check_origin(origin)
        with self._memory.locked():
            self.freeze.check()
            signed, turns = self.last(), self._memory.turns()
            if signed is not None and (version != len(turns) + 1 or index < signed[0]):
                raise BadSignerRequest(detail="The key of the log does not change at this place.")
            old = self._seeds.first(version)
            self._seeds.make_first(version + 1)
            self._seeds.make_second(version + 1)
            self._pin(origin)
        new, second = self.key(origin, version + 1), self.second_key(origin, version + 1)
        text = rotation_text(origin, index, new.vkey(), second.vkey())
        return {
            "old": NoteKey(origin, ED25519, old.public).vkey(),
            "new": new.vkey(),
            "new_mldsa": second.vkey(),
            "authority": b64(old.sign(text)),
        }

    def versions(self) -> list[int]:
        """Versions of the log's key whose secrets are here, oldest first."""
        return self._seeds.versions()

    def retire(self, origin: str) -> list[int]:
        """Destroy the keys that handed over in what was signed last; their versions."""
        self._check_origin(origin)
        with self._memory.locked():
            return self._seeds.retire_before(len(self._memory.turns()) + 1, origin)

    def last(self) -> Signed | None:
        """What was signed last; None if nothing was. `SignerMemoryDamaged` if the memory was lost.

        A log whose key is here and whose memory is not is no first meeting: whoever took the file
        away could pass off a database of before as all there ever was. An operator says what was
        signed (`adopt`).
        """
        found = self._memory.read()
        if found is None and self._seeds.versions():
            raise SignerMemoryDamaged(
                detail="The file %(file)s is gone.", params={"file": str(self._memory.path)}
            )
        return None if found == NOTHING else found

    def adopt(self, note: bytes | None) -> Signed:
        """Take a checkpoint for what was signed last, where the memory was lost; an operator's act.

        `note`: one with this log's own signature, the newest that anybody holds. None: nothing was
        ever signed. `LedgerError` for a note of another key, `SignerRemembers` where there is a
        memory.
        """
        signed = NOTHING
        if note is not None:
            tree = self.signed_by_itself(note)
            signed = tree.size, tree.root
        with self._memory.locked():
            if self._memory.read() is not None:
                raise SignerRemembers
            self._memory.write(signed)
        return signed

    def resume(self, note: bytes, *, reason: str, at: str) -> tuple[Signed, Signed]:
        """Go on from a smaller tree than was signed last, whose entries nobody has any more.

        An operator's act, for who may write this folder: no question over the socket does it. From
        then on two histories are signed, which whoever holds the newer tree can prove: what was
        signed and the reason are kept in `resumed-*.json`, and the log itself has to say so
        (`ledger/resuming.py`). `note`: the newest checkpoint that is left, with this log's own
        signature. Answers what was signed last, and what is gone on from. Raises `NotResumed`
        where that is no smaller one, `LogFrozen` while somebody is known to hold more,
        `LedgerError` for a note of another key.
        """
        tree = self.signed_by_itself(note)
        with self._memory.locked():
            self.freeze.check()
            last, turns = self.last(), self._memory.turns()
            if last is None or tree.size >= last[0]:
                raise NotResumed(
                    detail="The signer remembers no more than that checkpoint of %(size)s entries.",
                    params={"size": tree.size},
                )
            kept = {
                "signed": {"size": str(last[0]), "root": b64(last[1])},
                "kept": {"size": str(tree.size), "root": b64(tree.root)},
                "reason": reason,
                "resumed_at": at,
            }
            number = len(list(self._folder.glob("resumed-*.json"))) + 1
            with told_if_unwritable(self._folder):
                create_once(self._folder / f"resumed-{number}.json", json.dumps(kept).encode())
            passed = tuple(turn for turn in turns if turn < tree.size)
            self._memory.write((tree.size, tree.root), passed)
        return last, (tree.size, tree.root)

    def sign(
        self,
        checkpoint: Checkpoint,
        last: Growth | None,
        floor: Growth | None,
        *,
        time: int = 0,
        turns: Turns = (),
        shown: TurnShown | None = None,
        floor_note: bytes = b"",
    ) -> bytes:
        """The signed note of a tree head; remembered before it is answered.

        `last` is what `last()` answered before the caller read the tree head, with the proof that
        the head extends it. `floor` is the same of the newest checkpoint that the database holds:
        where the memory comes from an older backup than the database, the signer goes by that.
        Raises `SignerMoved` if another sealer was first (ask `last()` again),
        `RollbackRefused`, `SignerMemoryDamaged`, `KeyFileDamaged` or `LogFrozen`. `time` stands in
        the second signature (POSIX seconds; 0 states none). `turns`: at which entries of this tree
        the log's key changed; the key that they lead to signs, and every older one that has not
        retired. A change that was not signed before is to be `shown`, as the tree's last entry; one
        that a lost or older memory does not know is proven by `floor_note`, which its key signed.
        """
        self._check_origin(checkpoint.origin)
        check_empty(checkpoint)
        with self._memory.locked():
            self.freeze.check()
            known = self.last()
            if known != (last and last.signed):
                raise SignerMoved
            if known is None and floor is not None:
                name = checkpoint.origin
                log.warning("the memory of %s is of before its first checkpoint", name)
            check_extends(checkpoint, last, floor)
            self._check_turns(checkpoint, turns, shown, floor_note)
            self._pin(checkpoint.origin)
            signed = (checkpoint.size, checkpoint.root)
            if known == signed and not self._has_keys_of(checkpoint, turns):
                raise SignerMoved  # it was signed, stored, and its old key retired meanwhile
            note = self._note(checkpoint, time, turns)
            self._memory.write(signed, turns)
        return note

    def sign_again(self, checkpoint: Checkpoint, proof: Sequence[bytes], *, time: int = 0) -> bytes:
        """The note of a change of keys that was signed before and lost; nothing is remembered.

        `proof`: that what was signed last extends it. Raises `RollbackRefused` if it does not, and
        `BadSignerRequest` for any other tree head.
        """
        self._check_origin(checkpoint.origin)
        with self._memory.locked():
            self.freeze.check()
            signed, turns = self.last(), self._memory.turns()
            if signed is None or checkpoint.size - 1 not in turns:
                raise BadSignerRequest(detail="Only a change of the log's key is signed again.")
            check_extends(
                Checkpoint(checkpoint.origin, *signed),
                Growth(checkpoint.size, checkpoint.root, tuple(proof)),
            )
            passed = tuple(turn for turn in turns if turn < checkpoint.size)
            return self._note(checkpoint, time, passed)

    def _check_turns(
        self, checkpoint: Checkpoint, turns: Turns, shown: TurnShown | None, floor_note: bytes
    ) -> None:
        fresh = check_turns(checkpoint.size, turns, self._memory.turns())
        if fresh and shown is not None and fresh[-1] == checkpoint.size - 1:
            self._check_shown(checkpoint, len(turns), shown)
            fresh = fresh[:-1]
        if fresh:
            self._check_floor(checkpoint.origin, fresh[-1], turns.index(fresh[-1]) + 2, floor_note)

    def _check_shown(self, checkpoint: Checkpoint, version: int, shown: TurnShown) -> None:
        """The entry hands over from key `version` to the next one, both of which are here."""
        origin = checkpoint.origin
        try:
            told = shown.handover(checkpoint)
        except LedgerError as error:
            raise unproven(checkpoint.size - 1) from error
        if (told.old, told.new) != (self.key(origin, version), self.key(origin, version + 1)):
            raise unproven(checkpoint.size - 1)

    def _check_floor(self, origin: str, turn: int, version: int, note: bytes) -> None:
        """A checkpoint beyond `turn` that key `version` signed: it was taken over before."""
        try:
            beyond, _ = open_checkpoint(note, self.key(origin, version))
        except LedgerError as error:
            raise unproven(turn) from error
        if beyond.size <= turn:
            raise unproven(turn)

    def _has_keys_of(self, checkpoint: Checkpoint, turns: Turns) -> bool:
        changes = bool(turns) and turns[-1] == checkpoint.size - 1
        return not changes or len(turns) in self._seeds.versions()

    def weigh(self, found: Contradiction, ours: Growth | None) -> Contradiction:
        """What a caller says that somebody holds, as what it proves here: as it is, or a mere word.

        `ours`: what the log has at that size, with the proof that what was signed last extends it.
        It shows that a smaller tree with another root is of another history.
        `LedgerError` or `BadSignerRequest` for what no cosigner holds, `RollbackRefused` where it
        is the tree that was signed last: its signer goes on from that, and no freeze is needed.
        """
        found.check()
        if not found.proven:
            return found
        note = found.note.encode()
        tree = self.signed_by_itself(note)
        if tree.size != found.held:
            raise MalformedError("held: the checkpoint in note is of another size")
        with self._memory.locked():
            last, turns = self._memory.read(), self._memory.turns()
        if last is None:  # lost: nothing is signed until an operator says what was
            return replace(found, note="")
        if last == (tree.size, tree.root):
            raise not_extended(found.size, tree.size)
        # Of a smaller tree no hash is remembered: any genuine note of before would be a "proof".
        if tree.size >= last[0] or is_beside(tree, ours, last):
            with suppress(LedgerError):  # a key that handed over before signs nothing there
                open_by_any(note, self._reigning(tree, turns))
                return found
        return replace(found, note="")

    def _reigning(self, tree: Checkpoint, turns: Turns) -> list[NoteKey]:
        """The key that signs a tree of this size; of one beyond what was signed also later ones."""
        version = 1 + sum(turn < tree.size for turn in turns)
        found = [key for old, key in self._seeds.retired() if old == version]
        for kept in self._seeds.versions():
            if kept == version or kept > version > len(turns):
                found.append(self.key(tree.origin, kept))
        return found

    def signed_by_itself(self, note: bytes) -> Checkpoint:
        """The tree head in a note that a key of this log signed; `LedgerError` if none did."""
        origin = Checkpoint.parse(Note.parse(note).text).origin
        held = [self.key(origin, version) for version in self._seeds.versions()]
        return open_by_any(note, (*held, *(key for _, key in self._seeds.retired())))

    def vouch(self, text: bytes, version: int = 1) -> bytes:
        """The log key's signature over a statement that is no checkpoint and begins with its name.

        Notes of the log begin with its origin, statements with their own name: neither is the
        other. A change of the log's key is `hand_over`'s alone.
        """
        if not text.startswith(b"lease-key-recovery/1\n") or len(text) > MAX_STATEMENT:
            raise BadSignerRequest(detail="This is no statement about a key.")
        return self._seeds.first(version).sign(text)

    def _note(self, checkpoint: Checkpoint, time: int, turns: Turns) -> bytes:
        text, origin, newest = checkpoint.text(), checkpoint.origin, len(turns) + 1
        versions = {newest, *(old for old in self._seeds.versions() if old < newest)}
        if turns and turns[-1] == checkpoint.size - 1:
            versions.add(newest - 1)  # readers of the old key are led to the new one by this note
        lines = []
        for version in sorted(versions, reverse=True):
            lines.append(sign_text(text, origin, self._seeds.first(version)))
            if self._seeds.has_second(version):
                lines.append(cosign_text(text, origin, self._seeds.second(version), time))
        return Note(text, tuple(lines)).to_bytes()

    def _check_origin(self, origin: str) -> None:
        known = self._origin()
        if origin.rpartition("/")[2] != self._log_id or known not in (None, origin):
            raise BadSignerRequest(detail="This origin is not of this log.")

    def _origin(self) -> str | None:
        """The origin that the log was first signed under; None before, or in a log of before."""
        path = self._folder / "origin"
        return path.read_text() if path.exists() else None

    def _pin(self, origin: str) -> None:
        """One log, one name: nothing is ever signed under another one."""
        if self._origin() is None:
            with told_if_unwritable(self._folder):
                create_once(self._folder / "origin", origin.encode())
