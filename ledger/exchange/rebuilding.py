"""The original's half of a restore: verify what came, write it, rebuild keys, name the rest."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from ledger import receipt_ends, vault
from ledger.core.audit import LogAuditor, Taken
from ledger.core.checkpoints import Checkpoint, open_checkpoint
from ledger.core.envelope import items_aad, unseal, wrap_key
from ledger.core.erasures import KIND as ERASED
from ledger.core.erasures import Erasure as Told
from ledger.core.erasures import parse_erasure
from ledger.core.errors import LedgerError, ProofError
from ledger.core.items import share_from_bytes
from ledger.core.keyring import KINDS, KeyRing
from ledger.core.leaves import Core, Leaf
from ledger.core.log_keys import ROTATED, LogKeys
from ledger.core.payloads import Payload
from ledger.core.sealing import open_by_any
from ledger.core.title_root import KIND as ROOT
from ledger.drafts import instant
from ledger.exchange.notices import RESTORED
from ledger.exchange.parcels import EntriesParcel, split_keys
from ledger.exchange.restored_checkpoints import store_checkpoint
from ledger.exchange.restored_roots import keep_roots
from ledger.exchange.restoring import log_lock
from ledger.exchange.returning import not_returned
from ledger.exchange.thawing import check_restored, resolve_after_commit
from ledger.halting import compared
from ledger.models import Erasure, Head, Outbox, Restoration
from ledger.problems import LogExists, NoSuchRequest, RestoreRefused
from ledger.reasons import Reason
from ledger.services.keys import rebuild_keys
from ledger.services.published_keys import lost_log_keys
from ledger.signing import signer_of
from ledger.signing.freeze import Contradiction
from ledger.witnessing.state import recall_logs
from tenants.context import current_tenant
from tenants.database.bound import run_bound
from tenants.models import Parcel, PublishedKey, Tenant


@dataclass
class Restored:
    """What came back, and what only a backup still has."""

    entries: int = 0
    payloads: int = 0
    items: int = 0
    missing_payloads: list[int] = field(default_factory=list)
    missing_items: list[int] = field(default_factory=list)
    erased: list[int] = field(default_factory=list)  # on purpose, as the log itself says
    revoked_keys: list[str] = field(default_factory=list)
    cosigners: list[str] = field(default_factory=list)
    recalled: list[str] = field(default_factory=list)  # others' logs that we are seen to cosign
    not_returned: dict[str, int | None] = field(default_factory=dict)  # `returning`, by model
    thawed: Contradiction | None = None  # what had frozen the log, and is in it now


@transaction.atomic
def take_back_log(*, from_tenant: Tenant, at: datetime | str) -> Restored:
    """Write the log that `from_tenant` gave back, all or nothing, and let it go on.

    Every entry, payload, proof and signature is verified as by a stranger, against the log key that
    this tenant published. Raises `NoSuchRequest` if it was not asked for or has not come,
    `RestoreRefused` naming what does not hold. A log that was frozen by a tree that it has then is
    no longer: `Restored.thawed`.
    """
    log_lock()
    if Head.objects.exists():
        raise LogExists
    asked = Restoration.objects.select_for_update().filter(
        other=from_tenant.pk, by_us=True, state=Restoration.State.ASKED
    )
    request = asked.last()
    mailbox = Parcel.objects.filter(
        sender=from_tenant, receiver=current_tenant(), subject=RESTORED
    ).order_by("from_index")
    keys = lost_log_keys()
    if request is None or keys is None or not mailbox.exists():
        raise NoSuchRequest
    try:
        restored = _Rebuilding(keys).run(mailbox, at)
    except LedgerError as error:
        raise RestoreRefused(detail="%(reason)s.", params={"reason": Reason(error)}) from error
    if restored.thawed is not None:
        log_id = keys.first.name.rpartition("/")[2]
        resolve_after_commit(signer_of(log_id).freeze, str(from_tenant), at)
    transaction.on_commit(receipt_ends.forget)  # what was taken in beside it did not come back
    mailbox.delete()
    Outbox.objects.create(
        to_tenant=from_tenant.pk, cursor=restored.entries, cosigned_size=restored.entries
    )
    request.state, request.decided_at = Restoration.State.TAKEN, instant(at)
    request.entries = restored.entries
    request.missing_payloads = restored.missing_payloads
    request.missing_items = restored.missing_items
    request.not_returned = restored.not_returned = not_returned()
    request.save()
    restored.recalled = [row.origin for row in recall_logs()]
    return restored


class _Rebuilding:
    """One log, chunk by chunk."""

    def __init__(self, keys: LogKeys) -> None:
        self._told: list[tuple[Told, str, str]] = []  # an erasure, who made it and when
        self._keys, self._origin = keys, keys.first.name
        self._log_id = self._origin.rpartition("/")[2]
        self._auditor = LogAuditor(self._log_id, keys=KeyRing(log_key=keys.first))
        self._done, self._lives = Restored(), []
        self._roots: list[tuple[int, Core, dict[str, str]]] = []  # of the parcel that is taken
        self._sealed: set[int] = set()  # changes of the log's key whose checkpoint came
        self._kek = vault.current_kek()

    def run(self, mailbox, at: datetime | str) -> Restored:
        with connection.cursor() as cursor:
            cursor.execute("SELECT ledger_open(%s, %s)", [self._log_id, self._origin])
        note, checkpoint = b"", None
        for pk in list(mailbox.values_list("pk", flat=True)):
            parcel = EntriesParcel.parse(bytes(mailbox.get(pk=pk).body))
            note, checkpoint = parcel.checkpoint, self._keys.open(parcel.checkpoint)[0]
            self._take(parcel)
            if checkpoint.size == parcel.end and parcel.end in self._turns():
                self._check_turn(note)
                self._check_end(checkpoint)
                self._sealed.add(checkpoint.size)
                self._done.cosigners += store_checkpoint(checkpoint, note)
        self._check_end(checkpoint)
        assert checkpoint is not None
        size = checkpoint.size
        self._done.thawed = check_restored(signer_of(self._log_id), size, self._keys)
        self._check_keys(size)
        if missing := self._turns() - self._sealed:
            raise ProofError(
                f"entry {min(missing) - 1} changes the log's key, and the checkpoint that both "
                "keys signed did not come; ask another counterparty"
            )
        if size not in self._turns():
            self._done.cosigners += store_checkpoint(checkpoint, note)
        self._erase()
        self._done.entries = size
        with compared(self._log_id):
            ring = self._auditor.keys
            self._done.revoked_keys = rebuild_keys(ring=ring, lives=self._lives, at=at)
        return self._done

    def _turns(self) -> set[int]:
        """Sizes at which the log's key changed, as far as it was read."""
        return {index + 1 for index, _ in self._auditor.keys.rotations}

    def _check_turn(self, note: bytes) -> None:
        """Both keys signed the checkpoint in which one hands over."""
        old = self._auditor.keys.rotations[-1][1]
        open_checkpoint(note, old)

    def _check_keys(self, size: int) -> None:
        """What was published of the log's keys is what its entries say.

        A key that a lost entry beyond handed over to signed nothing, says the signer: it goes.
        """
        known = self._auditor.keys.log_keys.reigns
        if self._keys.reigns[: len(known)] != known:
            raise ProofError("its entries lead to other keys of the log than were published")
        PublishedKey.objects.filter(
            tenant=current_tenant(),
            purpose__in=(PublishedKey.LOG, PublishedKey.LOG_MLDSA),
            from_index__gte=size,
        ).delete()

    def _check_end(self, checkpoint: Checkpoint | None) -> None:
        size, root = self._auditor.frontier.size, self._auditor.frontier.root()
        if checkpoint is None or (checkpoint.size, checkpoint.root) != (size, root):
            raise ProofError(f"the {size} entries do not lead to the checkpoint beside them")

    def _take(self, parcel: EntriesParcel) -> None:
        if parcel.origin != self._origin or parcel.start != self._auditor.frontier.size:
            raise ProofError(f"entries from {self._auditor.frontier.size} on are missing")
        context = parcel.context(str(current_tenant().pk))
        keys = split_keys(
            open_by_any(vault.parcel_secrets(), parcel.sealed_keys, context),
            len(parcel.payloads) + len(parcel.items),
        )
        sealed = dict(
            zip(parcel.payload_indexes, zip(parcel.payloads, keys, strict=False), strict=True)
        )
        self._roots.clear()
        taken = [self._one(data, sealed) for data in parcel.leaves]
        keep_roots(self._roots)
        self._append(taken, parcel.leaves, sealed)
        items = zip(parcel.item_indexes, parcel.items, keys[len(parcel.payloads) :], strict=True)
        self._put_items(taken, list(items))

    def _one(self, data: bytes, sealed: dict[int, tuple[bytes, bytes]]) -> Taken:
        index = self._auditor.frontier.size

        def show(leaf: Leaf) -> Payload | None:
            if index not in sealed:
                return None
            ciphertext, key = sealed[index]
            payload = Payload.parse(leaf.open(ciphertext, key))
            if leaf.core.kind in KINDS - {ROTATED}:
                self._lives.append((leaf.core, payload.fields))
            if leaf.core.kind == ROOT:
                self._roots.append((index, leaf.core, payload.fields))
            if leaf.core.kind == ERASED:
                erased_by = payload.fields.get("erased_by", "")
                self._told.append((parse_erasure(index, payload.fields), erased_by, leaf.core.ts))
            return payload

        return self._auditor.take(data, show)

    def _append(
        self,
        taken: Sequence[Taken],
        leaves: Sequence[bytes],
        sealed: dict[int, tuple[bytes, bytes]],
    ) -> None:
        cores = [item.leaf.core for item in taken]
        ciphertexts = [sealed.get(item.index, (None, None))[0] for item in taken]
        wrapped = [
            wrap_key(self._kek.key, sealed[item.index][1], item.leaf.core.aad())
            if item.index in sealed
            else None
            for item in taken
        ]
        run_bound(
            "SELECT ledger_append(%b::text[], %b::uuid[], %b::text[], %b::text[], %b::bytea[], "
            "%b::bytea[], %b::bytea[], %b)",
            [
                [core.kind for core in cores],
                [UUID(core.rid) for core in cores],
                [core.ts for core in cores],
                [core.device for core in cores],
                list(leaves),
                ciphertexts,
                wrapped,
                self._kek.version,
            ],
        )
        self._done.payloads += len(sealed)
        self._done.missing_payloads += [item.index for item in taken if item.index not in sealed]

    def _put_items(self, taken: Sequence[Taken], items: list[tuple[int, bytes, bytes]]) -> None:
        by_index = {item.index: item.leaf for item in taken}
        for index, ciphertext, key in items:
            leaf = by_index.get(index)
            if leaf is None:
                raise ProofError(f"items of entry {index} come without it")
            leaf.check_key(key)
            aad = items_aad(leaf.core.aad())
            share = share_from_bytes(unseal(key, ciphertext, aad))
            share.verify(leaf.core.items_root or b"", leaf.core.items_count)
            row = [index, ciphertext, wrap_key(self._kek.key, key, aad), self._kek.version]
            run_bound("SELECT ledger_put_items(%b, %b, %b, %b)", row)
        self._done.items += len(items)
        held = {index for index, _, _ in items}
        self._done.missing_items += [
            index
            for index, leaf in by_index.items()
            if leaf.core.items_root is not None
            and leaf.core.kind != "tape.imported"  # its items are the rows that follow it
            and index not in held
        ]

    def _erase(self) -> None:
        """What the log says was erased is erased, not lost; nothing of it may have come back.

        What counterparties answered is theirs to say again: the giver does so with the copy.
        """
        for told, erased_by, ts in self._told:
            with connection.cursor() as cursor:
                cursor.execute("SELECT ledger_erase(%s, %s)", [told.entry, instant(ts)])
            Erasure.objects.create(
                index=told.entry,
                told_by=told.told_by,
                reason=told.reason,
                erased_by=UUID(erased_by) if erased_by else None,
                erased_at=instant(ts),
            )
        self._done.erased = sorted(told.entry for told, _, _ in self._told)
        gone = set(self._done.erased)
        for missing in (self._done.missing_payloads, self._done.missing_items):
            missing[:] = [index for index in missing if index not in gone]
