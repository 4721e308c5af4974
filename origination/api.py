"""The lease's life over the API: its history, and moves."""

from dataclasses import asdict

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.response import Response
from rest_framework.views import APIView

from origination.domain.life.machine import MACHINE, Move, State
from origination.domain.life.moves import ASKED
from origination.domain.papers import Paper, Standing
from origination.selectors.life import history_of, moves_for, newest_step
from origination.selectors.papers import papers_of
from origination.services import lease_of, move_lease
from origination.services.papers import note_paper
from tenants import clock
from tenants.access import has_permission
from tenants.api import Day, Requires
from tenants.clients import client_named
from tenants.permissions import Permission

_PROBLEM = OpenApiResponse(OpenApiTypes.OBJECT, description="Problem details (RFC 9457)")
_STATES = [state.value for state in State if state]


class StepSerializer(serializers.Serializer):
    """One line of a history."""

    move = serializers.CharField(allow_null=True, help_text="null: the lease was recorded")
    state = serializers.ChoiceField(choices=_STATES, help_text="after it")
    on = serializers.DateField(help_text="from which day it counts")
    at = serializers.DateTimeField(help_text="when it was recorded")
    by = serializers.CharField()
    client = serializers.CharField(help_text="what the browser or programme said that it is")
    signer = serializers.CharField(help_text="the key that signed its entry")
    entry_index = serializers.IntegerField(allow_null=True, help_text="its place in the ledger")
    facts = serializers.DictField(child=serializers.CharField())


class LifeSerializer(serializers.Serializer):
    """Where a lease stands and how it came there, the newest first."""

    rid = serializers.UUIDField()
    state = serializers.ChoiceField(choices=_STATES)
    number = serializers.IntegerField(help_text="moves so far: send it as `seen`")
    moves = serializers.ListField(
        child=serializers.CharField(), help_text="what this person may do from here"
    )
    history = StepSerializer(many=True)


class MoveSerializer(serializers.Serializer):
    """A move to make."""

    move = serializers.ChoiceField(choices=[move.value for move in ASKED])
    on = Day(help_text="the day from which it counts")
    seen = serializers.IntegerField(
        required=False, min_value=0, help_text="`number` as it was read; another is refused"
    )
    fields = serializers.DictField(  # type: ignore[assignment]
        child=serializers.CharField(allow_blank=True), default=dict
    )


def _life(request, lease):
    history = history_of(lease)
    state = history[0].state
    body = {
        "rid": lease.rid,
        "state": state,
        "number": sum(row.move is not None for row in history),
        "moves": moves_for(request.user, request._request.tenant, newest_step(lease.rid)),
        "history": [asdict(row) for row in history],
    }
    return LifeSerializer(body).data


class LeaseLife(APIView):
    """The history of one lease."""

    permission = Permission.VIEW_LEASES
    permission_classes = [Requires(Permission.VIEW_LEASES)]

    @extend_schema(
        responses={200: LifeSerializer, 404: _PROBLEM}, summary="The life of a lease, with proofs"
    )
    def get(self, request, rid):
        return Response(_life(request, lease_of(rid)))


class LeaseMoves(APIView):
    """Moves of one lease."""

    permission = Permission.MOVE_LEASE
    permission_classes = [Requires(Permission.MOVE_LEASE)]

    @extend_schema(
        request=MoveSerializer,
        responses={201: LifeSerializer, 404: _PROBLEM, 409: _PROBLEM, 422: _PROBLEM},
        summary="Move a lease on: settle, turn in, repossess, write off, close …",
    )
    def post(self, request, rid):
        serializer = MoveSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        asked = serializer.validated_data
        move = Move(asked["move"])
        if not has_permission(request.user, request._request.tenant, MACHINE[move].permission):
            raise PermissionDenied
        move_lease(
            rid=rid,
            move=move,
            on=asked["on"],
            given=asked["fields"],
            by=request.user.pk,
            at=clock.now(),
            client=client_named(request.headers.get("User-Agent", "")),
            seen=asked.get("seen"),
        )
        return Response(_life(request, lease_of(rid)), status=201)


class PaperSerializer(serializers.Serializer):
    """A paper of the vehicle, as it counts."""

    paper = serializers.CharField()
    standing = serializers.ChoiceField(choices=[standing.value for standing in Standing])
    number = serializers.CharField(source="noted.number", default="")
    party = serializers.CharField(source="noted.party", default="")
    from_on = serializers.DateField(source="noted.from_on", default=None)
    until_on = serializers.DateField(source="noted.until_on", default=None)
    entry_index = serializers.IntegerField(source="noted.entry_index", default=None)


class NotedSerializer(serializers.Serializer):
    """A paper to note."""

    paper = serializers.ChoiceField(choices=[paper.value for paper in Paper])
    number = serializers.CharField()
    party = serializers.CharField(help_text="insurer, or vehicle office")
    from_on = Day()
    until_on = Day(required=False, help_text="the last day; a mortgage may have none")


class LeasePapers(APIView):
    """Insurance, registration and mortgage of a lease's vehicle."""

    permission = Permission.VIEW_LEASES
    permission_classes = [Requires(Permission.VIEW_LEASES)]

    @extend_schema(
        responses={200: PaperSerializer(many=True), 404: _PROBLEM},
        summary="The papers of a lease's vehicle, and whether they run out",
    )
    def get(self, request, rid):
        return Response(PaperSerializer(papers_of(lease_of(rid), clock.today()), many=True).data)

    @extend_schema(
        request=NotedSerializer,
        responses={201: PaperSerializer(many=True), 404: _PROBLEM, 422: _PROBLEM},
        summary="Note a paper; it takes the place of the older one of its kind",
    )
    def post(self, request, rid):
        if not has_permission(request.user, request._request.tenant, Permission.MOVE_LEASE):
            raise PermissionDenied
        serializer = NotedSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        note_paper(
            rid=rid,
            given={name: str(value) for name, value in serializer.validated_data.items()},
            by=request.user.pk,
            at=clock.now(),
            client=client_named(request.headers.get("User-Agent", "")),
        )
        rows = papers_of(lease_of(rid), clock.today())
        return Response(PaperSerializer(rows, many=True).data, status=201)
