"""Secrets that the tenant's server holds, each wrapped by the root key; made when first needed."""

import os
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import Max

from ledger.core.ed25519 import SecretKey
from ledger.core.envelope import new_key
from ledger.core.mldsa import MlDsaSecretKey
from ledger.core.sealing import new_secret, public_of
from ledger.keystore import root_keys
from ledger.models import KeyEncryptionKey, SecretPurpose, TenantSecret
from ledger.problems import PayloadUnreadable


@dataclass(frozen=True, repr=False)
class Kek:
    """The key-encryption key of one version, open."""

    version: int
    key: bytes


def current_kek() -> Kek:
    """The newest key-encryption key."""
    version = KeyEncryptionKey.objects.aggregate(newest=Max("version"))["newest"]
    return kek_of(version) if version else new_kek(version=1)


def kek_of(version: int) -> Kek:
    """The key-encryption key of a version."""
    row = KeyEncryptionKey.objects.filter(version=version).first()
    if row is None:
        raise PayloadUnreadable(
            detail="The key-encryption key of version %(version)s is missing.",
            params={"version": version},
        )
    return Kek(version, root_keys().unwrap(bytes(row.wrapped), kek_context(version)))


@transaction.atomic
def new_kek(*, version: int) -> Kek:
    """Make and store a key-encryption key; a process that was first wins."""
    hold_root_key()
    wrapped = root_keys().wrap(new_key(), kek_context(version))
    KeyEncryptionKey.objects.get_or_create(version=version, defaults={"wrapped": wrapped})
    return kek_of(version)


def kek_context(version: int) -> bytes:
    return b"kek:%d" % version


def hold_root_key() -> None:
    """Until this transaction ends no root key is retired: what it wraps is not stored yet."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT ledger_hold_root()")


@transaction.atomic
def store_signing_seed(*, seed: bytes, name: str, purpose: SecretPurpose) -> None:
    """Keep an Ed25519 seed under `name`."""
    hold_root_key()
    TenantSecret.objects.create(
        name=name,
        purpose=purpose,
        public_key=SecretKey(seed).public,
        wrapped=root_keys().wrap(seed, name.encode()),
    )


def signing_secret(name: str) -> SecretKey | None:
    """The Ed25519 key kept under `name`, if this server holds it."""
    row = TenantSecret.objects.filter(name=name).first()
    return None if row is None else SecretKey(_open(row))


@transaction.atomic
def cosigner_secret() -> SecretKey:
    """The key this tenant cosigns replicas with."""
    secret = signing_secret("cosigner")
    if secret is None:
        store_signing_seed(seed=os.urandom(32), name="cosigner", purpose=SecretPurpose.COSIGN)
        secret = signing_secret("cosigner")
    assert secret is not None
    return secret


@transaction.atomic
def cosigner_mldsa_secret() -> MlDsaSecretKey:
    """The ML-DSA-44 key this tenant cosigns with, beside its Ed25519 one."""
    row = TenantSecret.objects.filter(name="cosigner-mldsa").first()
    if row is None:
        hold_root_key()
        seed = os.urandom(32)
        row = TenantSecret.objects.create(
            name="cosigner-mldsa",
            purpose=SecretPurpose.COSIGN,
            public_key=MlDsaSecretKey(seed).public,
            wrapped=root_keys().wrap(seed, b"cosigner-mldsa"),
        )
    return MlDsaSecretKey(_open(row))


@transaction.atomic
def parcel_secret() -> bytes:
    """The X25519 key that parcels to this tenant are sealed to."""
    row = TenantSecret.objects.filter(name="parcels").first()
    if row is None:
        hold_root_key()
        secret = new_secret()
        row = TenantSecret.objects.create(
            name="parcels",
            purpose=SecretPurpose.RECEIVE,
            public_key=public_of(secret),
            wrapped=root_keys().wrap(secret, b"parcels"),
        )
    return _open(row)


def _open(row: TenantSecret) -> bytes:
    return root_keys().unwrap(bytes(row.wrapped), row.name.encode())
