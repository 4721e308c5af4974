"""Secrets that open a phone whose PIN is forgotten: one for each person and device.

The phone wraps its content key by one of them (docs/phone.md). A revoked device has none.
"""

import os
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from django.db import transaction

from ledger.core.envelope import seal_record, unseal, unwrap_key, wrap_key
from ledger.models import KeyState, SigningKey
from ledger.services import revoke_key
from ledger.vault import current_kek, kek_of
from mobile_api import selectors
from mobile_api.models import UnlockSecret
from mobile_api.problems import UnlockUnknown

SECRET_SIZE = 32


@dataclass(frozen=True)
class Unlock:
    """A secret in clear, on its way to the phone."""

    version: UUID
    secret: bytes


def unlock_aad(kid: str, person: UUID) -> bytes:
    """Binds the ciphertext and its key to the device and the person."""
    return f"unlock:{kid}:{person}".encode()


def version_of(kid: str) -> str:
    """Which secret a phone must hold for the online way to work; empty where none is kept."""
    found = UnlockSecret.objects.filter(kid=kid).values_list("version", flat=True).first()
    return str(found or "")


def unlock_secret(*, kid: str, by: UUID) -> Unlock:
    """The secret of a person's own approved device; raises a `Problem` that names its state."""
    selectors.check_device(kid, by)
    row = UnlockSecret.objects.filter(kid=kid, person=by).first()
    if row is None:
        raise UnlockUnknown
    aad = unlock_aad(kid, by)
    key = unwrap_key(kek_of(row.kek_version).key, bytes(row.wrapped_key), aad)
    return Unlock(row.version, unseal(key, bytes(row.ciphertext), aad))


@transaction.atomic
def renew_unlock_secret(*, kid: str, phone: UUID, by: UUID, at: datetime) -> Unlock:
    """Draw a new secret in place of any; what the former one wrapped it opens no more."""
    SigningKey.objects.select_for_update().filter(
        kid=kid
    ).first()  # a revocation comes before, or after
    selectors.check_device(kid, by)
    kek, aad = current_kek(), unlock_aad(kid, by)
    secret, version = os.urandom(SECRET_SIZE), uuid4()
    ciphertext, key = seal_record(secret, aad, kek.cipher)
    UnlockSecret.objects.update_or_create(
        kid=kid,
        defaults={
            "person": by,
            "phone": phone,
            "version": version,
            "ciphertext": ciphertext,
            "wrapped_key": wrap_key(kek.key, key, aad),
            "kek_version": kek.version,
            "given_at": at,
        },
    )
    return Unlock(version, secret)


@transaction.atomic
def revoke_device(*, kid: str, by: UUID, at: datetime, reason: str = "") -> SigningKey:
    """The phone signs nothing from now on, and nothing opens it online any more."""
    key = revoke_key(kid=kid, by=by, at=at, reason=reason)
    UnlockSecret.objects.filter(kid=kid).delete()
    return key


def sharers_of(kids: Collection[str]) -> dict[str, list[UUID]]:
    """For each device the people whose approved devices are on the very same phone, beside it."""
    approved = selectors.devices().filter(state=KeyState.APPROVED).values("kid")
    rows = list(UnlockSecret.objects.filter(kid__in=approved).values_list("kid", "phone", "person"))
    on: dict[UUID, set[UUID]] = {}
    for _kid, phone, person in rows:
        on.setdefault(phone, set()).add(person)
    return {kid: sorted(on[phone] - {person}) for kid, phone, person in rows if kid in kids}
