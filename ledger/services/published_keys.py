"""The keys that a tenant publishes: its log's, its cosigner's, and what parcels are sealed to."""

from django.db import transaction

from ledger import vault
from ledger.core.encoding import b64
from ledger.core.log_keys import LogKeys
from ledger.core.notes import NoteKey, cosigner_key
from ledger.core.sealing import public_of
from ledger.log_keys import own_turns, published_log_keys
from ledger.models import Head
from ledger.problems import KeyFileDamaged
from ledger.selectors import log_size
from ledger.signing import signer_of
from tenants.context import current_tenant
from tenants.models import PublishedKey


def lost_log_keys() -> LogKeys | None:
    """The keys of the log that this tenant published, where it has no log (any more)."""
    if Head.objects.exists():
        return None
    rows = PublishedKey.objects.filter(tenant=current_tenant(), purpose=PublishedKey.LOG)
    first = rows.order_by("pk").values_list("key", flat=True).first()
    if first is None:
        return None
    return published_log_keys(current_tenant().pk, NoteKey.parse(first).name)


def is_log_lost() -> bool:
    """Whether this tenant had a log and its database has none: another must not begin."""
    return lost_log_keys() is not None


def log_key_version() -> int:
    """Which of its keys this tenant's log has come to, as its entries say: 1 is the first."""
    return 1 + len(own_turns(log_size()))


def signing_key(head: Head, version: int | None = None) -> NoteKey:
    """The log's newest public key, whose secret is here; `KeyFileDamaged` if it is not.

    `version`: the one that its entries came to, for who asked already. While the key is replaced
    and retired the question is asked once more.
    """
    version = version or log_key_version()
    try:
        return signer_of(head.log_id).key(head.origin, version)
    except KeyFileDamaged:
        if log_key_version() == version:
            raise
        return signer_of(head.log_id).key(head.origin, log_key_version())


def publish_parcel_key() -> None:
    """Tell counterparties what parcels to this tenant are sealed to."""
    _publish(PublishedKey.PARCELS, b64(public_of(vault.parcel_secret())))


def cosigner_name(head: Head) -> str:
    """The name this tenant cosigns under."""
    return f"{head.origin}/cosigner"


def publish_keys(head: Head) -> None:
    _publish(PublishedKey.LOG, signer_of(head.log_id).create(head.origin).vkey())
    publish_other_keys(head)


def publish_other_keys(head: Head) -> None:
    publish_server_keys()
    ensure_second_keys(head)


def publish_server_keys() -> None:
    """Tell counterparties what this server cosigns with and opens parcels by, newest keys."""
    name = cosigner_name(Head.objects.get())
    for secret in (vault.cosigner_secret(), vault.cosigner_mldsa_secret()):
        _publish(PublishedKey.COSIGNER, cosigner_key(name, secret).vkey())
    publish_parcel_key()


def _publish(purpose: str, key: str) -> None:
    PublishedKey.objects.get_or_create(tenant=current_tenant(), purpose=purpose, key=key)


@transaction.atomic
def ensure_second_keys(head: Head) -> None:
    """Make and publish the ML-DSA-44 keys of the log and its cosigner, if there are none yet.

    Logs that were opened before have Ed25519 keys only. Once published, the log's must be here:
    `KeyFileDamaged` otherwise.
    """
    signer = signer_of(head.log_id)
    signing_key(head)  # where the first key is lost, no second is made beside it
    version = log_key_version()
    published = PublishedKey.objects.filter(tenant=current_tenant())
    if published.filter(purpose=PublishedKey.LOG_MLDSA).exists():
        signer.second_key(head.origin, version)
        return
    _publish(PublishedKey.LOG_MLDSA, signer.create_second(head.origin, version).vkey())
    cosigner = cosigner_key(cosigner_name(head), vault.cosigner_mldsa_secret())
    _publish(PublishedKey.COSIGNER, cosigner.vkey())
