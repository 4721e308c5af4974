"""A picture goes with the record that names it: its key and its ciphertext."""

from ledger.exchange.registry import ErasedRecord
from mobile_api.models import Photo
from origination.models import Lease


def shred_photo(erased: ErasedRecord) -> None:
    """Unless another lease names the same picture."""
    named = erased.fields.get("photo_sha256")
    if named and not Lease.objects.exclude(rid=erased.rid).filter(record__photo_sha256=named):
        Photo.objects.filter(sha256=named).delete()
