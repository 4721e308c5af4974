"""The ledger's read API: proofs and checkpoints, for clients that check by themselves."""

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from ledger import explorer, selectors
from ledger.core.encoding import b64
from ledger.problems import NotSealed
from ledger.signed import newest_signed
from tenants.api import Requires
from tenants.permissions import Permission
from tenants.problems import FieldError, Invalid

MET, NEWEST = "met", "newest"
_PROBLEM = OpenApiResponse(OpenApiTypes.OBJECT, description="Problem details (RFC 9457)")


class ProofSerializer(serializers.Serializer):
    """Everything for checking one entry without us."""

    index = serializers.CharField(help_text="decimal")
    size = serializers.CharField(help_text="size of the checkpoint's tree, decimal")
    newest_size = serializers.CharField(help_text="size of the newest checkpoint's tree, decimal")
    meets_policy = serializers.BooleanField(
        help_text="whether this checkpoint meets the institution's trust policy"
    )
    leaf = serializers.CharField(help_text="the entry's bytes in base64")
    leaf_hash = serializers.CharField(help_text="SHA-256(0x00 || leaf) in base64")
    proof = serializers.ListField(child=serializers.CharField(), help_text="RFC 6962, base64")
    checkpoint = serializers.CharField(help_text="signed note (C2SP tlog-checkpoint)")
    log_key = serializers.CharField(help_text="verifier key (C2SP signed-note)")


class ConsistencySerializer(serializers.Serializer):
    """A consistency proof between two sizes."""

    first = serializers.CharField(help_text="decimal")
    second = serializers.CharField(help_text="decimal")
    proof = serializers.ListField(child=serializers.CharField(), help_text="RFC 6962, base64")


class EntryProof(APIView):
    """Inclusion of one entry in the newest checkpoint that meets the trust policy."""

    permission = Permission.VIEW_LEDGER
    permission_classes = [Requires(Permission.VIEW_LEDGER)]

    @extend_schema(
        parameters=[
            OpenApiParameter(
                "checkpoint",
                enum=[MET, NEWEST],
                description=(
                    "Without it: the newest checkpoint that covers the entry and meets the trust "
                    "policy, else the newest. `met`: refused while none meets it. `newest`: the "
                    "newest anyway."
                ),
            )
        ],
        responses={200: ProofSerializer, 404: _PROBLEM, 409: _PROBLEM, 422: _PROBLEM},
        summary="Inclusion proof of an entry with the signed checkpoint",
    )
    def get(self, request, index):
        wanted = request.query_params.get("checkpoint", "")
        if wanted not in ("", MET, NEWEST):
            raise Invalid(errors=[_no_such_choice()])
        met, newest = wanted == MET, wanted == NEWEST
        return Response(explorer.proof_answer(index, met=met, newest=newest))


class LatestCheckpoint(APIView):
    """The newest signed checkpoint, with its cosignatures."""

    permission = Permission.VIEW_LEDGER
    permission_classes = [Requires(Permission.VIEW_LEDGER)]

    @extend_schema(
        responses={(200, "text/plain"): OpenApiTypes.STR, 409: _PROBLEM},
        summary="The latest checkpoint, a C2SP signed note",
    )
    def get(self, request):
        checkpoint = newest_signed()
        if checkpoint is None:
            raise NotSealed
        note = selectors.signed_note(checkpoint)
        return HttpResponse(note, content_type="text/plain; charset=utf-8")


class Consistency(APIView):
    """Consistency between two sizes of the log."""

    permission = Permission.VIEW_LEDGER
    permission_classes = [Requires(Permission.VIEW_LEDGER)]

    @extend_schema(
        parameters=[
            OpenApiParameter("first", OpenApiTypes.INT, required=True),
            OpenApiParameter("second", OpenApiTypes.INT, required=True),
        ],
        responses={200: ConsistencySerializer, 404: _PROBLEM, 422: _PROBLEM},
        summary="Proof that the tree of the second size extends the first",
    )
    def get(self, request):
        first, second = (_size(request, name) for name in ("first", "second"))
        if not 0 < first <= second:
            raise Invalid(errors=[_order()])
        proof = selectors.consistency_proof(first, second)
        answer = {"first": str(first), "second": str(second), "proof": [b64(h) for h in proof]}
        return Response(answer)


def _no_such_choice() -> FieldError:
    return FieldError(
        "checkpoint",
        "unknown",
        "There is no such choice of checkpoints.",
        "Write met or newest, or leave it out.",
    )


def _order() -> FieldError:
    return FieldError(
        "first",
        "out_of_order",
        "A proof leads from a size above zero to one that is not smaller.",
        "Ask for first ≤ second, both at least 1.",
    )


def _size(request, name: str) -> int:
    text = request.query_params.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        detail = "A size is a whole number."
        raise Invalid(errors=[FieldError(name, "not_a_number", detail, "Write it in digits.")])
    return int(text)
