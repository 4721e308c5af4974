"""A log goes on from the newest that is left of it, although more was signed (decision 23).

Where the only backup is older than what the signer remembers, and nobody holds the entries between,
they are gone. Going on makes a second history beside the one that was signed: an operator decides
it, the signer keeps what it had signed, and the log tells everybody in an entry of its own.
"""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ledger.core.checkpoints import Checkpoint as TreeHead
from ledger.core.encoding import b64, unb64
from ledger.core.erasures import RESUMED
from ledger.core.errors import LedgerError
from ledger.core.hashing import HASH_SIZE
from ledger.core.notes import Note
from ledger.core.tree_heads import parse_decimal
from ledger.drafts import Draft, instant
from ledger.halting import lift, seen
from ledger.models import Checkpoint, Entry, Head, Replica
from ledger.problems import NotResumed, RollbackRefused
from ledger.selectors import root_at
from ledger.services import append_entry, seal_checkpoint, sealing_refused
from ledger.signed import newest_signed
from ledger.signing import signer_of
from ledger.signing.rules import Signed
from ledger.signing.signer import LogSigner
from ledger.tiles.publishing import set_lost_aside
from ledger.witnessing.hearing import hear, is_ours
from tenants.context import current_tenant, tenant_context
from tenants.standing import standing


@dataclass(frozen=True)
class Gap:
    """What was signed last and is lost, and the newest checkpoint that is left."""

    signed: Signed
    kept: Checkpoint


@dataclass(frozen=True)
class Told:
    """What the log says of it: the tree that was signed and is lost, and what it goes on from."""

    signed: int
    root: bytes
    kept: int

    def __str__(self) -> str:
        """As `--told` takes it and `python -m ledger.signing resume` shows it."""
        return f"{self.signed}:{b64(self.root)}:{self.kept}"

    @classmethod
    def parse(cls, text: str) -> "Told":
        """`LedgerError` for what is no such text."""
        signed, _, rest = text.partition(":")
        root, _, kept = rest.partition(":")
        return cls(parse_decimal(signed), unb64(root, HASH_SIZE), parse_decimal(kept))


def find_gap(*, at: datetime | str) -> Gap:
    """What is lost. Whoever cosigns is heard before; call outside of a transaction.

    Raises `NotResumed` where the log goes on anyway, where what is stored is not sound, or where
    somebody holds more than it; `LogFrozen` where that is known already; `SignerAway`.
    """
    head = Head.objects.get()
    signer = signer_of(head.log_id)
    signer.freeze.check()
    last, kept = signer.last(), newest_signed()
    if last is None or not isinstance(sealing_refused(), RollbackRefused):
        raise NotResumed(detail="The signer refuses nothing of it: it may be sealed.")
    if bytes(head.root) != root_at(head.size):
        raise NotResumed(
            detail="The stored tree of %(size)s entries does not lead to the root that it states.",
            params={"size": head.size},
        )
    if kept is None or not 0 < kept.size < last[0] or bytes(kept.root) != root_at(kept.size):
        raise NotResumed(
            detail="No checkpoint of before the %(signed)s entries that were signed is left in it.",
            params={"signed": last[0]},
        )
    for name, size in _holders(head, at):
        raise NotResumed(
            detail="%(name)s holds %(size)s entries, which this log lacks: take it back there.",
            params={"name": name, "size": size},
        )
    return Gap(last, kept)


def _holders(head: Head, at: datetime | str) -> Iterator[tuple[str, int]]:
    """Who holds a tree of this log, signed, that it lacks: its name and how many entries."""
    signer = signer_of(head.log_id)
    for word in hear(head, at=at):
        tree = word.shown and word.shown[0]
        if tree and not is_ours(tree) and not signer.freeze.was_overruled(tree):
            yield word.name, tree.size
    us = current_tenant()
    for tenant in standing():
        if tenant.pk == us.pk:
            continue
        with tenant_context(tenant):
            notes = Replica.objects.filter(source=us.pk, origin=head.origin)
            note = notes.values_list("checkpoint", flat=True).first()
        if note is not None and not is_ours(tree := TreeHead.parse(Note.parse(bytes(note)).text)):
            yield tenant.name, tree.size


def go_on(signer: LogSigner, gap: Gap, *, reason: str, at: datetime | str) -> Told:
    """Have the log signed from what is left, and lift the halts for that; it is to be `told`."""
    lost, kept = signer.resume(bytes(gap.kept.note), reason=reason, at=instant(at).isoformat())
    stands = seen()
    if sealing_refused() is None:
        lift(stands, f"gone on from {kept[0]} entries, {lost[0]} were signed: {reason}", at=at)
    return Told(lost[0], lost[1], kept[0])


def tell(told: Told, *, reason: str, at: datetime | str) -> tuple[int, Path | None]:
    """The log says so, once; the entry's place, and where published files of what is lost went.

    Call outside of a transaction: it is sealed at once.
    """
    seal_checkpoint(at=at)
    rid = uuid.uuid5(uuid.NAMESPACE_URL, f"{RESUMED}:{told}")
    found = Entry.objects.filter(kind=RESUMED, rid=rid).first()
    if found is not None:
        index = found.index
    else:
        fields = {"signed": str(told.signed), "root": b64(told.root), "kept": str(told.kept)}
        fields["reason"] = reason
        draft = Draft.service(kind="log.resumed", rid=rid, fields=fields, ts=at)
        index = append_entry(draft=draft).index
        seal_checkpoint(at=at)
    return index, set_lost_aside()


def parse_told(text: str) -> Told:
    """`--told` of the command; `NotResumed` for what the signer did not show."""
    try:
        return Told.parse(text)
    except LedgerError as error:
        raise NotResumed(
            detail="%(text)s is nothing that `python -m ledger.signing resume` showed.",
            params={"text": text[:120]},
        ) from error
