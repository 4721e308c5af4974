"""Issuing the tape of a paid period."""

from django.contrib import messages
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from pools.distributions.selectors import bought_pool, versions_of
from pools.tapes.services import issue_tape
from tenants import clock
from tenants.permissions import Permission
from tenants.web import require


@require_POST
@require(Permission.ISSUE_DOCUMENT)
def issue(request, pool_id, period):
    """The regulator's file of a period, from what its newest version knew."""
    pool = bought_pool(pool_id)
    row = versions_of(pool, period)[-1]
    issue_tape(
        pool=pool,
        start=row.start,
        end=row.end,
        known_at=row.known_at,
        by=request.user.pk,
        at=clock.now(),
    )
    messages.success(request, _("The tape is issued and its hash is on the ledger."))
    return redirect("documents")
