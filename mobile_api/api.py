"""The phone's API: devices, quotes, uploads, leases and their receipts. Errors are RFC 9457."""

from datetime import timedelta

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response
from rest_framework.views import APIView

from ledger.core.encoding import b64
from ledger.services import approve_key, seal_checkpoint
from mobile_api import selectors, services, unlocking
from mobile_api.problems import PhotoRefused, SignInAgain
from mobile_api.serializers import (
    CalculationSerializer,
    DeviceSerializer,
    EnrolSerializer,
    ErasedSerializer,
    HeldSerializer,
    PhoneSerializer,
    ReceiptSerializer,
    RecordedSerializer,
    RevokeSerializer,
    SubmissionSerializer,
    UnlockSerializer,
    UploadedSerializer,
    WaitingSerializer,
)
from origination.domain.quotes import calculate
from origination.services.quotes import quote_rules
from tenants import clock
from tenants.api import Requires
from tenants.fresh import is_fresh
from tenants.permissions import Permission
from tenants.problems import FieldError, Invalid

_PROBLEM = OpenApiResponse(OpenApiTypes.OBJECT, description="Problem details (RFC 9457)")


def _checked(serializer_class, request):
    serializer = serializer_class(data=request.data)
    serializer.is_valid(raise_exception=True)
    return serializer.validated_data


def _receipt(found: selectors.Receipt) -> dict[str, object]:
    return {
        "rid": found.rid,
        "state": "integrated",
        "index": str(found.index),
        "leaf": b64(found.leaf),
        "proof": [b64(item) for item in found.proof],
        "checkpoint": found.checkpoint,
    }


_OF_KEY = ("kid", "label", "state", "holder_id", "enrolled_at", "approved_at", "revoked_at")


def _shown(key, log):
    shown = {name: getattr(key, name) for name in _OF_KEY}
    return shown | log | {"unlock_version": unlocking.version_of(key.kid)}


def _device_answer(key, status=200):
    return Response(DeviceSerializer(_shown(key, selectors.log_identity())).data, status=status)


class Devices(APIView):
    """Phones: list them (managers), enrol one (officers)."""

    permission = Permission.USE_PHONE
    permission_classes = [Requires(Permission.USE_PHONE)]

    @extend_schema(responses=DeviceSerializer(many=True), summary="The phones of this person")
    def get(self, request):
        log = selectors.log_identity()
        keys = selectors.devices().filter(holder_id=request.user.pk)
        rows = [_shown(key, log) for key in keys]
        return Response(DeviceSerializer(rows, many=True).data)

    @extend_schema(
        request=EnrolSerializer,
        responses={201: DeviceSerializer, 422: _PROBLEM},
        summary="Enrol a phone",
    )
    def post(self, request):
        data = _checked(EnrolSerializer, request)
        key = services.enrol_device(**data, by=request.user.pk, at=timezone.now())
        return _device_answer(key, status=201)


class Device(APIView):
    """One phone and its state."""

    permission = Permission.USE_PHONE
    permission_classes = [Requires(Permission.USE_PHONE)]

    @extend_schema(responses={200: DeviceSerializer, 404: _PROBLEM}, summary="One phone")
    def get(self, request, kid):
        return _device_answer(selectors.device(kid))


class DeviceApproval(APIView):
    """A manager lets a phone sign."""

    permission = Permission.APPROVE_DEVICE
    permission_classes = [Requires(Permission.APPROVE_DEVICE)]

    @extend_schema(
        request=None, responses={200: DeviceSerializer, 409: _PROBLEM}, summary="Approve a phone"
    )
    def post(self, request, kid):
        selectors.device(kid)
        return _device_answer(approve_key(kid=kid, by=request.user.pk, at=timezone.now()))


class DeviceRevocation(APIView):
    """A manager ends what a phone may sign."""

    permission = Permission.APPROVE_DEVICE
    permission_classes = [Requires(Permission.APPROVE_DEVICE)]

    @extend_schema(
        request=RevokeSerializer, responses={200: DeviceSerializer}, summary="Revoke a phone"
    )
    def post(self, request, kid):
        selectors.device(kid)
        reason = _checked(RevokeSerializer, request)["reason"]
        return _device_answer(
            unlocking.revoke_device(kid=kid, by=request.user.pk, at=timezone.now(), reason=reason)
        )


class DeviceUnlock(APIView):
    """The secret that opens what is sealed on this person's phone, where the PIN is forgotten."""

    FRESH = timedelta(minutes=10)
    permission = Permission.USE_PHONE
    permission_classes = [Requires(Permission.USE_PHONE)]

    @extend_schema(
        responses={200: UnlockSerializer, 403: _PROBLEM, 404: _PROBLEM, 409: _PROBLEM},
        summary="The unlock secret, to who signed in within ten minutes",
    )
    def get(self, request, kid):
        if not is_fresh(request._request, self.FRESH):
            raise SignInAgain(params={"minutes": int(self.FRESH.total_seconds() // 60)})
        return self._answer(unlocking.unlock_secret(kid=kid, by=request.user.pk))

    @extend_schema(
        request=PhoneSerializer,
        responses={200: UnlockSerializer, 409: _PROBLEM},
        summary="A new unlock secret in place of any: an unlocked phone wraps its key by it",
    )
    def put(self, request, kid):
        phone = _checked(PhoneSerializer, request)["phone"]
        given = unlocking.renew_unlock_secret(
            kid=kid, phone=phone, by=request.user.pk, at=timezone.now()
        )
        return self._answer(given)

    def _answer(self, unlock):
        shown = {"version": unlock.version, "secret": b64(unlock.secret)}
        return Response(UnlockSerializer(shown).data, headers={"Cache-Control": "no-store"})


class Uploads(APIView):
    """Photos, kept encrypted under the hash that the record signs."""

    permission = Permission.RECORD_LEASE
    permission_classes = [Requires(Permission.RECORD_LEASE)]
    parser_classes = [MultiPartParser]

    @extend_schema(
        request={
            "multipart/form-data": {
                "type": "object",
                "properties": {"file": {"type": "string", "format": "binary"}},
            }
        },
        responses={201: UploadedSerializer, 422: _PROBLEM},
        summary="Upload a photo",
    )
    def post(self, request):
        file = request.FILES.get("file")
        if file is None:
            raise PhotoRefused(detail="The form has no part named file.")
        if file.size > services.MAX_PHOTO_BYTES:
            raise PhotoRefused(detail="It is larger than 10 MB.")
        photo = services.store_photo(content=file.read(), by=request.user.pk, at=timezone.now())
        return Response(UploadedSerializer(photo).data, status=201)


class Upload(APIView):
    """One photo, decrypted, for people who may read payloads."""

    permission = Permission.VIEW_PAYLOADS
    permission_classes = [Requires(Permission.VIEW_PAYLOADS)]

    @extend_schema(responses={(200, "image/*"): OpenApiTypes.BINARY}, summary="One photo")
    def get(self, request, sha256):
        media_type, content = selectors.photo(sha256)
        return HttpResponse(content, content_type=media_type)


class Leases(APIView):
    """A lease that a phone signed; sending it again answers the first result."""

    submit = staticmethod(services.submit_lease)
    permission = Permission.RECORD_LEASE
    permission_classes = [Requires(Permission.RECORD_LEASE)]

    @extend_schema(
        request=SubmissionSerializer,
        responses={201: RecordedSerializer, 200: RecordedSerializer, 409: _PROBLEM, 422: _PROBLEM},
        summary="Record a signed lease",
    )
    def post(self, request):
        submission = services.Submission(**_checked(SubmissionSerializer, request))
        recorded = self.submit(submission=submission, by=request.user.pk, at=timezone.now())
        status = 200 if recorded.repeated else 201
        return Response(RecordedSerializer(recorded).data, status=status)


@extend_schema_view(
    post=extend_schema(
        summary="Record a signed quote; one above a cap of the annual cost is refused"
    )
)
class QuoteRecords(Leases):
    """A quote that a phone worked out and signed; the server works it out anew."""

    submit = staticmethod(services.submit_quote)


class Calculations(APIView):
    """A whole quote: rentals, payments, rates, all-in cost and its caps; nothing is kept."""

    permission = Permission.RECORD_LEASE
    permission_classes = [Requires(Permission.RECORD_LEASE)]

    @extend_schema(
        request=CalculationSerializer,
        responses={200: OpenApiTypes.OBJECT, 422: _PROBLEM},
        summary="Work out a quote (docs/quotes.md)",
    )
    def post(self, request):
        inputs = _checked(CalculationSerializer, request)["inputs"]
        return Response(calculate(inputs, quote_rules()).as_record())


def _no_choice() -> FieldError:
    return FieldError(
        "checkpoint",
        "unknown",
        "A receipt takes no choice of checkpoints.",
        "Leave it out, or ask for the entry's proof: /api/v1/ledger/entries/{index}/proof.",
    )


class LeaseReceipt(APIView):
    """The proof that a lease stands in the ledger, for checking it on the phone."""

    kind = selectors.LEASE
    has_versions = False
    permission = Permission.USE_PHONE
    permission_classes = [Requires(Permission.USE_PHONE)]

    @extend_schema(
        responses={200: ReceiptSerializer, 202: WaitingSerializer, 404: _PROBLEM},
        summary="Inclusion proof of a lease, with a checkpoint sealed now if none covers it",
    )
    def get(self, request, rid):
        if "checkpoint" in request.query_params:
            raise Invalid(errors=[_no_choice()])
        if selectors.waiting(self.kind, rid) is not None:
            answer = {"rid": rid, "state": "pending"}
            return Response(WaitingSerializer(answer).data, status=202)
        ts = request.query_params.get("ts") if self.has_versions else None
        found = selectors.receipt(self.kind, rid, ts)
        if found is None:
            seal_checkpoint(at=clock.now())
            found = selectors.receipt(self.kind, rid, ts)
        return Response(ReceiptSerializer(_receipt(found)).data)


@extend_schema_view(
    get=extend_schema(
        summary="Inclusion proof of a quote, with a checkpoint sealed now if none covers it"
    )
)
class QuoteReceipt(LeaseReceipt):
    """The proof that a quote stands in the ledger."""

    kind = selectors.QUOTE


class ErasedLeases(APIView):
    """What a phone must forget: it asks for the records that it holds in clear."""

    permission = Permission.USE_PHONE
    permission_classes = [Requires(Permission.USE_PHONE)]

    @extend_schema(
        request=HeldSerializer,
        responses=ErasedSerializer(many=True),
        summary="Which of this person's records were erased, each with the proof of it",
    )
    def post(self, request):
        rids = _checked(HeldSerializer, request)["rids"]
        rows = [
            {
                "rid": found.rid,
                "fields": found.fields,
                "salts": {name: b64(salt) for name, salt in found.salts.items()},
                "receipt": _receipt(found.told),
            }
            for found in selectors.erased_leases(rids, request.user.pk)
        ]
        return Response(ErasedSerializer(rows, many=True).data)
