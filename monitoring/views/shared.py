"""What several pages of this room need."""

from django.core.paginator import Paginator

from monitoring.selectors.alerts import newest_alert_id
from tenants.access import has_permission
from tenants.permissions import Permission

PER_PAGE = 50


def page_of(request, found, per_page=PER_PAGE):
    """One page of a list, by the address."""
    return Paginator(found, per_page).get_page(request.GET.get("page"))


def live_of(request):
    """What the page's script needs to follow from here on."""
    return {
        "cursor": newest_alert_id(),
        "may_act": has_permission(request.user, request.tenant, Permission.ACT_ON_ALERT),
    }
