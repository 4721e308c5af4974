"""Rotating the private keys that the tenant's server holds: new beside old, then the old retired.

Between the two steps both serve: signatures of either are accepted, cosignatures are made by both,
parcels open by either. Each step can be repeated and is taken up again.
"""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction

from ledger import vault
from ledger.core.encoding import b64
from ledger.core.errors import LedgerError
from ledger.core.keys import KeyRole
from ledger.core.sealing import open_sealed
from ledger.exchange.notices import NOTICES
from ledger.exchange.parcels import EntriesParcel
from ledger.models import KeyState, SigningKey, TenantSecret
from ledger.problems import KeyStillNeeded
from ledger.services.keys import enrol_server_key, open_log, revoke_key
from ledger.services.published_keys import publish_server_keys
from ledger.services.writing import server_keys
from tenants.context import current_tenant
from tenants.models import Parcel, PublishedKey

SERVER = uuid.UUID(int=0)  # who revokes, where no person does

_NAMES = {"cosigner": (vault.COSIGNER, vault.COSIGNER_MLDSA), "parcels": (vault.PARCELS,)}


def held_keys(role: KeyRole) -> list[str]:
    """Key ids of a role that may sign here, newest first."""
    return [key.kid for key in server_keys(role)]


def held_secrets(which: str) -> list[str]:
    """Names of the secrets that serve, newest first."""
    return [row.name for name in _NAMES[which] for row in vault.held(name)]


@transaction.atomic
def rotate_signing_key(role: KeyRole, *, at: datetime | str) -> str | None:
    """Enrol and approve a new key of a role, which signs from now on; its kid.

    None where there is none to replace; the one that a begun rotation made, if it was not retired.
    """
    open_log(at=at)
    SigningKey.objects.select_for_update().filter(role=role, state=KeyState.APPROVED).first()
    found = server_keys(role)
    if len(found) != 1:
        return found[0].kid if found else None
    old = found[0]
    return enrol_server_key(role=role, label=old.label, holder_id=old.holder_id, at=at).kid


@transaction.atomic
def retire_signing_keys(role: KeyRole, *, at: datetime | str) -> list[str]:
    """Revoke the replaced keys of a role by entries, and destroy their private halves."""
    retired = []
    for key in server_keys(role)[1:]:
        revoke_key(kid=key.kid, by=SERVER, at=at, reason="replaced by a newer key")
        vault.drop_secret(key.kid)
        retired.append(key.kid)
    return retired


@transaction.atomic
def rotate_secret(which: str, *, at: datetime | str) -> list[str]:
    """A new cosigner key of both algorithms, or parcel key, published; names of what serves."""
    open_log(at=at)
    for name in _NAMES[which]:
        if len(vault.held(name)) == 1:
            vault.add_secret(name)
    publish_server_keys()
    return held_secrets(which)


@transaction.atomic
def retire_secrets(which: str) -> list[str]:
    """Destroy the private halves that were replaced; their public ones stay in the directory.

    `KeyStillNeeded` while a parcel waits that only an old key opens.
    """
    old = [row for name in _NAMES[which] for row in vault.held(name)[1:]]
    if which == "parcels" and old:
        _check_waiting_parcels()
        _withdraw(old)
    for row in old:
        vault.drop_secret(row.name)
    return [row.name for row in old]


def _check_waiting_parcels() -> None:
    secret, own = vault.parcel_secret(), current_tenant()
    waiting = Parcel.objects.filter(receiver=own).exclude(subject__in=NOTICES)
    for parcel in waiting.select_related("sender").iterator(chunk_size=1):
        try:
            body = EntriesParcel.parse(bytes(parcel.body))
            open_sealed(secret, body.sealed_keys, body.context(str(own.pk)))
        except LedgerError as error:
            raise KeyStillNeeded(
                detail="A parcel of %(sender)s waits that was sealed to the old key.",
                mend="Take in what waits (the worker does so within a minute), then retire it.",
                params={"sender": parcel.sender.schema_name},
            ) from error


def _withdraw(old: list[TenantSecret]) -> None:
    """Nobody seals to what cannot be opened."""
    keys = [b64(bytes(row.public_key)) for row in old]
    PublishedKey.objects.filter(
        tenant=current_tenant(), purpose=PublishedKey.PARCELS, key__in=keys
    ).delete()
