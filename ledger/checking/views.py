"""Asking for a check of everything that is stored."""

from django.contrib import messages
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from ledger.checking.tasks import check_soon
from tenants.permissions import Permission
from tenants.web import require


@require_POST
@require(Permission.SEAL_CHECKPOINT)
def check_now(request):
    """Go over the log and all copies, beside the page."""
    check_soon(request.tenant)
    messages.success(
        request, _("The ledger and the copies are gone over now; what comes of it stands here.")
    )
    return redirect("ledger")
