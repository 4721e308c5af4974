"""The search page: what is typed comes in the body, so that no address and no log holds it."""

from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from origination.domain.asking import Asked, asked
from origination.search.groups import search
from tenants.access import permissions_in
from tenants.permissions import Permission
from tenants.web import require


@require(Permission.VIEW_LEASES)
@require_http_methods(["GET", "POST"])
def find(request):
    """The box; with something typed what is found, alone where only the results are asked for."""
    wanted = asked(request.POST.get("typed", "")) if request.method == "POST" else Asked("")
    context = {
        "typed": wanted.text,
        "found": search(wanted, held=permissions_in(request.user, request.tenant)),
        "too_short": bool(wanted.text) and not wanted.is_enough,
    }
    template = "search/_found.html" if request.htmx else "search/search.html"
    return render(request, f"origination/{template}", context)
