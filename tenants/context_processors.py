"""What every page knows."""

from django.utils.functional import SimpleLazyObject

from tenants import clock
from tenants.access import permissions_in
from tenants.navigation import navigation_for, search_for


def shell(request):
    """tenant, its time, navigation (list of label, url, icon, group, active), held permissions."""
    tenant = getattr(request, "tenant", None)

    def held():
        user = getattr(request, "user", None)
        if tenant is None or user is None:
            return frozenset()
        return permissions_in(user, tenant)

    def lines():
        return navigation_for(request) if hasattr(request, "user") else []

    return {
        "tenant": tenant,
        "navigation": SimpleLazyObject(lines),
        "search_url": SimpleLazyObject(lambda: search_for(request)),
        "held_permissions": SimpleLazyObject(held),
        "institution_now": clock.now,
    }
