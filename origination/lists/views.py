"""Saved filters and exports of the leases' list."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from origination.lists.exporting import export_leases
from origination.lists.forms import SaveForm
from origination.lists.saving import drop_filter, save_filter, saved_filters
from origination.lists.writing import ListFormat
from origination.portfolio.forms import LeaseFilter
from tenants import clock
from tenants.access import has_permission
from tenants.downloads import file_download
from tenants.permissions import Permission
from tenants.problems import Problem
from tenants.web import require

_PAGES = ("leases", "portfolio")


def beside(request, page: str, chosen) -> dict[str, object]:
    """What stands beside a filtered list: saved filters, the form that saves, exports."""
    may_export = has_permission(request.user, request.tenant, Permission.VIEW_PAYLOADS)
    return {
        "saved": saved_filters(request.user.pk),
        "save_form": SaveForm(),
        "list_page": page,
        "list_url": reverse(page),
        "list_query": urlencode(chosen),
        "formats": [str(form) for form in ListFormat] if may_export else [],
    }


@require(Permission.VIEW_LEASES)
@require_POST
def save(request, page):
    """Keep the filters of the address under a name."""
    if page not in _PAGES:
        raise Http404
    chosen, form = LeaseFilter(request.GET).chosen(), SaveForm(request.POST)
    back = redirect(f"{reverse(page)}?{urlencode(chosen)}")
    if not form.is_valid():
        messages.error(request, _("Write a name of at most 60 characters."))
        return back
    try:
        row = save_filter(owner=request.user.pk, chosen=chosen, at=clock.now(), **form.cleaned_data)
    except Problem as problem:
        [error] = problem.errors
        texts = error.as_dict(_)
        messages.error(request, f"{texts['detail']} {texts['mend']}")
    else:
        messages.success(request, _("Saved as %(name)s.") % {"name": row.name})
    return back


@require(Permission.VIEW_LEASES)
@require_POST
def drop(request, rid):
    """Delete an own filter."""
    if not drop_filter(rid=rid, owner=request.user.pk):
        raise Http404
    messages.success(request, _("The filter is deleted."))
    return redirect("leases")


@require(Permission.VIEW_PAYLOADS)
def export(request, form):
    """What the filters of the address find, as a file; identity numbers stand in it."""
    if form not in list(ListFormat):
        raise Http404
    chosen = LeaseFilter(request.GET).chosen()
    try:
        stream = export_leases(
            chosen, form=ListFormat(form), as_of=clock.today(), known_at=clock.now()
        )
    except Problem as problem:
        messages.error(request, f"{problem.text('title', _)} {problem.text('mend', _)}")
        return redirect("leases")
    name = f"{request.tenant.schema_name}-leases-{clock.today()}.{form}"
    return file_download(request, stream, name)
