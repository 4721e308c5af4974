"""Opening a log, and the life of the keys that sign its entries."""

import os
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime

from django.conf import settings
from django.db import connection, transaction

from ledger import vault
from ledger.core.ed25519 import SecretKey, check_public_key
from ledger.core.encoding import b64
from ledger.core.errors import SignatureError
from ledger.core.keyring import KeyRing, KnownKey, recovery_text
from ledger.core.keys import KeyRole, key_id
from ledger.core.leaves import Core
from ledger.drafts import Draft, instant
from ledger.models import Head, KeyState, SecretPurpose, SigningKey
from ledger.problems import BadSignature, KeyNotApproved, LogLost, NoSuchEntry
from ledger.reasons import Reason
from ledger.services.integrating import drain
from ledger.services.published_keys import (
    is_log_lost,
    log_key_version,
    publish_keys,
    publish_other_keys,
)
from ledger.services.writing import server_key, write_drafts
from ledger.signing import signer_of
from tenants.problems import FieldError


def open_log(*, at: datetime | str) -> Head:
    """The head of this tenant's log, opened with its keys when it does not exist yet."""
    head = Head.objects.first()
    if head is not None:
        return head
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [connection.schema_name])
            head = Head.objects.first()
            if head is not None:
                return head
            if is_log_lost():
                raise LogLost
            log_id = uuid.uuid4().hex
            origin = f"{settings.PLATFORM_DOMAIN}/ledger/{log_id}"
            cursor.execute("SELECT ledger_open(%s, %s)", [log_id, origin])
        head = Head.objects.get()
        publish_keys(head)
        enrol_server_key(role=KeyRole.SERVICE, label="service", at=at)
    return Head.objects.get()


def rebuild_keys(
    *,
    ring: KeyRing,
    lives: Sequence[tuple[Core, Mapping[str, str]]],
    at: datetime | str,
) -> list[str]:
    """Signing keys as a restored log tells them; what this server held and lost is replaced.

    `lives`: the cores and fields of all `device.*` entries. The new service key is vouched for by
    the log's key. Answers the key ids that were revoked because their private half is lost.
    """
    head = Head.objects.get()
    signer_of(head.log_id).key(head.origin, log_key_version())  # a lost one is said here
    publish_other_keys(head)
    times: dict[str, dict[str, datetime]] = {}
    about: dict[str, Mapping[str, str]] = {}
    for core, fields in lives:
        times.setdefault(fields["kid"], {}).setdefault(core.kind, instant(core.ts))
        about.setdefault(fields["kid"], fields | {"rid": core.rid})
    for kid, known in ring.keys.items():
        SigningKey.objects.create(
            kid=kid,
            rid=about[kid]["rid"],
            role=known.role,
            public_key=known.public,
            label=about[kid].get("label", ""),
            holder_id=about[kid].get("holder"),
            state=_state_of(known),
            enrolled_at=times[kid]["device.enrolled"],
            approved_at=times[kid].get("device.approved"),
            revoked_at=times[kid].get("device.revoked"),
        )
    lost = SigningKey.objects.filter(
        role__in=[KeyRole.SERVICE, KeyRole.BACK_OFFICE], state=KeyState.APPROVED
    )
    kids = list(lost.order_by("enrolled_at", "kid").values_list("kid", flat=True))
    _enrol_by_log_key(head, at)
    for kid in kids:
        revoke_key(kid=kid, by=uuid.UUID(int=0), at=at, reason="its private half was lost")
    return kids


def _state_of(known: KnownKey) -> KeyState:
    if known.revoked is not None:
        return KeyState.REVOKED
    return KeyState.PENDING if known.approved is None else KeyState.APPROVED


def _enrol_by_log_key(head: Head, at: datetime | str) -> None:
    seed = os.urandom(32)
    kid = key_id(SecretKey(seed).public)
    index = Head.objects.get().size  # of this transaction: nobody else sees the log yet
    text = recovery_text(head.origin, index, kid)
    authority = signer_of(head.log_id).vouch(text, log_key_version())
    enrol_server_key(
        role=KeyRole.SERVICE, label="service", at=at, seed=seed, authority=b64(authority)
    )


@transaction.atomic
def enrol_key(
    *,
    role: KeyRole,
    public_key: bytes,
    at: datetime | str,
    label: str = "",
    holder_id: uuid.UUID | None = None,
    rid: uuid.UUID | None = None,
) -> SigningKey:
    """Register a public key, pending approval, with its `device.enrolled` entry.

    Enrolling a key again answers the first registration. Refuses keys that are not of prime order.
    """
    try:
        check_public_key(public_key)
    except SignatureError as error:
        detail, reason = "This key cannot be used: %(reason)s.", {"reason": Reason(error)}
        field = FieldError("public_key", "unusable", detail, params=reason)
        raise BadSignature(title="The public key is not acceptable.", errors=[field]) from error
    open_log(at=at)
    kid = key_id(public_key)
    known = SigningKey.objects.filter(kid=kid).first()
    if known is not None:
        return known
    key = SigningKey.objects.create(
        kid=kid,
        rid=rid or uuid.uuid4(),
        role=role,
        public_key=public_key,
        label=label,
        holder_id=holder_id,
        enrolled_at=instant(at),
    )
    write_drafts(drafts=[_key_draft("device.enrolled", key, at)])
    return key


@transaction.atomic
def enrol_server_key(
    *,
    role: KeyRole,
    label: str,
    at: datetime | str,
    holder_id: uuid.UUID | None = None,
    seed: bytes | None = None,
    authority: str = "",
) -> SigningKey:
    """Make a key that this server holds; approved at once, both entries written.

    `authority`: the log key's word for it (`keyring.recovery_text`), where no other key is left.
    Otherwise a service key that is there signs for the new one, which takes over afterwards.
    """
    seed = seed or os.urandom(32)
    public = SecretKey(seed).public
    key = SigningKey.objects.create(
        kid=key_id(public),
        rid=uuid.uuid4(),
        role=role,
        public_key=public,
        label=label,
        holder_id=holder_id,
        state=KeyState.APPROVED,
        enrolled_at=instant(at),
        approved_at=instant(at),
    )
    before = None if authority else server_key(KeyRole.SERVICE)
    if before is None:
        vault.store_signing_seed(seed=seed, name=key.kid, purpose=SecretPurpose.SIGN)
    more = {"authority": authority} if authority else {}
    drafts = [
        _key_draft("device.enrolled", key, at, **more),
        _key_draft("device.approved", key, at),
    ]
    write_drafts(drafts=drafts)
    if before is not None:
        vault.store_signing_seed(seed=seed, name=key.kid, purpose=SecretPurpose.SIGN)
    return key


def ensure_back_office_key(*, at: datetime | str, holder_id: uuid.UUID | None = None) -> SigningKey:
    """The approved back-office key that this server holds, made when there is none."""
    open_log(at=at)
    found = server_key(KeyRole.BACK_OFFICE)
    return found or enrol_server_key(
        role=KeyRole.BACK_OFFICE, label="back office", at=at, holder_id=holder_id
    )


@transaction.atomic
def approve_key(*, kid: str, by: uuid.UUID, at: datetime | str) -> SigningKey:
    """A manager lets a pending key sign from now on; writes `device.approved`. Idempotent."""
    key = _locked_key(kid)
    if key.state == KeyState.APPROVED:
        return key
    if key.state == KeyState.REVOKED:
        raise KeyNotApproved(
            detail="A revoked key is never approved again.", mend="Enrol the device with a new key."
        )
    key.state, key.approved_at = KeyState.APPROVED, instant(at)
    key.save(update_fields=["state", "approved_at"])
    write_drafts(drafts=[_key_draft("device.approved", key, at, approved_by=str(by))])
    return key


@transaction.atomic
def revoke_key(*, kid: str, by: uuid.UUID, at: datetime | str, reason: str = "") -> SigningKey:
    """The key signs nothing from now on; writes `device.revoked`. Idempotent."""
    key = _locked_key(kid)
    if key.state == KeyState.REVOKED:
        return key
    drain()  # what it signed and waits comes before the entry that ends it
    key.state, key.revoked_at = KeyState.REVOKED, instant(at)
    key.save(update_fields=["state", "revoked_at"])
    more = {"revoked_by": str(by)} | ({"reason": reason} if reason else {})
    write_drafts(drafts=[_key_draft("device.revoked", key, at, **more)])
    return key


def _locked_key(kid: str) -> SigningKey:
    key = SigningKey.objects.select_for_update().filter(kid=kid).first()
    if key is None:
        raise NoSuchEntry(title="No such key is enrolled.", mend="Enrol the device first.")
    return key


def _key_draft(kind: str, key: SigningKey, at: datetime | str, **more: str) -> Draft:
    fields = {"kid": key.kid, "role": str(key.role), "public_key": b64(bytes(key.public_key))}
    if key.label:
        fields["label"] = key.label
    if key.holder_id:
        fields["holder"] = str(key.holder_id)
    return Draft.service(kind=kind, rid=key.rid, fields=fields | more, ts=at)
