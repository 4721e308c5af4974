"""Packaging a pool under an approved facility."""

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from pools.confirming import Confirmation, confirm
from pools.deals.forms import PoolForm
from pools.deals.selectors import headroom_minor
from pools.deals.services import package_pool
from pools.deals.views.shared import facts_of
from pools.models import Facility, FacilityState
from tenants import clock
from tenants.permissions import Permission
from tenants.templatetags.ui import money
from tenants.web import require


@require(Permission.PACKAGE_POOL)
def package(request, facility_id):
    """Choose, price and structure a pool out of every screened asset."""
    found = get_object_or_404(Facility.objects.select_related("request"), pk=facility_id)
    form = PoolForm(request.POST or None)
    approved = found.state == FacilityState.APPROVED
    page = Confirmation(
        title=_("Package a pool under %(facility)s") % {"facility": found.name},
        facts=[
            *facts_of(found),
            (_("Left of the limit"), money(headroom_minor(found), found.currency)),
        ],
        consequences=[
            _("Every asset of the newest screening is held against the rules."),
            _("The pool with the most net value within all limits is chosen and priced."),
            _("Inputs, votes and results are sealed; the seal goes on the ledger."),
            _("Nothing is bought yet: two people other than you must approve the pool."),
        ],
        button=_("Package the pool"),
        done=_("The pool is packaged."),
        back=reverse("deals-facility", args=[found.pk]),
        form=form,
        refusal="" if approved else _("The committee has not approved this facility."),
    )

    def act():
        package_pool(
            facility=found,
            name=form.cleaned_data["name"],
            target_minor=form.target_minor(found.currency),
            by=request.user.pk,
            at=clock.now(),
        )

    return confirm(request, page, act)
