"""What a question about the title registry's map does: it calls `RootSigner`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ledger.core.encoding import b64
from ledger.core.errors import MalformedError
from ledger.signing import wire
from ledger.signing.root_rules import SaidRoot
from ledger.signing.roots import FOLDER, RootSigner
from ledger.signing.wire import Message


def answer_root(do: str, name: str, members: Message, folder: Path) -> object:
    """The answer to one of `ROOT_QUESTIONS`; its keys and memory are in one folder here."""
    if name != FOLDER:
        raise MalformedError(f"there is one map, named {FOLDER}")
    return ROOT_QUESTIONS[do](RootSigner(folder / FOLDER, folder / FOLDER), members)


def _keys(signer: RootSigner, _members: Message) -> Message:
    return {str(version): b64(public) for version, public in signer.keys().items()}


def _make(signer: RootSigner, members: Message) -> None:
    if not 1 <= members["version"] <= wire.MAX_TURNS:
        raise MalformedError(f"a key's version is 1 to {wire.MAX_TURNS}")
    signer.make(members["version"])


def _last(signer: RootSigner, _members: Message) -> Message | None:
    last = signer.last()
    return None if last is None else {"text": last.root.text(), "key": last.key.vkey()}


def _sign(signer: RootSigner, members: Message) -> list[str]:
    said = SaidRoot.parse(members["text"], members["key"])
    return [b64(signature) for signature in signer.sign(said)]


def _retire(signer: RootSigner, _members: Message) -> list[int]:
    return signer.retire()


ROOT_QUESTIONS: dict[str, Callable[[RootSigner, Message], object]] = {
    "root_keys": _keys,
    "root_make": _make,
    "root_last": _last,
    "root_sign": _sign,
    "root_retire": _retire,
}
