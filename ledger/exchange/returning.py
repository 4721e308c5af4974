"""What of a ledger's tables comes back with a counterparty's copy, and what does not: each named.

A copy is the log. What stood beside it, in the institution's own schema, only a backup has, or the
schema that was set aside; where that can be read it says how many there were.
"""

from django.db import DatabaseError, connection, models, transaction
from django.utils.translation import gettext_lazy as _
from psycopg import sql

from ledger.exchange.lost_rows import all_books, is_in_log
from ledger.models import (
    AnchorReceipt,
    AnchorTarget,
    Checkpoint,
    Cosignature,
    Entry,
    Erasure,
    ErasureAnswer,
    ForkProof,
    ForkRuling,
    FormerKey,
    Halt,
    Head,
    Items,
    KeyEncryptionKey,
    LedgerCheck,
    Outbox,
    Payload,
    Pending,
    Receipt,
    Refusal,
    ReplacedNote,
    Replica,
    ReplicaEntry,
    ReplicaErasure,
    ReplicaItems,
    ReplicaPayload,
    Restoration,
    ServedRecord,
    SigningKey,
    TenantSecret,
    TitleAlarm,
    TitleCheck,
    TitleProofKept,
    TitleRootSeen,
    TitleWatch,
    TrustPolicy,
    Witness,
    WitnessedLog,
    WitnessWord,
)
from tenants.asides import waiting_asides
from tenants.context import current_tenant

#: Written from the copy; contents and items that it lacks are named by their entries.
FROM_COPY = {Head, Entry, Payload, Items, SigningKey, Erasure, TitleRootSeen}
#: Made anew, sent again by counterparties from their first entry on, or seen again (witnessed).
ANEW = {
    KeyEncryptionKey,
    FormerKey,
    TenantSecret,
    Receipt,
    Outbox,
    ServedRecord,
    Replica,
    ReplicaEntry,
    ReplicaPayload,
    ReplicaItems,
    ReplicaErasure,
    TitleWatch,
    WitnessedLog,
    WitnessWord,
}
#: In part only: what the copy's newest checkpoint carries, what the giver itself answers.
IN_PART = {
    Checkpoint: _("earlier checkpoints, whose notes nobody else keeps"),
    Cosignature: _("cosignatures that the copy does not hold, of outside witnesses too"),
    ErasureAnswer: _("what other counterparties answered to erasures"),
}
LOST = {
    TrustPolicy: _("the trust policy that was set: the default counts until one is set again"),
    Witness: _("outside witnesses that were asked: set them up again"),
    AnchorTarget: _("anchors that were set up: set them up again"),
    AnchorReceipt: _("receipts of anchors"),
    TitleProofKept: _("kept proofs of the title registry (.title-proof files)"),
    TitleAlarm: _("alarms about the title registry, with their evidence"),
    TitleCheck: _("results of looking for own rights in the title registry"),
    Pending: _("records that waited in the queue for their place: phones send theirs again"),
    ForkProof: _("evidence that a log has two histories"),
    ForkRuling: _("decisions on logs with two histories"),
    Refusal: _("refused parcels"),
    LedgerCheck: _("results of going over the ledger"),
    ReplacedNote: _("notes of checkpoints that the log did not sign and that gave way"),
    Halt: _("when the ledger stood still, and why"),
    Restoration: _("earlier questions for a lost ledger"),
}
_WORDS = {model.__name__: words for model, words in (LOST | IN_PART).items()}


def not_returned() -> dict[str, int | None]:
    """What did not come back, by model: how many rows, None where nobody can say; 0 is left out.

    Of the business's tables those that the log has entries beside (`lost_rows`).

    Counted in the schema that was set aside and still waits; to be called after the copy was taken.
    """
    asides = waiting_asides(current_tenant())
    counts = {model.__name__: _missing(model, asides) for model in LOST | IN_PART}
    for books in all_books():
        count = _missing(books.model, asides)
        if is_in_log(books) or (books.by_phone and count):
            counts[books.name] = count
    return {name: count for name, count in counts.items() if count != 0}


def worded(counts: dict[str, int | None]) -> list[tuple[str, int | None]]:
    """Words (lazily translated) and count of each kind, in the order of this module."""
    return [(words, counts[name]) for name, words in _WORDS.items() if name in counts]


def _missing(model: type[models.Model], asides: list[str]) -> int | None:
    if not asides:
        return None
    count = sql.SQL("SELECT count(*) FROM {}.{}")
    query = count.format(sql.Identifier(asides[-1]), sql.Identifier(model._meta.db_table))
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(query.as_string(cursor.connection))
            stood: int = cursor.fetchone()[0]
    except DatabaseError:  # set aside because it was damaged
        return None
    return max(0, stood - (model._default_manager.count() if model in IN_PART else 0))
