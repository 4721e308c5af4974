"""Giving a destroyed log back from a counterparty's copy: asked by a person, given by a person.

The original asks, the counterparty decides, its parcels wait in the mailbox, and the original takes
them all in one transaction: until then its log does not exist, so nothing can be written beside it.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from ledger import vault
from ledger.core.encoding import unb64
from ledger.core.envelope import items_aad, unwrap_key
from ledger.core.items import unpack_places
from ledger.core.sealing import seal_to
from ledger.drafts import instant
from ledger.exchange.copy_tree import CopyTree
from ledger.exchange.erased_copies import answer_again
from ledger.exchange.mailbox import leave_parcel
from ledger.exchange.notices import RESTORE_ASKED, RESTORED, post_notice
from ledger.exchange.parcels import EntriesParcel, Notice
from ledger.exchange.portions import end_of_portion, weigh
from ledger.log_keys import copied_log_keys
from ledger.models import Head, Replica, ReplicaEntry, ReplicaItems, ReplicaPayload, Restoration
from ledger.problems import CopyIncomplete, LogExists, LogKeyLost, NoSuchRequest
from ledger.reading import read_leaf
from ledger.services.published_keys import lost_log_keys, publish_parcel_key
from ledger.signing import signer_of
from tenants.context import current_tenant
from tenants.models import Parcel, PublishedKey, Tenant

CHUNK = 2_000


@transaction.atomic
def ask_for_log(
    *, from_tenant: Tenant, reason: str, by: UUID | None, at: datetime | str
) -> Restoration:
    """Ask a counterparty for this tenant's own log, which was lost; a person there decides.

    Raises `LogExists` while there is a log, `LogKeyLost` if its secret key is not here.
    """
    if Head.objects.exists():
        raise LogExists
    keys = lost_log_keys()
    if keys is None:
        raise LogKeyLost
    key = keys.newest
    if signer_of(key.name.rpartition("/")[2]).key(key.name, len(keys.reigns)) != key:
        raise LogKeyLost
    publish_parcel_key()
    post_notice(from_tenant.pk, RESTORE_ASKED, Notice(key.name, 0, {"reason": reason[:400]}))
    return Restoration.objects.create(
        other=from_tenant.pk,
        by_us=True,
        origin=key.name,
        reason=reason[:400],
        asked_by=by,
        asked_at=instant(at),
    )


def take_request(*, parcel: Parcel, notice: Notice, at: datetime | str) -> None:
    """A counterparty asks for its log: kept until a person decides, never answered by itself."""
    replica = Replica.objects.filter(source=parcel.sender_id, origin=notice.origin).first()
    waiting = Restoration.objects.filter(
        other=parcel.sender_id, by_us=False, state=Restoration.State.ASKED
    )
    if replica is None or waiting.exists():
        return
    Restoration.objects.create(
        other=parcel.sender_id,
        by_us=False,
        origin=notice.origin,
        reason=notice.members.get("reason", "")[:400],
        asked_at=instant(at),
    )


@transaction.atomic
def decide_request(*, pk: int, give: bool, by: UUID, at: datetime | str) -> int:
    """A person gives the copy back to the log's owner, or refuses; answers the entries given."""
    asked = Restoration.objects.select_for_update().filter(
        pk=pk, by_us=False, state=Restoration.State.ASKED
    )
    request = asked.first()
    if request is None:
        raise NoSuchRequest
    count = _give_back(request) if give else 0
    request.state = Restoration.State.GIVEN if give else Restoration.State.REFUSED
    request.decided_by, request.decided_at, request.entries = by, instant(at), count
    request.save(update_fields=["state", "decided_by", "decided_at", "entries"])
    return count


def _give_back(request: Restoration) -> int:
    replica = Replica.objects.select_for_update().get(source=request.other)
    if replica.checkpoint is None or replica.size < replica.checkpoint_size:
        raise CopyIncomplete(params={"size": replica.size, "signed": replica.checkpoint_size})
    published = PublishedKey.objects.filter(tenant=request.other, purpose=PublishedKey.PARCELS)
    receiver_key = unb64(published.latest("pk").key, 32)
    checkpoint, _ = copied_log_keys(replica).open(bytes(replica.checkpoint))
    Parcel.objects.filter(
        sender=current_tenant(), receiver=request.other, subject=RESTORED
    ).delete()
    for parcel, keys in _parcels(replica, checkpoint.size):
        context = parcel.context(str(request.other))
        sealed = seal_to(receiver_key, b"".join(keys), context)
        members = {name: getattr(parcel, name) for name in EntriesParcel.__slots__}
        leave_parcel(
            Parcel(
                sender=current_tenant(),
                receiver_id=request.other,
                subject=RESTORED,
                log_origin=replica.origin,
                from_index=parcel.start,
                to_index=parcel.end,
                body=EntriesParcel(**members | {"sealed_keys": sealed}).to_bytes(),
            )
        )
    answer_again(replica)
    return checkpoint.size


def _parcels(replica: Replica, size: int) -> Iterator[tuple[EntriesParcel, list[bytes]]]:
    tree, keks = CopyTree(replica.source), _Keks()
    turns = {change["index"] + 1: change["note"].encode() for change in replica.handovers}
    for start, end in _between(replica, size, turns):
        # where the log's key changed a parcel ends, with the checkpoint that both keys signed
        note = turns.get(end, bytes(replica.checkpoint))
        covered = end if end in turns else size
        within = {"source": replica.source, "index__gte": start, "index__lt": end}
        rows = ReplicaEntry.objects.filter(**within).order_by("index")
        leaves = {row.index: bytes(row.leaf) for row in rows}
        held = ReplicaPayload.objects.filter(**within, erased_at=None).order_by("index")
        payloads = [row for row in held if row.ciphertext is not None]
        items = _whole_items(within, leaves)
        aads = {index: read_leaf(index, leaf).core.aad() for index, leaf in leaves.items()}
        keys = [keks.data_key(row, aads[row.index]) for row in payloads]
        keys += [keks.data_key(row, items_aad(aads[row.index])) for row in items]
        yield (
            EntriesParcel(
                origin=replica.origin,
                start=start,
                leaves=list(leaves.values()),
                checkpoint=note,
                consistency=tree.consistency(end, covered),
                base_root=tree.root(start) if start else b"",
                base_proof=tree.consistency(start, covered) if start else [],
                payload_indexes=[row.index for row in payloads],
                payloads=[bytes(row.ciphertext) for row in payloads],
                item_indexes=[row.index for row in items],
                items=[bytes(row.ciphertext) for row in items],
            ),
            keys,
        )


def _between(replica: Replica, size: int, turns: Collection[int]) -> Iterator[tuple[int, int]]:
    """Start and end of each parcel."""
    start = 0
    while start < size:
        end = min(start + CHUNK, size, *(turn for turn in turns if turn > start))
        within = {"source": replica.source, "index__gte": start, "index__lt": end}
        held = weigh(
            (ReplicaEntry.objects.filter(**within), "leaf"),
            (ReplicaPayload.objects.filter(**within), "ciphertext"),
            (ReplicaItems.objects.filter(**within), "ciphertext"),
        )
        end = end_of_portion(start, end, held)
        yield start, end
        start = end


def _whole_items(within: dict, leaves: dict[int, bytes]) -> list[ReplicaItems]:
    """Batches that are held whole: a part of one cannot stand for it."""
    whole = {}
    for row in ReplicaItems.objects.filter(**within, erased_at=None).order_by("index", "pk"):
        count = read_leaf(row.index, leaves[row.index]).core.items_count
        if row.ciphertext is not None and len(unpack_places(bytes(row.places))) == count:
            whole[row.index] = row
    return list(whole.values())


@dataclass
class _Keks:
    """Unwraps each key-encryption key once."""

    def __post_init__(self) -> None:
        self._open: dict[int, bytes] = {}

    def data_key(self, row: ReplicaPayload | ReplicaItems, aad: bytes) -> bytes:
        version = row.kek_version
        if version not in self._open:
            self._open[version] = vault.kek_of(version).key
        return unwrap_key(self._open[version], bytes(row.wrapped_key), aad)


def log_lock() -> None:
    """Nobody opens a log of this tenant while this transaction lasts."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [connection.schema_name])
