"""What follows when a log was convicted of two histories: nothing more is taken or cosigned.

Until a person of this institution decides that the history which is held here is the one that
counts. What is held stays as it was, and so does the evidence.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from ledger.drafts import instant
from ledger.exchange import problems
from ledger.exchange.problems import ParcelError
from ledger.models import ForkProof, ForkRuling
from ledger.problems import NoSuchEntry


def standing_conviction(source: UUID) -> ForkProof | None:
    """The newest proof that a log has two histories which nobody here has ruled on yet."""
    ruled = ForkRuling.objects.values("digest")
    found = ForkProof.objects.filter(source=source, by_us=True).exclude(digest__in=ruled)
    return found.order_by("-found_at").first()


def check_not_convicted(source: UUID) -> None:
    """Raise `ParcelError` while a conviction stands."""
    if standing_conviction(source) is not None:
        detail = "the log has two histories, and nobody has decided which of them counts"
        raise ParcelError(problems.CONVICTED, detail)


@transaction.atomic
def rule(*, digest: str, reason: str, by: UUID, at: datetime | str) -> ForkRuling:
    """A person goes on with the history that is held here; once for each evidence.

    `NoSuchEntry` if there is no such evidence against another's log that stands.
    """
    proof = ForkProof.objects.filter(digest=digest, by_us=True).first()
    if proof is None or ForkRuling.objects.filter(digest=digest).exists():
        raise NoSuchEntry(
            title="There is no such evidence here that waits for a decision.",
            mend="Open the page again: somebody else may have decided.",
        )
    return ForkRuling.objects.create(
        digest=digest, reason=reason[:400], ruled_by=by, ruled_at=instant(at)
    )
