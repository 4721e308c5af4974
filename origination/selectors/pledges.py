"""What counterparties ask this lessor for."""

from django.db.models import QuerySet

from origination.models import PledgeRequest, PledgeState


def pledges_to_decide() -> QuerySet[PledgeRequest]:
    """Requests that wait for a manager's answer."""
    return PledgeRequest.objects.filter(state=PledgeState.REQUESTED)
