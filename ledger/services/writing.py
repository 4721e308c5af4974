"""Signing, sealing and storing drafts: what every append comes down to."""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import islice
from typing import NamedTuple
from uuid import UUID

import psycopg
from django.db import transaction

from ledger import vault
from ledger.core.ed25519 import verifier
from ledger.core.envelope import items_aad, record_aad, seal_record, wrap_key
from ledger.core.errors import LedgerError, MalformedError, SignatureError
from ledger.core.items import ItemShare, ItemTable, share_to_bytes
from ledger.core.keys import KeyRole
from ledger.core.leaves import Core, Leaf, RowPath
from ledger.drafts import Draft
from ledger.halting import check_goes_on, standing
from ledger.models import Entry, Head, KeyState, SecretPurpose, SigningKey, TenantSecret
from ledger.problems import (
    BadSignature,
    KeyNotApproved,
    KeyRevokedMeanwhile,
    MalformedRecord,
    Replayed,
)
from ledger.reasons import Reason
from tenants.database.bound import pipelined, run_bound
from tenants.database.durability import EARLY, answered_when_durable
from tenants.problems import FieldError

CHUNK = 500  # entries a call of the database function: bounds memory, not the transaction
_APPEND = (
    "SELECT ledger_append(%b::text[], %b::uuid[], %b::text[], %b::text[], %b::bytea[], "
    f"%b::bytea[], %b::bytea[], %b), {EARLY}"
)
_PUT_ITEMS = "SELECT ledger_put_items(%b, %b, %b, %b)"


class Appended(NamedTuple):
    """Where an entry stands."""

    index: int
    kind: str
    rid: str
    leaf: bytes


@dataclass(frozen=True)
class Signed:
    """A draft whose core is signed, or is a row of a signed tape."""

    draft: Draft
    core: Core
    signature: bytes | None = None
    row: RowPath | None = None


class Row(NamedTuple):
    """Columns of `ledger_append`, and what the items table gets."""

    kind: str
    rid: str
    ts: str
    kid: str
    leaf: bytes
    ciphertext: bytes
    wrapped_key: bytes
    items: tuple[bytes, bytes] | None


def server_key(role: KeyRole) -> SigningKey | None:
    """The newest approved key of a role whose private half this server holds."""
    return next(iter(server_keys(role)), None)


def server_keys(role: KeyRole) -> list[SigningKey]:
    """Approved keys of a role that this server holds, the one that the log approved last first.

    By the places of the entries that approve them, not by any clock: that may have gone back
    between two. One that is not in the log yet comes first.
    """
    held = TenantSecret.objects.filter(purpose=SecretPurpose.SIGN).values("name")
    keys = list(SigningKey.objects.filter(role=role, state=KeyState.APPROVED, kid__in=held))
    if len(keys) < 2:
        return keys
    rids = [key.rid for key in keys]
    entries = Entry.objects.filter(rid__in=rids, kind="device.approved").order_by("-index")
    places = dict(entries.values_list("rid", "index"))  # the first of several counts
    return sorted(keys, key=lambda key: places.get(key.rid, math.inf), reverse=True)


def service_signer() -> tuple[str, Callable[[bytes], bytes]]:
    """(kid, sign) of the tenant's service key."""
    return held_signer(server_key(KeyRole.SERVICE))


def held_signer(key: SigningKey | None) -> tuple[str, Callable[[bytes], bytes]]:
    """(kid, sign) of a key that this server holds."""
    secret = None if key is None else vault.signing_secret(key.kid)
    if key is None or secret is None:
        raise KeyNotApproved(detail="This server holds no approved key for such a record.")
    return key.kid, secret.sign


def sign_drafts(drafts: Iterable[Draft], log_id: str) -> list[Signed]:
    """Check devices' signatures, and sign the rest with the service key."""
    found = list(drafts)
    devices = {draft.device for draft in found if draft.device is not None}
    verifiers = {kid: verifier(public) for kid, public in _approved(devices).items()}
    service: tuple[str, Callable[[bytes], bytes]] | None = None
    signed = []
    for draft in found:
        if draft.device is None:
            service = service or service_signer()
            core = draft.core(log_id=log_id, device=service[0])
            signed.append(Signed(draft, core, service[1](core.to_bytes())))
            continue
        core = draft.core(log_id=log_id, device=draft.device)
        try:
            verifiers[draft.device].verify(core.to_bytes(), draft.signature or b"")
        except SignatureError as error:
            reason = {"reason": Reason(error)}
            detail = "The signature does not hold: %(reason)s."
            field = FieldError("dev_sig", "bad_signature", detail, params=reason)
            raise BadSignature(errors=[field]) from error
        signed.append(Signed(draft, core, draft.signature))
    return signed


def _approved(kids: set[str]) -> dict[str, bytes]:
    keys = SigningKey.objects.filter(kid__in=kids, state=KeyState.APPROVED)
    found = {key.kid: bytes(key.public_key) for key in keys}
    if missing := kids - found.keys():
        field = FieldError(
            "device",
            "not_approved",
            "The key %(kid)s is not approved.",
            params={"kid": min(missing)},
        )
        raise KeyNotApproved(errors=[field])
    return found


def sealed(signed: Signed, kek: vault.Kek, log_id: str) -> Row:
    """A signed draft with its payload encrypted under a data key of its own."""
    draft, core = signed.draft, signed.core
    aad = record_aad(log_id=log_id, rid=draft.rid, version=draft.ts, kind=draft.kind)
    ciphertext, key = seal_record(draft.payload.to_bytes(), aad, kek.cipher)
    digest = sha256(ciphertext).digest()
    leaf = Leaf(core, digest, signed.signature, signed.row, draft.prev, kek.cipher)
    items = None if draft.items is None else _sealed_items(draft.items, kek, items_aad(aad))
    return Row(
        kind=draft.kind,
        rid=draft.rid,
        ts=draft.ts,
        kid=core.device,
        leaf=leaf.to_bytes(),
        ciphertext=ciphertext,
        wrapped_key=wrap_key(kek.key, key, aad),
        items=items,
    )


def _sealed_items(items: ItemTable, kek: vault.Kek, aad: bytes) -> tuple[bytes, bytes]:
    whole = ItemShare(len(items), list(range(len(items))), items, [])
    ciphertext, key = seal_record(share_to_bytes(whole), aad, kek.cipher)
    return ciphertext, wrap_key(kek.key, key, aad)


def write_drafts(*, drafts: Sequence[Draft]) -> list[Appended]:
    """Sign and append drafts to the log, which is open.

    Where the service key was replaced and revoked since it was asked, the new one signs.
    """
    head = Head.objects.get()
    check_goes_on(head)
    try:
        return write_signed(sign_all(drafts, head.log_id), head.log_id)
    except KeyRevokedMeanwhile:
        return write_signed(sign_all(drafts, head.log_id), head.log_id)


def sign_all(drafts: Sequence[Draft], log_id: str) -> list[Signed]:
    """`sign_drafts` with the errors of the core told as a `Problem`."""
    try:
        return sign_drafts(drafts, log_id)
    except MalformedError as error:
        raise MalformedRecord(detail="%(reason)s.", params={"reason": Reason(error)}) from error


def write_signed(signed: Sequence[Signed], log_id: str) -> list[Appended]:
    """Seal and store in order, all or nothing. The head stays locked until the commit.

    The caller's transaction commits early and is answered when it is on the disk (`durability`):
    the next one has the head while this one's bytes are written.

    Where the key-encryption key was retired since it was asked, the new one is taken.
    """
    try:
        return _write_under(vault.current_kek(), signed, log_id)
    except psycopg.errors.SerializationFailure:
        return _write_under(vault.current_kek(), signed, log_id)


def _write_under(kek: vault.Kek, signed: Sequence[Signed], log_id: str) -> list[Appended]:
    source = iter(signed)
    stored: list[tuple[list[Row], psycopg.Cursor]] = []
    try:
        with transaction.atomic():
            answered_when_durable()
            with pipelined() as send:  # one chunk is sealed while the database takes the last one
                while chunk := [sealed(item, kek, log_id) for item in islice(source, CHUNK)]:
                    stored.append((chunk, send(_APPEND, [*_columns(chunk), kek.version])))
            appended = [found for rows, cursor in stored for found in _placed(rows, cursor)]
            for place, row in zip(
                appended, (row for rows, _ in stored for row in rows), strict=True
            ):
                if row.items is not None:
                    run_bound(_PUT_ITEMS, [place.index, *row.items, kek.version])
    except LedgerError as error:
        raise MalformedRecord(detail="%(reason)s.", params={"reason": Reason(error)}) from error
    except psycopg.errors.UniqueViolation as error:
        raise Replayed from error
    except psycopg.errors.InvalidAuthorizationSpecification as error:
        raise KeyRevokedMeanwhile from error
    except psycopg.errors.ObjectNotInPrerequisiteState as error:
        raise standing() from error
    return appended


def _columns(rows: list[Row]) -> list[list[object]]:
    columns = [list(column) for column in zip(*(row[:7] for row in rows), strict=True)]
    columns[1] = [UUID(rid) for rid in columns[1]]
    return columns


def _placed(rows: list[Row], cursor: psycopg.Cursor) -> Iterator[Appended]:
    ((first, _early),) = cursor.fetchall()
    for index, row in enumerate(rows, start=first):
        yield Appended(index, row.kind, row.rid, row.leaf)


def with_paths(signed: Sequence[Signed], tape: str, paths: Iterable[tuple[bytes, ...]]) -> list:
    """Rows of a tape with their places and paths under its root."""
    return [
        replace(item, row=RowPath(tape, place, path))
        for place, (item, path) in enumerate(zip(signed, paths, strict=True))
    ]
