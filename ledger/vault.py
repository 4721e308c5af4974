"""Secrets that the tenant's server holds, each wrapped by the root key; made when first needed."""

from collections.abc import Callable
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import Max, Q

from ledger.core.ed25519 import SecretKey
from ledger.core.envelope import AES_GCM, cipher_of, new_key
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

    @property
    def cipher(self) -> str:
        """What it wraps by, and what is written under it is sealed by."""
        return cipher_of(self.key)


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
def new_kek(*, version: int, cipher: str = AES_GCM) -> Kek:
    """Make and store a key-encryption key of a cipher; a process that was first wins."""
    hold_root_key()
    wrapped = root_keys().wrap(new_key(cipher), kek_context(version))
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


COSIGNER, COSIGNER_MLDSA, PARCELS = "cosigner", "cosigner-mldsa", "parcels"
RECEIPTS = "receipts"
_MAKERS: dict[str, tuple[SecretPurpose, Callable[[], bytes], Callable[[bytes], bytes]]] = {
    COSIGNER: (SecretPurpose.COSIGN, new_key, lambda seed: SecretKey(seed).public),
    COSIGNER_MLDSA: (SecretPurpose.COSIGN, new_key, lambda seed: MlDsaSecretKey(seed).public),
    PARCELS: (SecretPurpose.RECEIVE, new_secret, public_of),
    RECEIPTS: (SecretPurpose.ATTEST, new_key, lambda key: b""),
}


def held(name: str) -> list[TenantSecret]:
    """The secrets of a purpose, newest first: `name`, then `name/2` and so on as it is rotated."""
    rows = TenantSecret.objects.filter(Q(name=name) | Q(name__startswith=f"{name}/"))
    return sorted(rows, key=_number, reverse=True)


def _number(row: TenantSecret) -> int:
    return int(row.name.partition("/")[2] or 1)


@transaction.atomic
def add_secret(name: str) -> TenantSecret:
    """Make the next secret of a purpose; the one of another process, if that was first."""
    hold_root_key()
    before = held(name)
    number = _number(before[0]) + 1 if before else 1
    full = name if number == 1 else f"{name}/{number}"
    purpose, make, public = _MAKERS[name]
    secret = make()
    row, _ = TenantSecret.objects.get_or_create(
        name=full,
        defaults={
            "purpose": purpose,
            "public_key": public(secret),
            "wrapped": root_keys().wrap(secret, full.encode()),
        },
    )
    return row


def drop_secret(name: str) -> None:
    """Destroy a private half."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT ledger_drop_secret(%s)", [name])


def _all(name: str) -> list[bytes]:
    return [_open(row) for row in held(name) or [add_secret(name)]]


def cosigner_secrets() -> list[SecretKey | MlDsaSecretKey]:
    """What this tenant cosigns with: the newest of each algorithm, then those being replaced."""
    first, *old = map(SecretKey, _all(COSIGNER))
    second, *old_second = map(MlDsaSecretKey, _all(COSIGNER_MLDSA))
    return [first, second, *old, *old_second]


def cosigner_secret() -> SecretKey:
    """The key this tenant cosigns replicas with."""
    return SecretKey(_all(COSIGNER)[0])


def cosigner_mldsa_secret() -> MlDsaSecretKey:
    """The ML-DSA-44 key this tenant cosigns with, beside its Ed25519 one."""
    return MlDsaSecretKey(_all(COSIGNER_MLDSA)[0])


def parcel_secrets() -> list[bytes]:
    """X25519 keys that parcels to this tenant may be sealed to, newest first."""
    return _all(PARCELS)


def parcel_secret() -> bytes:
    """The X25519 key that parcels to this tenant are to be sealed to."""
    return _all(PARCELS)[0]


def receipt_key() -> bytes:
    """The MAC key of what this tenant states to have taken in."""
    return _all(RECEIPTS)[0]


def _open(row: TenantSecret) -> bytes:
    return root_keys().unwrap(bytes(row.wrapped), row.name.encode())
