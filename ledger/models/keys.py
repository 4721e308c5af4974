"""Keys: who may sign, and the secrets that the tenant's server holds (wrapped)."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from ledger.core.keys import KeyRole


class KeyState(models.TextChoices):
    """Life of a signing key."""

    PENDING = "pending", _("Waiting for approval")
    APPROVED = "approved", _("Approved")
    REVOKED = "revoked", _("Revoked")


class SigningKey(models.Model):
    """A public key that may sign entries of this log, with its life."""

    ROLES = [
        (KeyRole.DEVICE.value, _("Device")),
        (KeyRole.BACK_OFFICE.value, _("Back office")),
        (KeyRole.SERVICE.value, _("Service")),
    ]
    kid = models.CharField(max_length=32, primary_key=True)
    rid = models.UUIDField(unique=True)
    role = models.CharField(max_length=12, choices=ROLES)
    public_key = models.BinaryField()
    label = models.CharField(max_length=120, blank=True)
    holder_id = models.UUIDField(null=True)
    state = models.CharField(max_length=10, choices=KeyState, default=KeyState.PENDING)
    enrolled_at = models.DateTimeField()
    approved_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "ledger_signing_key"

    def __str__(self):
        return f"{self.get_role_display()} {self.label or self.kid}"


class KeyEncryptionKey(models.Model):
    """The tenant's key-encryption key, by version, wrapped by the root key."""

    version = models.IntegerField(primary_key=True)
    wrapped = models.BinaryField()
    created_at = models.DateTimeField(auto_now_add=True)
    closed_at = models.DateTimeField(null=True)  # nothing new is wrapped by it

    class Meta:
        db_table = "ledger_kek"

    def __str__(self):
        return f"KEK {self.version}"


class FormerKey(models.Model):
    """What wrapped a key before it was wrapped anew, kept until the new one was seen to open.

    `holder` and `place`: the table and primary key of the row whose key it is. `ledger_kek`: a
    key-encryption key, which no version of another wraps.
    """

    holder = models.CharField(max_length=63)
    place = models.BigIntegerField()
    kek_version = models.IntegerField(null=True)
    wrapped_key = models.BinaryField()
    kept_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "ledger_former_key"
        indexes = [
            models.Index(fields=["holder", "place"], name="ledger_former_key_of"),
            models.Index(fields=["kek_version"], name="ledger_former_key_under"),
        ]

    def __str__(self):
        return f"{self.holder} {self.place} under {self.kek_version}"


class SecretPurpose(models.TextChoices):
    """What a secret of the tenant's server is for."""

    SIGN = "sign", _("Signing entries")
    COSIGN = "cosign", _("Cosigning replicas")
    RECEIVE = "receive", _("Receiving parcels")
    ATTEST = "attest", _("Stating what came")


class TenantSecret(models.Model):
    """A private key that the tenant's server holds, wrapped by the root key."""

    name = models.CharField(max_length=40, primary_key=True)  # kid, or the purpose where one exists
    purpose = models.CharField(max_length=10, choices=SecretPurpose)
    public_key = models.BinaryField()
    wrapped = models.BinaryField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "ledger_secret"

    def __str__(self):
        return f"{self.purpose} {self.name}"
