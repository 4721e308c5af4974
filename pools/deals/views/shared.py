"""What the deal's views have in common: who looks, and what a facility is."""

from __future__ import annotations

from django.utils.translation import gettext as _

from pools.deals.standing import Person
from pools.models import Facility
from tenants.access import permissions_in
from tenants.models import Tenant
from tenants.templatetags.ui import institution, money


def person_of(request) -> Person:
    """Who looks and what they may do here."""
    return Person(request.user.pk, permissions_in(request.user, request.tenant))


def facts_of(facility: Facility) -> list[tuple[str, object]]:
    """What a facility is, for the page before an act under it."""
    lessor = Tenant.objects.filter(pk=facility.request.source).first()
    return [
        (_("Facility"), facility.name),
        (_("Lessor"), institution(lessor)),
        (_("Limit"), money(facility.limit_minor, facility.currency)),
    ]
