"""Applications over the phone's API: sent to the approval desk, and how an officer's own stand."""

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
    extend_schema_view,
)
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from mobile_api import selectors, services
from mobile_api.api import LeaseReceipt
from mobile_api.serializers import RecordedSerializer, SubmissionSerializer
from origination.domain.life.machine import Move, State
from origination.models import LifeStep
from origination.selectors.desk import applications
from tenants import clock
from tenants.api import Requires
from tenants.permissions import Permission

_PROBLEM = OpenApiResponse(OpenApiTypes.OBJECT, description="Problem details (RFC 9457)")
_MOST = 200


class StandingSerializer(serializers.Serializer):
    """How one of this person's applications stands."""

    rid = serializers.UUIDField()
    lease_rid = serializers.UUIDField(help_text="the id that its lease has or will have")
    contract_number = serializers.CharField()
    state = serializers.ChoiceField(choices=[state.value for state in State if state])
    version = serializers.IntegerField(help_text="the last that was sent")
    question = serializers.CharField(
        allow_blank=True, help_text="what the desk asks, where it came back with questions"
    )
    moved_at = serializers.DateTimeField()


class Applications(APIView):
    """An application that a phone signed; the next version is sent with the same id."""

    permission = Permission.RECORD_LEASE
    permission_classes = [Requires(Permission.RECORD_LEASE)]

    @extend_schema(
        responses=StandingSerializer(many=True),
        summary="This person's applications, the one that moved last first",
    )
    def get(self, request):
        rows = list(applications().filter(opened_by=request.user.pk)[:_MOST])
        asked = LifeStep.objects.filter(
            rid__in=[row.lease_rid for row in rows], move=Move.ASK.value
        ).order_by("number")
        questions = {step.rid: step.facts.get("question", "") for step in asked}
        body = [
            {
                "rid": row.rid,
                "lease_rid": row.lease_rid,
                "contract_number": row.last_contract_number,
                "state": row.life,
                "version": row.last_number,
                "question": questions.get(row.lease_rid, "")
                if row.life == State.QUESTIONED
                else "",
                "moved_at": row.moved_at,
            }
            for row in rows
        ]
        return Response(StandingSerializer(body, many=True).data)

    @extend_schema(
        request=SubmissionSerializer,
        responses={201: RecordedSerializer, 200: RecordedSerializer, 409: _PROBLEM, 422: _PROBLEM},
        summary="Send a signed application, or its next version with an answer",
    )
    def post(self, request):
        serializer = SubmissionSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        recorded = services.submit_application(
            submission=services.Submission(**serializer.validated_data),
            by=request.user.pk,
            at=timezone.now(),
            on=clock.now(),
        )
        status = 200 if recorded.repeated else 201
        return Response(RecordedSerializer(recorded).data, status=status)


@extend_schema_view(
    get=extend_schema(
        summary="Inclusion proof of a version, with a checkpoint sealed now if none covers it",
        parameters=[
            OpenApiParameter("ts", str, description="of the version, as signed; else the first")
        ],
    )
)
class ApplicationReceipt(LeaseReceipt):
    """The proof that a version of an application stands in the ledger."""

    kind = selectors.APPLICATION
    has_versions = True
