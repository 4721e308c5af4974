"""What follows when a log was convicted of two histories: nothing more is taken or cosigned.

Until a person of this institution decides that the history which is held here is the one that
counts. What is held stays as it was, and so does the evidence.
"""

from __future__ import annotations

import re
from datetime import datetime
from uuid import NAMESPACE_URL, UUID, uuid5

from django.db import transaction
from django.db.models import QuerySet

from ledger.core.errors import LedgerError
from ledger.core.fork import Fork
from ledger.core.notes import Note
from ledger.drafts import instant
from ledger.exchange import problems
from ledger.exchange.problems import ParcelError
from ledger.models import ForkProof, ForkRuling
from ledger.problems import NoSuchEntry, UnreadableReason

_NO_TEXT = re.compile("[\0\ud800-\udfff]")


def outside_id(origin: str) -> UUID:
    """What stands in a proof's `source` for a log of no institution here: made of its name."""
    return uuid5(NAMESPACE_URL, f"log/{origin}")


def _proofs(source: UUID | None, origin: str) -> QuerySet[ForkProof]:
    """Evidence against a log, also from before its institution was known here."""
    ids = [outside_id(origin), *([] if source is None else [source])]
    return ForkProof.objects.filter(source__in=ids, by_us=True)


def _standing(proofs: QuerySet[ForkProof]) -> QuerySet[ForkProof]:
    return proofs.filter(by_us=True).exclude(digest__in=ForkRuling.objects.values("digest"))


def convicted_logs() -> set[str]:
    """Names of the logs of which nothing is taken and cosigned, with one query."""
    return {origin_of(proof) for proof in _standing(ForkProof.objects.all())}


def standing_conviction(source: UUID | None, origin: str) -> ForkProof | None:
    """The newest proof that a log has two histories which nobody here has ruled on yet."""
    return _standing(_proofs(source, origin)).order_by("-pk").first()


def check_not_convicted(source: UUID, origin: str) -> None:
    """Raise `ParcelError` while a conviction stands."""
    if standing_conviction(source, origin) is not None:
        detail = "the log has two histories, and nobody has decided which of them counts"
        raise ParcelError(problems.CONVICTED, detail)


def was_convicted_of(source: UUID | None, origin: str, text: str) -> bool:
    """Whether evidence against a log is kept that holds this very checkpoint (a note's text).

    Anybody can show an old checkpoint again; a log is not convicted twice of the same one.
    """
    rows = _proofs(source, origin).values_list("evidence", flat=True)
    return any(text in _texts(bytes(data)) for data in rows)


def origin_of(proof: ForkProof) -> str:
    """The name of the log that evidence convicts; empty where the row was altered."""
    return next(iter(_texts(bytes(proof.evidence))), "").partition("\n")[0]


def _texts(evidence: bytes) -> list[str]:
    """What the two checkpoints of evidence state; nothing where the row was altered."""
    try:
        return [Note.parse(branch.note).text for branch in Fork.parse(evidence).branches]
    except LedgerError:
        return []


@transaction.atomic
def rule(*, digest: str, reason: str, by: UUID, at: datetime | str) -> ForkRuling:
    """A person goes on with the history that is held here; once for each evidence.

    `NoSuchEntry` if there is no such evidence against another's log that stands, or somebody else
    decided at the same moment; `UnreadableReason` for what no database stores as text.
    """
    if _NO_TEXT.search(reason):
        raise UnreadableReason
    if not ForkProof.objects.filter(digest=digest, by_us=True).exists():
        raise _nothing_waits()
    ruling, is_first = ForkRuling.objects.get_or_create(
        digest=digest,
        defaults={"reason": reason[:400], "ruled_by": by, "ruled_at": instant(at)},
    )
    if not is_first:
        raise _nothing_waits()
    return ruling


def _nothing_waits() -> NoSuchEntry:
    return NoSuchEntry(
        title="There is no such evidence here that waits for a decision.",
        mend="Open the page again: somebody else may have decided.",
    )
