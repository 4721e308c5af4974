"""The signer of a log that stands behind a socket: the same calls, answered by another process."""

from __future__ import annotations

import socket
import time
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from ledger import problems
from ledger.core.encoding import b64, unb64
from ledger.core.errors import LedgerError, MalformedError
from ledger.core.notes import NoteKey
from ledger.core.tree_heads import Checkpoint
from ledger.problems import SignerAway, SignerVersion
from ledger.reasons import Reason
from ledger.signing import wire
from ledger.signing.freeze import AnyFreeze, Contradiction
from ledger.signing.rules import Growth, Signed, Turns, TurnShown
from tenants.problems import Problem

SECONDS = 10.0
_REFUSALS: dict[str, type[Problem]] = {
    kind.code: kind
    for kind in (
        problems.BadSignerRequest,
        problems.KeyFileDamaged,
        problems.KeyFolderUnwritable,
        problems.LogFrozen,
        problems.RollbackRefused,
        problems.RootRefused,
        problems.SignerAway,
        problems.SignerMemoryDamaged,
        problems.SignerMoved,
    )
}


class RemoteSigner:
    """`LogSigner`, asked over the socket; besides its refusals `SignerAway` and `SignerVersion`."""

    def __init__(self, log_id: str, path: str) -> None:
        self._log_id, self._path = log_id, path
        self.freeze = RemoteFreeze(self)

    def create(self, origin: str) -> NoteKey:
        """As `LogSigner.create`."""
        return self._key(origin, 1, second=False, create=True)

    def key(self, origin: str, version: int = 1) -> NoteKey:
        """As `LogSigner.key`."""
        return self._key(origin, version, second=False, create=False)

    def create_second(self, origin: str, version: int = 1) -> NoteKey:
        """As `LogSigner.create_second`."""
        return self._key(origin, version, second=True, create=True)

    def second_key(self, origin: str, version: int = 1) -> NoteKey:
        """As `LogSigner.second_key`."""
        return self._key(origin, version, second=True, create=False)

    def hand_over(self, origin: str, index: int, version: int) -> dict[str, str]:
        """As `LogSigner.hand_over`."""
        found = self.ask("hand_over", origin=origin, index=index, version=version)
        return {str(name): str(value) for name, value in dict(found).items()}

    def versions(self) -> list[int]:
        """As `LogSigner.versions`."""
        return [int(version) for version in self.ask("versions")]

    def retire(self, origin: str) -> list[int]:
        """As `LogSigner.retire`."""
        return [int(version) for version in self.ask("retire", origin=origin)]

    def last(self) -> Signed | None:
        """As `LogSigner.last`."""
        return wire.to_signed(self.ask("last"))

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
        """As `LogSigner.sign`."""
        asked = {
            "last": wire.of_growth(last),
            "floor": wire.of_growth(floor),
            "time": time,
            "turns": list(turns),
            "shown": wire.of_shown(shown),
            "floor_note": floor_note.decode(),
        }
        return str(self.ask("sign", checkpoint=checkpoint.text(), **asked)).encode()

    def sign_again(self, checkpoint: Checkpoint, proof: Sequence[bytes], *, time: int = 0) -> bytes:
        """As `LogSigner.sign_again`."""
        hashes, text = [b64(item) for item in proof], checkpoint.text()
        return str(self.ask("sign_again", checkpoint=text, proof=hashes, time=time)).encode()

    def vouch(self, text: bytes, version: int = 1) -> bytes:
        """As `LogSigner.vouch`."""
        return unb64(str(self.ask("vouch", text=b64(text), version=version)))

    def _key(self, origin: str, version: int, *, second: bool, create: bool) -> NoteKey:
        asked = {"version": version, "second": second, "create": create}
        return NoteKey.parse(str(self.ask("key", origin=origin, **asked)))

    def ask(self, do: str, **members: object) -> Any:
        """One question over a connection of its own; its answer."""
        question = wire.frame({"do": do, "log": self._log_id, **members})
        try:
            message = wire.opened(_exchange(self._path, question))
        except wire.OtherVersion as error:
            params = {"theirs": error.theirs, "ours": wire.VERSION}
            raise SignerVersion(params=params) from error
        except (OSError, LedgerError) as error:
            reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
            away = SignerAway(params={"reason": Reason(reason)})
            away.operators = f"Its socket is {self._path}; manage.py signer starts it."
            raise away from error
        if "speaks" in message:
            raise SignerVersion(params={"theirs": message["speaks"], "ours": wire.VERSION})
        if "answer" not in message:
            raise _refusal(message.get("problem"))
        return message["answer"]


class RemoteFreeze(AnyFreeze):
    """`Freeze`, asked over the socket."""

    def __init__(self, signer: RemoteSigner) -> None:
        self._signer = signer

    def read(self) -> Contradiction | None:
        """As `Freeze.read`."""
        found = self._signer.ask("frozen")
        return None if found is None else Contradiction(**found)

    def set(self, found: Contradiction, ours: Growth | None = None) -> None:
        """As `Freeze.set`."""
        self._signer.ask("freeze", **asdict(found), ours=wire.of_growth(ours))

    def was_overruled(self, tree: Checkpoint) -> bool:
        """As `Freeze.was_overruled`."""
        return self._signer.ask("overruled", checkpoint=tree.text()) is True


def _refusal(said: object) -> Problem:
    if not isinstance(said, dict):
        return SignerAway(params={"reason": Reason("it gave no answer that is known")})
    kind = _REFUSALS.get(str(said.get("code")))
    if kind is None:
        return SignerAway(params={"reason": Reason(f"it refused: {said.get('code')!r:.60}")})
    params = dict(said.get("params") or {})
    if "reason" in params:
        params["reason"] = Reason(params["reason"])
    return kind(detail=str(said.get("detail")), params=params)


def _exchange(path: str, question: bytes) -> bytes:
    """Send a frame, and the body of the one that comes back."""
    deadline = time.monotonic() + SECONDS
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(SECONDS)
        connection.connect(path)
        connection.sendall(question)
        header = _read(connection, wire.LENGTH_SIZE, deadline)
        return _read(connection, wire.length_of(header), deadline)


def _read(connection: socket.socket, count: int, deadline: float) -> bytes:
    data = b""
    while len(data) < count:
        connection.settimeout(max(deadline - time.monotonic(), 0.001))
        part = connection.recv(count - len(data))
        if not part:
            raise MalformedError("it closed the connection without an answer")
        data += part
    return data
