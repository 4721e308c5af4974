"""What this server must hold to go on with its log: keys that its entries or the directory name."""

from collections.abc import Mapping

from ledger import vault
from ledger.core.audit import AuditError
from ledger.core.encoding import b64
from ledger.core.keys import KeyRole
from ledger.core.notes import ED25519_COSIGNATURE, MLDSA44_COSIGNATURE, NoteKey
from ledger.models import KeyEncryptionKey, KeyState, SigningKey, TenantSecret
from tenants.context import current_tenant
from tenants.models import PublishedKey

PART = "held_key"
_KINDS = {vault.COSIGNER: ED25519_COSIGNATURE, vault.COSIGNER_MLDSA: MLDSA44_COSIGNATURE}


def check_held(size: int) -> None:
    """Raise `AuditError` where something of it is missing, other than published, or closed."""
    newest = KeyEncryptionKey.objects.order_by("version").last()
    if newest is not None and newest.closed_at is not None:
        raise AuditError(
            size, PART, f"key-encryption key {newest.version} is closed, and no newer one is there"
        )
    service = SigningKey.objects.filter(role=KeyRole.SERVICE, state=KeyState.APPROVED)
    held = TenantSecret.objects.values("name")
    for kid in service.exclude(kid__in=held).values_list("kid", flat=True)[:1]:
        raise AuditError(size, PART, f"the private half of the service key {kid} is missing")
    # read before the directory: what is held was published with it, also while this goes on
    secrets = {name: vault.held(name) for name in (*_KINDS, vault.PARCELS)}
    for name, published in _published().items():
        rows = secrets[name]
        if published and (not rows or b64(bytes(rows[0].public_key)) not in published):
            detail = f"the key that was published as {name} is not the one that is held"
            raise AuditError(size, PART, detail)


def _published() -> Mapping[str, set[str]]:
    """By the name of a secret, the public keys that the directory tells of it, in base64."""
    keys = PublishedKey.objects.filter(tenant=current_tenant())
    of = {purpose: list(keys.filter(purpose=purpose).values_list("key", flat=True))
          for purpose in (PublishedKey.COSIGNER, PublishedKey.PARCELS)}  # fmt: skip
    cosigners = [NoteKey.parse(text) for text in of[PublishedKey.COSIGNER]]
    found = {
        name: {b64(key.public) for key in cosigners if key.kind == kind}
        for name, kind in _KINDS.items()
    }
    return found | {vault.PARCELS: set(of[PublishedKey.PARCELS])}
