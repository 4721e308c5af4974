"""The phone's API of collecting: the officer's overdue customers, contacts with them."""

from datetime import datetime
from uuid import UUID

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from mobile_api import selectors, services
from mobile_api.api import LeaseReceipt, Leases
from origination.models import Lease
from origination.selectors.collections.queue import Wanted, find_queue
from tenants import clock
from tenants.api import Requires
from tenants.permissions import Permission

MOST = 200  # a day's work, and what a phone keeps for a day without a network


class WorkSerializer(serializers.Serializer):
    """One overdue customer of this person."""

    rid = serializers.UUIDField(help_text="the lease")
    contract_number = serializers.CharField()
    lessee_name = serializers.CharField()
    phone = serializers.CharField(help_text="empty where the lessee is not to be called")
    vehicle = serializers.CharField()
    plate = serializers.CharField()
    province = serializers.CharField()
    currency = serializers.CharField()
    days_past_due = serializers.IntegerField()
    owed_minor = serializers.CharField()
    next_action_on = serializers.DateField(allow_null=True)
    step = serializers.CharField(help_text="the step of the ladder that waits, or empty")
    promise = serializers.CharField(help_text="what became of the last promise, or empty")
    promised_minor = serializers.CharField()
    promised_on = serializers.DateField(allow_null=True)
    do_not_call = serializers.BooleanField()


class WorkListSerializer(serializers.Serializer):
    """What is to be done, as of an instant."""

    as_of = serializers.DateTimeField()
    rows = WorkSerializer(many=True)


class WorkList(APIView):
    """Overdue leases that are assigned to this person, what to do first coming first."""

    permission = Permission.COLLECT
    permission_classes = [Requires(Permission.COLLECT)]

    @extend_schema(responses=WorkListSerializer, summary="This person's overdue customers")
    def get(self, request):
        now, today = clock.now(), clock.today()
        wanted = Wanted(assigned=str(request.user.pk))
        found = find_queue(wanted, as_of=today, known_at=now, limit=MOST)
        leases = Lease.objects.in_bulk([row.rid for row in found.rows])
        rows = [_shown(row, leases[row.rid]) for row in found.rows]
        return Response(WorkListSerializer({"as_of": now, "rows": rows}).data)


def _shown(row, lease: Lease) -> dict[str, object]:
    phone = "" if row.do_not_call else lease.record.get("lessee_phone", "")
    return {
        "rid": row.rid,
        "contract_number": row.contract_number,
        "lessee_name": row.lessee_name,
        "phone": phone,
        "vehicle": f"{lease.vehicle_make} {lease.vehicle_model}",
        "plate": lease.record.get("plate", ""),
        "province": row.province,
        "currency": row.currency,
        "days_past_due": row.days,
        "owed_minor": str(row.owed_minor),
        "next_action_on": row.next_action_on,
        "step": "" if row.done else row.step,
        "promise": row.promise,
        "promised_minor": str(row.promised_minor or ""),
        "promised_on": row.promised_on,
        "do_not_call": row.do_not_call,
    }


def _submit(*, submission: services.Submission, by: UUID, at: datetime) -> services.Recorded:
    return services.submit_contact(submission=submission, by=by, at=at, on=clock.now())


@extend_schema_view(
    post=extend_schema(
        summary="Record a signed contact; one that breaks a rule is refused unless "
        "`breaches` is confirmed"
    )
)
class Contacts(Leases):
    """A call or visit that a phone signed, with what was promised in it."""

    submit = staticmethod(_submit)
    permission = Permission.COLLECT
    permission_classes = [Requires(Permission.COLLECT)]


@extend_schema_view(
    get=extend_schema(
        summary="Inclusion proof of a contact, with a checkpoint sealed now if none covers it"
    )
)
class ContactReceipt(LeaseReceipt):
    """The proof that a contact stands in the ledger."""

    kind = selectors.CONTACT
