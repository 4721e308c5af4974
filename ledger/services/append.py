"""Appending: one entry, ten thousand, a batch of items, or a signed tape with its rows.

Each is the last statement of the caller's business transaction, so that the row and its entry are
atomic. Everything here takes the caller's times; nothing reads a clock.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from ledger.core.ed25519 import verifier
from ledger.core.errors import MalformedError, SignatureError
from ledger.core.hashing import leaf_hash, root_of_hashes
from ledger.core.items import BatchItem
from ledger.core.keys import KeyRole
from ledger.core.leaves import Core, row_paths
from ledger.drafts import Draft, item_table, record_id, stamp
from ledger.halting import check_goes_on
from ledger.models import Head, KeyState, SigningKey
from ledger.problems import BadSignature, KeyNotApproved, MalformedRecord
from ledger.reasons import Reason
from ledger.services.keys import ensure_back_office_key, open_log
from ledger.services.writing import (
    Appended,
    Signed,
    held_signer,
    with_paths,
    write_drafts,
    write_signed,
)

Sign = Callable[[bytes], bytes]


def append_entries(*, drafts: Sequence[Draft]) -> list[Appended]:
    """Append drafts in order, all or none; answers where each stands.

    Raises `BadSignature`, `KeyNotApproved`, `Replayed` or `MalformedRecord`.
    """
    if not drafts:
        return []
    open_log(at=drafts[0].ts)
    return write_drafts(drafts=drafts)


def append_entry(*, draft: Draft) -> Appended:
    """Append one draft."""
    return append_entries(drafts=[draft])[0]


def append_batch(
    *,
    kind: str,
    rid: UUID | str,
    fields: Mapping[str, str],
    items: Sequence[BatchItem] | Mapping[str, list[str]],
    at: datetime | str,
) -> Appended:
    """One entry for many items under one salted root, signed by the service key.

    `items` are single `BatchItem`s or, for many, columns (name → values of one length, absent
    values ""); a column `lease_rid` decides which counterparty may see an item.
    """
    try:
        table = item_table(items)
        draft = Draft.service(kind=kind, rid=rid, fields=fields, ts=at, items=table)
    except MalformedError as error:
        raise MalformedRecord(detail="%(reason)s.", params={"reason": Reason(error)}) from error
    return append_entry(draft=draft)


def append_tape(
    *,
    rid: UUID | str,
    fields: Mapping[str, str],
    rows: Sequence[Draft],
    at: datetime | str,
    kid: str | None = None,
    sign: Sign | None = None,
) -> list[Appended]:
    """A `tape.imported` entry and its rows, signed once by a back-office key.

    `rows` come from `ledger.drafts.rows`. The key's signature covers the Merkle root of the rows'
    signed cores and, through `fields` (the file's hash and counts), the file. `sign` is the
    holder's own signing function for key `kid`; without it this server's back-office key signs.
    Answers the tape's entry first, then the rows in order.
    """
    head = open_log(at=at)
    check_goes_on(head)
    kid, sign = _tape_signer(kid, sign, at)
    try:
        tape, signed = _signed_tape(head, record_id(rid), fields, rows, stamp(at), kid, sign)
    except MalformedError as error:
        raise MalformedRecord(detail="%(reason)s.", params={"reason": Reason(error)}) from error
    return write_signed([tape, *signed], head.log_id)


def _tape_signer(kid: str | None, sign: Sign | None, at: datetime | str) -> tuple[str, Sign]:
    if kid is None:
        return held_signer(ensure_back_office_key(at=at))
    key = SigningKey.objects.filter(kid=kid, state=KeyState.APPROVED).first()
    if key is None or key.role != KeyRole.BACK_OFFICE:
        raise KeyNotApproved(detail="A tape is signed with an approved back-office key.")
    return (kid, sign) if sign is not None else held_signer(key)


def _signed_tape(
    head: Head,
    rid: str,
    fields: Mapping[str, str],
    rows: Sequence[Draft],
    ts: str,
    kid: str,
    sign: Sign,
) -> tuple[Signed, list[Signed]]:
    cores = [row.core(log_id=head.log_id, device=kid) for row in rows]
    hashes = [leaf_hash(core.to_bytes()) for core in cores]
    draft = Draft.service(kind="tape.imported", rid=rid, fields=fields, ts=ts)
    plain = draft.core(log_id=head.log_id, device=kid)
    core = Core(
        kind=plain.kind,
        rid=rid,
        log_id=head.log_id,
        device=kid,
        ts=ts,
        fields_root=plain.fields_root,
        items_root=root_of_hashes(hashes),
        items_count=len(rows),
    )
    signature = sign(core.to_bytes())
    _check_own_signature(kid, core, signature)
    signed = [Signed(row, core) for row, core in zip(rows, cores, strict=True)]
    return Signed(draft, core, signature), with_paths(signed, rid, row_paths(hashes))


def _check_own_signature(kid: str, core: Core, signature: bytes) -> None:
    public = bytes(SigningKey.objects.get(kid=kid).public_key)
    try:
        verifier(public).verify(core.to_bytes(), signature)
    except SignatureError as error:
        raise BadSignature(detail="The tape's signature is not of the key it names.") from error


__all__ = [
    "Appended",
    "append_batch",
    "append_entries",
    "append_entry",
    "append_tape",
]
