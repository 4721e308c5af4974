"""What the phone leaves beside the ledger: photos by the hash that was signed, unlock secrets."""

from django.db import models


class Photo(models.Model):
    """One picture under a data key of its own, wrapped by the tenant's key-encryption key."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    media_type = models.CharField(max_length=20)
    size = models.PositiveIntegerField()  # bytes, unencrypted
    ciphertext = models.BinaryField()
    wrapped_key = models.BinaryField()
    kek_version = models.IntegerField()
    uploaded_by = models.UUIDField()
    uploaded_at = models.DateTimeField()

    class Meta:
        db_table = "mobile_photo"

    def __str__(self):
        return f"photo {self.sha256[:12]}"


class UnlockSecret(models.Model):
    """What opens one person's content on one phone where the PIN is forgotten: 32 bytes, encrypted.

    It goes with the key of its device: of a revoked one there is none.
    """

    kid = models.CharField(max_length=32, primary_key=True)
    person = models.UUIDField()
    phone = models.UUIDField(db_index=True)  # the browser profile, which several people may share
    version = models.UUIDField()
    ciphertext = models.BinaryField()
    wrapped_key = models.BinaryField()
    kek_version = models.IntegerField()
    given_at = models.DateTimeField()

    class Meta:
        db_table = "mobile_unlock_secret"

    def __str__(self):
        return f"unlock secret of {self.kid}"
