"""The download of chosen fields of one entry, with all that proves them."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from ledger import selectors
from ledger.problems import NothingChosen
from ledger.services.disclosure import disclosure_file
from tenants.access import has_permission
from tenants.permissions import Permission
from tenants.web import require


def may_disclose(request) -> bool:
    """Whether the person reads contents and may take them out of the house."""
    needed = (Permission.VIEW_PAYLOADS, Permission.EXPORT_LEDGER)
    return all(has_permission(request.user, request.tenant, one) for one in needed)


@require_POST
@require(Permission.EXPORT_LEDGER)
def disclosure(request, index):
    """A file for `python -m ledger.verifier`, or to drop on the Verify page."""
    if not may_disclose(request):
        raise PermissionDenied(Permission.VIEW_PAYLOADS)
    names = set(request.POST.getlist("field")) & set(selectors.payload(index))
    if not names:
        problem = NothingChosen()
        messages.error(request, f"{problem.text('title')} {problem.text('mend')}")
        return redirect("ledger-entry", index=index)
    data = disclosure_file(index=index, names=names)
    response = HttpResponse(data, content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="entry-{index}.disclosure"'
    return response
