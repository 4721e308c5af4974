"""The pipeline: what waits for whom."""

from django.shortcuts import render

from pools.deals import overview
from pools.deals.views.shared import person_of
from tenants import clock
from tenants.permissions import Permission
from tenants.web import require


@require(Permission.VIEW_DEALS)
def pipeline(request):
    """Requests, facilities and pools, and first what this person can do now."""
    person = person_of(request)
    context = overview.every_row(person, clock.today())
    every = [row for rows in context.values() for row in rows]
    context["mine"] = [row for row in every if row.wanted]
    context["is_empty"] = not every
    return render(request, "pools/deals/pipeline.html", context)
