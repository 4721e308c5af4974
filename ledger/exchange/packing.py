"""One parcel for one receiver: the entries, what may be read of them, and the proofs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

import structlog

from ledger.core.encoding import unb64
from ledger.core.envelope import cipher_of, items_aad, seal_record
from ledger.core.erasures import SHOWN
from ledger.core.items import places_of, share_from_bytes, share_items, share_to_bytes
from ledger.core.notes import MAX_SIGNATURES, Note, NoteKey, holding
from ledger.core.sealing import seal_to
from ledger.exchange.mailbox import leave_parcel, read_payloads
from ledger.exchange.parcels import EntriesParcel
from ledger.exchange.registry import Entitlement, entitlement_of
from ledger.log_keys import own_turns
from ledger.models import Checkpoint, Cosignature, Entry, Items
from ledger.problems import ContentAltered, HandoverLost, NotReady
from ledger.reading import has_items
from ledger.selectors import Opener, consistency_proof, opener, parsed_lines, root_at
from tenants.context import current_tenant
from tenants.models import Parcel, PublishedKey, Tenant

log = structlog.get_logger("ledger.exchange")


@dataclass
class Sender:
    """One relationship, for one call."""

    receiver: Tenant
    receiver_key: bytes
    origin: str
    entitled: Entitlement
    checkpoint: Checkpoint
    opening: Opener

    def after(self, cursor: int) -> Sender:
        """The same with the checkpoint that a receiver of `cursor` entries can check.

        Where the log's key changes beyond, that is the one in which it does, signed by both keys.
        """
        for turn in own_turns(self.checkpoint.size):
            if turn >= cursor:
                found = Checkpoint.objects.filter(size=turn + 1).first()
                if found is None:
                    raise HandoverLost(params={"index": turn})
                return replace(self, checkpoint=found)
        return self

    def may_read(self, row: Entry) -> bool:
        """Whether the receiver gets this entry's payload: keys and erasures, or by entitlement."""
        return row.kind in SHOWN or self.entitled.covers(row.kind, str(row.rid))


def _note_of(checkpoint: Checkpoint) -> bytes:
    """The signed checkpoint with the cosignatures of institutions, those that hold.

    The receiver checks every line by the platform's directory; it could not check others'.
    """
    note = Note.parse(bytes(checkpoint.note))
    published = PublishedKey.objects.filter(purpose=PublishedKey.COSIGNER).values("key")
    cosigned = Cosignature.objects.filter(size=checkpoint.size, vkey__in=published)
    rows = list(cosigned.order_by("cosigner", "vkey").values_list("line", "vkey"))
    keys = [NoteKey.parse(vkey) for _line, vkey in rows]
    found = holding(note.text, parsed_lines(line for line, _vkey in rows), keys)
    lines = (*note.lines, *found)
    return Note(note.text, lines[:MAX_SIGNATURES]).to_bytes()


def post(
    sender: Sender,
    start: int,
    rows: Sequence[Entry],
    readable: Sequence[Entry],
    batches: Sequence[Entry],
    *,
    even_empty: bool = False,
) -> int:
    """Build and leave one parcel; answers how many were left (none, if it would be empty)."""
    indexes, payloads, keys = _payloads_of(sender, readable)
    item_indexes, items, item_keys = _items_of(sender, batches)
    if not (rows or payloads or items or even_empty):
        return 0
    end = start + len(rows)
    size = sender.checkpoint.size
    consistency = consistency_proof(end, size) if rows else []
    parcel = EntriesParcel(
        origin=sender.origin,
        start=start,
        leaves=[bytes(row.leaf) for row in rows],
        checkpoint=_note_of(sender.checkpoint),
        consistency=consistency,
        base_root=root_at(start) if start else b"",
        base_proof=consistency_proof(start, size) if start else [],
        payload_indexes=indexes,
        payloads=payloads,
        item_indexes=item_indexes,
        items=items,
    )
    context = parcel.context(str(sender.receiver.pk))
    sealed = seal_to(sender.receiver_key, b"".join(keys + item_keys), context)
    body = EntriesParcel(**_members(parcel) | {"sealed_keys": sealed}).to_bytes()
    subject = "entries" if rows else f"payloads.{sha256(body).hexdigest()[:12]}"
    leave_parcel(
        Parcel(
            sender=current_tenant(),
            receiver=sender.receiver,
            subject=subject,
            log_origin=sender.origin,
            from_index=start,
            to_index=end,
            body=body,
        )
    )
    return 1


def sender_to(receiver: Tenant, checkpoint: Checkpoint) -> Sender:
    """Who sends to a counterparty now, under a checkpoint; `NotReady` if it has no parcel key."""
    keys = PublishedKey.objects.filter(tenant=receiver, purpose=PublishedKey.PARCELS)
    published = keys.order_by("-pk").first()
    if published is None:
        raise NotReady
    return Sender(
        receiver=receiver,
        receiver_key=unb64(published.key, 32),
        origin=bytes(checkpoint.note).decode().partition("\n")[0],
        entitled=entitlement_of(receiver.pk),
        checkpoint=checkpoint,
        opening=opener(),
    )


def repacked(sender: Sender, parcel: EntriesParcel, *, without: int) -> bytes:
    """A parcel of ours again, under its own checkpoint, without the content of one entry."""
    indexes = {*parcel.payload_indexes, *parcel.item_indexes} - {without}
    rows = Entry.objects.in_bulk(list(indexes))
    readable = [rows[index] for index in parcel.payload_indexes if index in rows]
    batches = [rows[index] for index in parcel.item_indexes if index in rows]
    payload_indexes, payloads, keys = _payloads_of(sender, readable)
    item_indexes, items, item_keys = _items_of(sender, batches)
    context = parcel.context(str(sender.receiver.pk))
    return replace(
        parcel,
        payload_indexes=payload_indexes,
        payloads=payloads,
        item_indexes=item_indexes,
        items=items,
        sealed_keys=seal_to(sender.receiver_key, b"".join(keys + item_keys), context),
    ).to_bytes()


def _members(parcel: EntriesParcel) -> dict:
    return {name: getattr(parcel, name) for name in EntriesParcel.__slots__}


def _payloads_of(
    sender: Sender, rows: Sequence[Entry]
) -> tuple[list[int], list[bytes], list[bytes]]:
    """(indexes, ciphertexts, data keys) of the payloads that were not erased."""
    by_index = {row.index: row for row in rows}
    indexes, ciphertexts, keys = [], [], []
    for item in read_payloads(list(by_index)):
        indexes.append(item.index)
        ciphertexts.append(item.ciphertext)
        keys.append(sender.opening.data_key(item, sender.opening.aad(by_index[item.index])))
    return indexes, ciphertexts, keys


def _items_of(sender: Sender, rows: Sequence[Entry]) -> tuple[list[int], list[bytes], list[bytes]]:
    """(indexes, ciphertexts, data keys) of the shared items.

    A batch that is shared whole travels as it is stored, a part of one under a fresh key.
    """
    by_index = {row.index: row for row in rows}
    indexes, ciphertexts, keys = [], [], []
    for sealed in Items.objects.filter(index__in=list(by_index), erased_at=None).order_by("index"):
        if not has_items(bytes(by_index[sealed.index].leaf)):
            continue  # a row that stands beside an entry that has none
        try:
            shared = _share(sender, by_index[sealed.index], sealed)
        except ContentAltered:  # whoever serves may write a row: `check_ledger` names it too
            log.error("items_do_not_open", index=sealed.index)
            continue
        if shared is not None:
            indexes.append(sealed.index)
            ciphertexts.append(shared[0])
            keys.append(shared[1])
    return indexes, ciphertexts, keys


def _share(sender: Sender, row: Entry, sealed: Items) -> tuple[bytes, bytes] | None:
    """Ciphertext and data key of what the receiver gets of a batch; None if it is nothing."""
    aad = items_aad(sender.opening.aad(row))
    whole, key = bytes(sealed.ciphertext), sender.opening.data_key(sealed, aad)
    if sender.entitled.everything or str(row.rid) in sender.entitled.rids:
        return whole, key
    table = share_from_bytes(sender.opening.plain(sealed, aad)).items
    places = _shared_places(table, sender.entitled)
    if not places:
        return None
    if len(places) == len(table):
        return whole, key
    return seal_record(share_to_bytes(share_items(table, places)), aad, cipher_of(key))


def _shared_places(table, entitled: Entitlement) -> list[int]:
    if "lease_rid" not in table.columns:
        return []
    return places_of(table, "lease_rid", entitled.rids)
