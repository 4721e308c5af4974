"""What this tenant cosigned before its own memory was lost, as far as others still show it.

A restored institution has no word of its own on what it cosigned: that stood in its database alone.
But its cosignatures stand under the checkpoints of others. Each that it sees again, on a published
checkpoint or in a parcel, is proof by its own key, and raises the floor below which it signs
nothing else. What nobody shows any more it cannot know; the page of witnesses says so.
"""

from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, datetime

from ledger.core.errors import LedgerError
from ledger.core.notes import Note, NoteKey, verify_note
from ledger.core.tree_heads import Checkpoint
from ledger.exchange.notices import NOTICES, RESTORED
from ledger.exchange.parcels import EntriesParcel
from ledger.models import Head
from ledger.services.published_keys import cosigner_name
from ledger.tiles.publishing import store_of
from ledger.tiles.store import CHECKPOINT
from tenants.context import current_tenant
from tenants.models import Parcel, PublishedKey

Floor = dict[str, object]
"""Columns of `WitnessedLog`: size, root, note and the time of our newest cosignature."""


def seen_again(origin: str, keys: Collection[NoteKey]) -> Floor:
    """The largest tree of a log that a cosignature of ours is seen under; empty for none."""
    found = [own_word(note, origin, keys) for note in _shown(origin)]
    return max(found, key=lambda floor: int(str(floor.get("size", 0))), default={})


def own_word(data: bytes, origin: str, keys: Collection[NoteKey]) -> Floor:
    """What a checkpoint of a log says that we cosigned; empty if it does not say so, or lies.

    Any of the log's keys may have signed it, one that retired too: our own line is the proof.
    """
    head = Head.objects.first()
    if head is None:
        return {}
    name = cosigner_name(head)
    published = PublishedKey.objects.filter(
        tenant=current_tenant(), purpose=PublishedKey.COSIGNER, key__startswith=f"{name}+"
    )
    ours = [NoteKey.parse(text) for text in published.values_list("key", flat=True)]
    try:
        note = Note.parse(data)
        tree = Checkpoint.parse(note.text)
        verified = verify_note(note, [*keys, *ours])  # an old key's word counts as a new one's
    except LedgerError:
        return {}
    signers = {(one.key.name, one.key.id) for one in verified}
    is_the_logs = any(one.key in keys for one in verified)
    times = [one.time for one in verified if one.key in ours and one.time]
    if tree.origin != origin or not is_the_logs or not times:
        return {}
    lines = tuple(line for line in note.lines if (line.name, line.id) in signers)
    return {
        "size": tree.size,
        "root": tree.root,
        "note": Note(note.text, lines).to_bytes(),
        "cosigned_at": datetime.fromtimestamp(max(times), tz=UTC),
    }


def _shown(origin: str) -> Iterator[bytes]:
    """Checkpoints of a log that are in sight: the published one, and those of parcels for us."""
    published = store_of(origin.rpartition("/")[2]).read(CHECKPOINT)
    if published is not None:
        yield published
    waiting = Parcel.objects.filter(receiver=current_tenant(), log_origin=origin).exclude(
        subject__in=(*NOTICES, RESTORED)
    )
    yield from _checkpoints(waiting.values_list("body", flat=True))


def _checkpoints(bodies: Iterable[bytes]) -> Iterator[bytes]:
    for body in bodies:
        try:
            yield EntriesParcel.parse(bytes(body)).checkpoint
        except LedgerError:
            continue
