"""What the fields of the ledger's own entries are called, and those that every room uses."""

from django.utils.translation import gettext_lazy as _

from ledger.field_words import FieldWords, Form
from ledger.wording import ERASURE_REASONS

_KEYS = ("device.enrolled", "device.approved", "device.revoked")

WORDS = (
    FieldWords(
        labels={
            "currency": _("Currency"),
            "amount_minor": _("Amount"),
            "balance_minor": _("Balance"),
            "price_minor": _("Price"),
            "reason": _("Reason"),
            "from_day": _("From day"),
            "to_day": _("To day"),
            "file_name": _("File"),
            "file_sha256": _("Hash of the file"),
            "rows": _("Rows"),
            "taken": _("Rows taken"),
            "refused": _("Rows refused"),
            "to_tenant": _("Addressed to"),
            "from_tenant": _("Sent by"),
        },
        forms={
            "to_tenant": Form.INSTITUTION,
            "from_tenant": Form.INSTITUTION,
            "rows": Form.WHOLE,
            "taken": Form.WHOLE,
            "refused": Form.WHOLE,
        },
    ),
    FieldWords(
        kinds=_KEYS,
        labels={
            "label": _("Name of the key"),
            "role": _("Role"),
            "holder": _("Holder"),
            "kid": _("Key id"),
            "public_key": _("Public key"),
            "approved_by": _("Approved by"),
            "revoked_by": _("Revoked by"),
            "authority": _("Signature of the log's key"),
        },
        codes={
            "role": {
                "device": _("Device"),
                "back_office": _("Back office"),
                "service": _("Service"),
            }
        },
        forms={"holder": Form.PERSONS, "kid": Form.HASH, "public_key": Form.HASH},
    ),
    FieldWords(
        kinds=("log.key_rotated",),
        labels={
            "old": _("Key before"),
            "new": _("Key from here on"),
            "new_mldsa": _("Key from here on, ML-DSA-44"),
            "authority": _("Signature of the key before"),
        },
        forms=dict.fromkeys(("old", "new", "new_mldsa", "authority"), Form.HASH),
    ),
    FieldWords(
        kinds=("log.resumed",),
        labels={
            "signed": _("Entries that were signed"),
            "root": _("Root that was signed"),
            "kept": _("Entries that it goes on from"),
        },
        forms={"signed": Form.WHOLE, "kept": Form.WHOLE, "root": Form.HASH},
    ),
    FieldWords(
        kinds=("registry.root",),
        labels={
            "epoch": _("Epoch of the map"),
            "root": _("Root of the map"),
            "rights": _("Rights held"),
            "vrf_key": _("Key that names places"),
            "previous": _("Hash of the epoch before"),
            "sealed_at": _("Sealed at"),
            "key": _("Key of the registry"),
            "signature": _("Signature of the registry's key"),
            "old_key": _("Key of the registry before"),
            "old_vrf_key": _("Key that named places before"),
            "old_signature": _("Signature of the registry's key before"),
        },
        forms={
            **dict.fromkeys(("epoch", "rights"), Form.WHOLE),
            **dict.fromkeys(("root", "vrf_key", "previous", "key", "signature"), Form.HASH),
            **dict.fromkeys(("old_key", "old_vrf_key", "old_signature"), Form.HASH),
        },
    ),
    FieldWords(
        kinds=("payload.erased",),
        labels={"entry": _("Entry"), "reason": _("Reason"), "erased_by": _("Erased by")},
        codes={"reason": ERASURE_REASONS},
    ),
)

#: Members of a leaf, as `lease-leaf/1` names them.
LEAF = {
    "v": _("Format"),
    "type": _("Kind"),
    "rid": _("Record"),
    "ts": _("Signed at"),
    "device": _("Signed by key"),
    "tenant_log": _("Log"),
    "fields_root": _("Root of the fields"),
    "items_root": _("Root of the items"),
    "items_count": _("Items"),
    "alg": _("Encryption"),
    "prev": _("Version before"),
    "ct_sha256": _("Hash of the encrypted content"),
    "dev_sig": _("Signature"),
    "batch.rid": _("Tape that it stands in"),
    "batch.index": _("Row of the tape, from 0"),
    "batch.path": _("Path to the tape's signed root"),
}


def leaf_label(name: str) -> str:
    """What a member of a leaf is, or its name."""
    return str(LEAF.get(name, name))
