"""What a question over the socket does: it calls `LogSigner` or `RootSigner`, which decide."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from ledger.core.encoding import b64, unb64
from ledger.core.errors import LedgerError, MalformedError
from ledger.core.notes import MAX_TIMESTAMP
from ledger.core.tree_heads import Checkpoint
from ledger.problems import BadSignerRequest, SignerAway
from ledger.signing import wire
from ledger.signing.answering_roots import ROOT_QUESTIONS, answer_root
from ledger.signing.freeze import Contradiction
from ledger.signing.signer import LogSigner
from ledger.signing.wire import Message
from tenants.problems import Problem

log = logging.getLogger(__name__)


def answer(body: bytes, folder: Path) -> bytes:
    """The frame that answers the body of one; never raises."""
    try:
        do, log_id, members = wire.check_question(wire.opened(body))
        if do in ROOT_QUESTIONS:
            found = answer_root(do, log_id, members, folder)
        else:
            found = _DOES[do](LogSigner(log_id, folder), members)
        return wire.frame({"answer": found})
    except wire.OtherVersion:
        return wire.frame({"speaks": wire.VERSION})
    except Problem as problem:
        return _refusal(problem)
    except LedgerError as error:
        reason = {"reason": str(error)[:200].encode(errors="replace").decode()}
        return _refusal(BadSignerRequest(detail="%(reason)s.", params=reason))
    except Exception:
        log.exception("a question to the signer failed")
        return _refusal(SignerAway(params={"reason": "it failed; its own log says why"}))


def _refusal(problem: Problem) -> bytes:
    said = {"code": problem.code, "detail": problem.detail, "params": problem.params}
    return wire.frame({"problem": said})


def _key(signer: LogSigner, members: Message) -> str:
    origin, version = members["origin"], _version(members)
    if members["second"]:
        made = signer.create_second if members["create"] else signer.second_key
        return made(origin, version).vkey()
    if members["create"]:
        if version != 1:
            raise MalformedError("a log begins with version 1 of its key")
        return signer.create(origin).vkey()
    return signer.key(origin, version).vkey()


def _version(members: Message) -> int:
    version: int = members["version"]
    if not 1 <= version <= wire.MAX_TURNS:
        raise MalformedError(f"a key's version is 1 to {wire.MAX_TURNS}")
    return version


def _hand_over(signer: LogSigner, members: Message) -> Message:
    (index,) = wire.to_turns([members["index"]])
    return dict(signer.hand_over(members["origin"], index, _version(members)))


def _versions(signer: LogSigner, _members: Message) -> list[int]:
    return signer.versions()


def _retire(signer: LogSigner, members: Message) -> list[int]:
    return signer.retire(members["origin"])


def _last(signer: LogSigner, _members: Message) -> Message | None:
    return wire.of_signed(signer.last())


def _head_of(members: Message) -> Checkpoint:
    checkpoint = Checkpoint.parse(members["checkpoint"])
    if checkpoint.extensions:
        raise MalformedError("a checkpoint of ours has no extension lines")
    if not 0 <= members["time"] <= MAX_TIMESTAMP:
        raise MalformedError("the time is no POSIX time")
    return checkpoint


def _sign(signer: LogSigner, members: Message) -> str:
    checkpoint = _head_of(members)
    last, floor = wire.to_growth(members["last"]), wire.to_growth(members["floor"])
    return signer.sign(
        checkpoint,
        last,
        floor,
        time=members["time"],
        turns=wire.to_turns(members["turns"]),
        shown=wire.to_shown(members["shown"]),
        floor_note=members["floor_note"].encode(),
    ).decode()


def _sign_again(signer: LogSigner, members: Message) -> str:
    checkpoint, proof = _head_of(members), wire.to_hashes(members["proof"])
    return signer.sign_again(checkpoint, proof, time=members["time"]).decode()


def _vouch(signer: LogSigner, members: Message) -> str:
    return b64(signer.vouch(unb64(members["text"]), _version(members)))


def _frozen(signer: LogSigner, _members: Message) -> Message | None:
    found = signer.freeze.read()
    return None if found is None else asdict(found)


def _freeze(signer: LogSigner, members: Message) -> None:
    ours = wire.to_growth(members.pop("ours"))
    signer.freeze.set(signer.weigh(Contradiction(**members), ours))


def _overruled(signer: LogSigner, members: Message) -> bool:
    return signer.freeze.was_overruled(Checkpoint.parse(members["checkpoint"]))


_DOES: dict[str, Callable[[LogSigner, Message], object]] = {
    "key": _key,
    "last": _last,
    "hand_over": _hand_over,
    "versions": _versions,
    "retire": _retire,
    "sign": _sign,
    "sign_again": _sign_again,
    "vouch": _vouch,
    "frozen": _frozen,
    "freeze": _freeze,
    "overruled": _overruled,
}
