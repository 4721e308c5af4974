"""The JSON of the phone's API."""

from rest_framework import serializers

STATES = ["pending", "integrated"]


class EnrolSerializer(serializers.Serializer):
    """A phone's public key, to be approved by a manager."""

    public_key = serializers.CharField(help_text="Ed25519, 32 bytes in base64")
    label = serializers.CharField(max_length=120, help_text="What people call this phone")


class DeviceSerializer(serializers.Serializer):
    """A phone, its state, and the log that it writes to."""

    kid = serializers.CharField()
    label = serializers.CharField()
    state = serializers.ChoiceField(choices=["pending", "approved", "revoked"])
    holder_id = serializers.UUIDField()
    enrolled_at = serializers.DateTimeField()
    approved_at = serializers.DateTimeField(allow_null=True)
    revoked_at = serializers.DateTimeField(allow_null=True)
    log_id = serializers.CharField(help_text="the member tenant_log of signed bytes")
    log_key = serializers.CharField(help_text="verifier key of checkpoints (C2SP signed-note)")
    log_key_handovers = serializers.ListField(
        child=serializers.DictField(child=serializers.CharField()),
        help_text="how earlier keys of the log handed over to it (docs/bundle-format.md)",
    )
    unlock_version = serializers.CharField(
        help_text="which unlock secret is kept for it; empty where none is"
    )


class RevokeSerializer(serializers.Serializer):
    """Why a phone is revoked."""

    reason = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")


class SubmissionSerializer(serializers.Serializer):
    """A lease as the phone signed it."""

    rid = serializers.UUIDField(help_text="the lease's id, drawn by the phone")
    device = serializers.CharField(max_length=32, help_text="id of the key that signed")
    ts = serializers.CharField(help_text="YYYY-MM-DDTHH:MM:SS.ffffffZ")
    fields = serializers.DictField(
        child=serializers.CharField(allow_blank=True, trim_whitespace=False)
    )  # type: ignore[assignment]
    salts = serializers.DictField(child=serializers.CharField(), help_text="16 bytes in base64")
    dev_sig = serializers.CharField(help_text="Ed25519 over the canonical bytes, in base64")
    confirmed = serializers.ListField(
        child=serializers.CharField(),
        default=list,
        help_text="fields whose warnings the person confirmed",
    )


class RecordedSerializer(serializers.Serializer):
    """Where the lease stands in the ledger."""

    rid = serializers.UUIDField()
    state = serializers.ChoiceField(
        choices=STATES, help_text="pending: accepted, its place in the ledger comes in a moment"
    )
    index = serializers.IntegerField(allow_null=True, help_text="null while pending")
    repeated = serializers.BooleanField()


class WaitingSerializer(serializers.Serializer):
    """The record is accepted and waits for its place in the ledger: ask again in a moment."""

    rid = serializers.UUIDField()
    state = serializers.ChoiceField(choices=STATES[:1])


class ReceiptSerializer(serializers.Serializer):
    """Everything for checking the entry without us."""

    rid = serializers.UUIDField()
    state = serializers.ChoiceField(choices=STATES[1:])
    index = serializers.CharField()
    leaf = serializers.CharField(help_text="the entry's bytes in base64")
    proof = serializers.ListField(child=serializers.CharField(), help_text="hashes in base64")
    checkpoint = serializers.CharField(help_text="signed note (C2SP tlog-checkpoint)")


class HeldSerializer(serializers.Serializer):
    """Records of this person that the phone holds in clear."""

    rids = serializers.ListField(child=serializers.UUIDField(), max_length=500)


class ErasedSerializer(serializers.Serializer):
    """A record whose content was erased, and the `payload.erased` entry that says so."""

    rid = serializers.UUIDField()
    fields = serializers.DictField(child=serializers.CharField())  # type: ignore[assignment]
    salts = serializers.DictField(child=serializers.CharField(), help_text="16 bytes in base64")
    receipt = ReceiptSerializer()


class CalculationSerializer(serializers.Serializer):
    """The inputs of a quote: field name to text, as docs/quotes.md lists them."""

    inputs = serializers.DictField(child=serializers.CharField(max_length=200, allow_blank=True))


class UploadedSerializer(serializers.Serializer):
    """A photo that was kept."""

    sha256 = serializers.CharField()
    media_type = serializers.CharField()
    size = serializers.IntegerField()


class PhoneSerializer(serializers.Serializer):
    """Which phone asks: a random id of the browser profile."""

    phone = serializers.UUIDField(help_text="drawn once by the phone, the same for all its people")


class UnlockSerializer(serializers.Serializer):
    """What opens the sealed content of one person on one phone."""

    version = serializers.UUIDField()
    secret = serializers.CharField(help_text="32 bytes in base64")
