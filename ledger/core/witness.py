"""The witness protocol: C2SP tlog-witness, `add-checkpoint`. Both sides' bytes, and the decision.

The server reads a request (`AddCheckpoint.parse`), learns the keys of its log (`unknown_log` if
there are none), checks the signature (`opened`), and under a lock on what it cosigned last checks
that the tree grew (`advance`). Each refusal carries its HTTP status.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from ledger.core.encoding import b64, unb64
from ledger.core.errors import LedgerError, MalformedError, ProofError, SignatureError
from ledger.core.hashing import EMPTY_ROOT, HASH_SIZE
from ledger.core.notes import (
    COSIGNATURES,
    Note,
    NoteKey,
    SignatureLine,
    Verified,
    parse_lines,
    verify_note,
)
from ledger.core.proofs import verify_consistency
from ledger.core.tree_heads import Checkpoint, parse_decimal

MAX_PROOF_LINES = 63
MAX_BYTES = 1 << 16  # 63 hashes and a checkpoint with sixteen ML-DSA-44 cosignatures, and more
SIZE_TYPE = "text/x.tlog.size"

BAD_REQUEST, FORBIDDEN, NOT_FOUND, CONFLICT, UNPROCESSABLE = 400, 403, 404, 409, 422


class WitnessRefusal(LedgerError):
    """A request that is not cosigned; `status` is the HTTP status, `size` what 409 answers."""

    def __init__(self, status: int, detail: str, size: int | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.size = size

    def body(self) -> bytes:
        """The response body."""
        return f"{self if self.size is None else self.size}\n".encode()


@dataclass(frozen=True, slots=True)
class AddCheckpoint:
    """A request: the size that was cosigned last, the proof from there, the signed checkpoint."""

    old: int
    proof: tuple[bytes, ...]
    note: Note

    def to_bytes(self) -> bytes:
        """The request body."""
        lines = [f"old {self.old}", *map(b64, self.proof), "", ""]
        return "\n".join(lines).encode() + self.note.to_bytes()

    @classmethod
    def parse(cls, data: bytes) -> AddCheckpoint:
        """Read a request body strictly; `WitnessRefusal` 400 if it is malformed."""
        try:
            return cls._parse(data)
        except LedgerError as error:
            raise WitnessRefusal(BAD_REQUEST, f"malformed request: {error}") from error

    @classmethod
    def _parse(cls, data: bytes) -> AddCheckpoint:
        if len(data) > MAX_BYTES:
            raise MalformedError(f"it is longer than {MAX_BYTES} bytes")
        head, blank, note = data.partition(b"\n\n")
        try:
            first, *hashes = head.decode("ascii").split("\n")
        except UnicodeDecodeError as error:
            raise MalformedError("the lines before the checkpoint are ASCII") from error
        if not blank or not first.startswith("old "):
            raise MalformedError("it starts with the old size, proof lines and a blank line")
        if len(hashes) > MAX_PROOF_LINES:
            raise MalformedError(f"more than {MAX_PROOF_LINES} proof lines")
        old = parse_decimal(first.removeprefix("old "))
        proof = tuple(unb64(line, HASH_SIZE) for line in hashes)
        return cls(old, proof, Note.parse(note))

    def claimed(self) -> Checkpoint:
        """What the checkpoint states, not yet believed; `WitnessRefusal` 400 if malformed."""
        try:
            return Checkpoint.parse(self.note.text)
        except MalformedError as error:
            raise WitnessRefusal(BAD_REQUEST, f"malformed checkpoint: {error}") from error


def unknown_log(origin: str) -> WitnessRefusal:
    """404: no key of the log is known here."""
    return WitnessRefusal(NOT_FOUND, f"the log {origin!r} is not known here")


def opened(request: AddCheckpoint, keys: Iterable[NoteKey]) -> Checkpoint:
    """The checkpoint, signed by a trusted key of its log; `WitnessRefusal` 403 or 400."""
    checkpoint = request.claimed()
    try:
        verify_note(request.note, [key for key in keys if key.name == checkpoint.origin])
    except SignatureError as error:
        raise WitnessRefusal(FORBIDDEN, str(error)) from error
    if request.old > checkpoint.size:
        detail = f"the old size {request.old} is above the checkpoint's, {checkpoint.size}"
        raise WitnessRefusal(BAD_REQUEST, detail)
    return checkpoint


def advance(request: AddCheckpoint, checkpoint: Checkpoint, size: int, root: bytes) -> None:
    """Raise `WitnessRefusal` 409 or 422 unless the checkpoint extends (size, root).

    `size` is that of the checkpoint that was cosigned last, 0 if there was none. To be called
    under a lock that is kept until the new size and root are stored.
    """
    if request.old != size:
        raise WitnessRefusal(CONFLICT, f"{size} was cosigned, not {request.old}", size)
    if checkpoint.size == 0 and checkpoint.root != EMPTY_ROOT:
        raise WitnessRefusal(UNPROCESSABLE, "the root of an empty tree is another")
    if request.old == 0:
        if request.proof:
            raise WitnessRefusal(UNPROCESSABLE, "nothing is to be proven from size 0")
        return
    try:
        verify_consistency(size, checkpoint.size, request.proof, root, checkpoint.root)
    except ProofError as error:
        raise WitnessRefusal(UNPROCESSABLE, str(error)) from error


# -- the client's half ------------------------------------------------------------------------


def origin_hash(origin: str) -> str:
    """How a log is named in a witness's URLs."""
    return sha256(origin.encode()).hexdigest()


def response_of(lines: Sequence[SignatureLine]) -> bytes:
    """The body of a 200."""
    return "".join(line.text() for line in lines).encode()


def read_response(
    data: bytes, text: str, keys: Iterable[NoteKey]
) -> tuple[tuple[SignatureLine, Verified], ...]:
    """Cosignatures of the checkpoint `text` by known keys, out of the body of a 200.

    Lines of unknown keys are ignored. Raises `LedgerError` when it is malformed, when a known
    one fails or states no time, and when there is none.
    """
    if len(data) > MAX_BYTES:
        raise MalformedError(f"the answer is longer than {MAX_BYTES} bytes")
    try:
        lines = parse_lines(data.decode())
    except UnicodeDecodeError as error:
        raise MalformedError("the answer is not UTF-8") from error
    known = {(key.name, key.id): key for key in keys if key.kind in COSIGNATURES}
    ours = tuple(line for line in lines if (line.name, line.id) in known)
    verified = verify_note(Note(text, ours), known.values())
    if any(not item.time for item in verified):
        raise SignatureError("a cosignature of a checkpoint states its time")
    return tuple(zip(ours, verified, strict=True))


def read_size(data: bytes) -> int:
    """The size in the body of a 409."""
    if len(data) > 20 or not data.endswith(b"\n"):
        raise MalformedError("a 409 answers a size and a newline")
    return parse_decimal(data[:-1].decode("ascii", "replace"))
