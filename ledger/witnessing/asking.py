"""Asking witnesses to cosign our checkpoints: C2SP tlog-witness, the log's side.

Whatever a witness answers, sealing goes on, and what went wrong stands beside its name. With one
exception: a witness that holds a tree of ours that we do not have, because then our database was
restored from an old copy or forked, and what we sign next would be a second history.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from ledger.backoff import wait_after
from ledger.core.errors import LedgerError, SignatureError
from ledger.core.log_keys import HandedOver
from ledger.core.notes import Note, NoteKey, SignatureLine, Verified
from ledger.core.witness import (
    MAX_BYTES,
    SIZE_TYPE,
    AddCheckpoint,
    read_response,
    read_size,
)
from ledger.cosignatures import keep_cosignature
from ledger.drafts import instant
from ledger.halting import FATAL, halt
from ledger.log_keys import own_log_keys
from ledger.models import Checkpoint, Head, Witness
from ledger.outbound import Answer, request
from ledger.problems import AddressRefused, NoAnswer
from ledger.selectors import consistency_proof, latest_checkpoint
from ledger.signed import newest_signed
from ledger.signing import signer_of
from ledger.witnessing.hearing import Shown, freeze_for, is_ours, show
from ledger.witnessing.telling import storable, told_of
from tenants.problems import fill

FIRST_WAIT, LAST_WAIT = timedelta(seconds=15), timedelta(hours=1)
SIGN_OF_LIFE = timedelta(hours=1)
#: A cosignature from further in the future is refused: its clock would outlast every rule on time.
AHEAD = timedelta(hours=1)
#: Two algorithms, old and new while they are replaced; a note has room for 100 lines in all.
MAX_KEYS = 4
_AHEAD_OF_US = _("it has cosigned a later checkpoint already")
_SHOWS_NO_PROOF = _("it says that it holds %(held)s entries, and shows no proof")
_SHOWS_ANOTHER_KEY = _(
    "it says that it holds %(held)s entries, and shows a tree under another key of this log than "
    "signs that size, which proves nothing"
)
_SHOWS_NOTHING = _("it refuses the proof, and shows no checkpoint of its own")


@dataclass(frozen=True)
class Outcome:
    """How one asking ended: a state of `Witness`, and what to tell about it, to be translated."""

    state: str
    template: str = ""
    size: int | None = None
    params: Mapping[str, str] = field(default_factory=dict)

    @property
    def detail(self) -> str:
        """What to tell, in English."""
        return fill(self.template, self.params)


def ask_witness(witness: Witness, *, at: datetime | str) -> Outcome:
    """Ask for a cosignature of the newest checkpoint; keeps it, or the reason why there is none."""
    checkpoint = newest_signed()
    if checkpoint is None:
        return Outcome(Witness.WAITING)
    try:
        outcome = _ask(witness, checkpoint, min(witness.size, checkpoint.size), instant(at))
    except (NoAnswer, AddressRefused) as problem:
        template, params = told_of(problem)
        outcome = Outcome(Witness.UNREACHABLE, template, params=params)
    except LedgerError as error:
        template, params = told_of(error)
        outcome = Outcome(Witness.HOSTILE, template, params=params)
    _keep_outcome(witness, outcome, instant(at))
    return outcome


def keys_of(witness: Witness) -> list[NoteKey]:
    """The keys that a witness cosigns with; lines by more than these are not kept."""
    return [NoteKey.parse(text) for text in witness.vkeys.split()[:MAX_KEYS]]


def is_due(witness: Witness, size: int, now: datetime) -> bool:
    """Whether a witness is to be asked: for a newer checkpoint, or because it was not for long.

    A log that was restored from an old copy has nothing new; asking finds it out all the same.
    """
    if witness.next_at is not None and now < witness.next_at <= now + LAST_WAIT:
        return False  # beyond that the clock went back
    quiet = witness.asked_at is None or abs(now - witness.asked_at) >= SIGN_OF_LIFE
    return witness.size < size or quiet


def _ask(
    witness: Witness, checkpoint: Checkpoint, old: int, now: datetime, again: bool = True
) -> Outcome:
    note = Note.parse(bytes(checkpoint.note))
    proof = consistency_proof(old, checkpoint.size) if 0 < old < checkpoint.size else []
    body = AddCheckpoint(old, tuple(proof), note).to_bytes()
    kind = {"Content-Type": "application/octet-stream"}
    url = f"{witness.url.rstrip('/')}/add-checkpoint"
    answer = request("POST", url, body, headers=kind, limit=MAX_BYTES)
    if answer.status == 200:
        found = read_response(answer.body, note.text, keys_of(witness))
        _keep_cosignatures(checkpoint.size, found)
        return Outcome(Witness.COSIGNED, size=checkpoint.size)
    if answer.status == 409 and answer.content_type.partition(";")[0].strip() == SIZE_TYPE:
        held = read_size(answer.body)
        if held <= checkpoint.size:
            if again:
                return _ask(witness, checkpoint, held, now, again=False)
            return _told(
                Witness.HOSTILE, _("after %(old)s it asks for %(held)s"), old=old, held=held
            )
        return _contradicted(witness, checkpoint, now, held)
    if answer.status == 422:
        return _contradicted(witness, checkpoint, now, None)
    template, words = (_("HTTP %(status)s: %(words)s"), _words(answer))
    if not words:
        return _told(Witness.REFUSED, "HTTP %(status)s", status=answer.status)
    return _told(Witness.REFUSED, template, status=answer.status, words=words)


def _told(state: str, template: str, **params: object) -> Outcome:
    return Outcome(state, template, params={name: str(value) for name, value in params.items()})


def _words(answer: Answer) -> str:
    """The start of what stands under a status, without anything that is no plain text."""
    text = answer.body[:200].decode("utf-8", "replace")
    return "".join(sign if sign.isprintable() else " " for sign in text).strip()


# -- cosignatures -----------------------------------------------------------------------------


@transaction.atomic
def _keep_cosignatures(size: int, found: tuple[tuple[SignatureLine, Verified], ...]) -> None:
    latest = int((timezone.now() + AHEAD).timestamp())  # theirs is the clock on the wall
    for line, verified in found:
        time = verified.time or 0
        if time > latest:
            raise SignatureError(f"{verified.key.name} cosigned at a time that is yet to come")
        keep_cosignature(size, line, verified)


def _keep_outcome(witness: Witness, outcome: Outcome, now: datetime) -> None:
    good = outcome.state == Witness.COSIGNED
    witness.state, witness.detail = outcome.state, outcome.template.replace("\0", "")[:500]
    witness.params = storable(outcome.params)
    witness.size = witness.size if outcome.size is None else outcome.size
    witness.failures = 0 if good else witness.failures + 1
    wait = wait_after(witness.failures, first=FIRST_WAIT, last=LAST_WAIT)
    witness.asked_at, witness.next_at = now, None if good else now + wait
    witness.save(
        update_fields=["state", "detail", "params", "size", "failures", "asked_at", "next_at"]
    )


# -- contradictions ---------------------------------------------------------------------------


def _contradicted(
    witness: Witness, checkpoint: Checkpoint, now: datetime, held: int | None
) -> Outcome:
    """The witness holds more than we do (`held`), or refuses our proof: who is right?

    What it shows decides, if our own key signed it. Without that its word freezes the log where it
    says that it holds more: signing a second history cannot be undone, a freeze can.
    """
    head, no_proof = Head.objects.get(), _SHOWS_NO_PROOF
    try:
        shown = _shown(witness)
    except HandedOver:
        shown, no_proof = None, _SHOWS_ANOTHER_KEY
    if shown is not None:
        tree, note = shown
        if not is_ours(tree):
            _freeze(witness, head, now, tree.size, note)
            words = _("it holds a tree of %(size)s entries that we signed and do not have")
            return _told(Witness.CONTRADICTS, words, size=tree.size)
        if tree.size > checkpoint.size:  # another sealer was ahead of us
            return Outcome(Witness.REFUSED, _AHEAD_OF_US)
        words = _("it refuses, but what it shows agrees with this log")
        return Outcome(Witness.HOSTILE, words, size=tree.size)
    newest = latest_checkpoint()
    if held is None:
        return Outcome(Witness.REFUSED, _SHOWS_NOTHING)
    if newest is not None and held <= newest.size:
        return Outcome(Witness.REFUSED, _AHEAD_OF_US)
    _freeze(witness, head, now, held, b"")
    return _told(
        Witness.CONTRADICTS,
        no_proof,
        held=held,
    )


def _shown(witness: Witness) -> Shown | None:
    """The newest checkpoint that a witness holds, if this log's own key signed it.

    Raises `HandedOver` where that is a key which does not sign a log of that size.
    """
    try:
        return show(witness.url, own_log_keys())
    except HandedOver:
        raise
    except (NoAnswer, AddressRefused, LedgerError):
        return None


def _freeze(witness: Witness, head: Head, now: datetime, held: int, note: bytes) -> None:
    signer = signer_of(head.log_id)
    try:
        freeze_for(signer, witness.label, head, held, note, at=now)
        signer.freeze.check()
    except FATAL as problem:
        halt(problem, at=now)
