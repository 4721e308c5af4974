"""What the phone leaves beside the ledger: photos, encrypted, named by the hash that was signed."""

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
