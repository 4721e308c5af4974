"""One customer, one vehicle: all that is on record of them."""

from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from origination.domain.lease_fields import BY_NAME
from origination.dossiers.customers import MOST_LEASES, customer_of, customer_rid
from origination.dossiers.vehicles import PRICED, TRACKED, told_of, vehicle_of, vehicle_rid
from origination.views.leases import shown_field, shown_to
from tenants import clock
from tenants.access import has_permission, people_named
from tenants.permissions import Permission
from tenants.web import require

_IDENTITY = (
    "vin", "plate", "vehicle_make", "vehicle_model", "model_year", "energy", "condition",
    "vehicle_use", "vehicle_price_minor",
)  # fmt: skip


def _may(request, permission: Permission) -> bool:
    return has_permission(request.user, request.tenant, permission)


@require(Permission.VIEW_LEASES)
def customer(request, rid):
    """Who they are, what they owe and owed, what was said and promised."""
    if (first := customer_rid(rid)) != rid:
        return redirect("customer", rid=first)
    day = clock.today()
    found = customer_of(rid, as_of=day, known_at=clock.now())
    collects = _may(request, Permission.COLLECT)
    people = {one.recorded_by for one in found.contacts} | {
        row.made_with for _lease, row, _state in found.promises
    }
    names = people_named(people) if collects else {}
    context = {
        "as_of": day,
        "customer": found,
        "facts": _who(found.person, personal=_may(request, Permission.VIEW_PAYLOADS)),
        "collects": collects,
        "contacts": [(one, names.get(one.recorded_by, "–")) for one in found.contacts],
        "promises": [
            (lease, row, state, names.get(row.made_with, "–"))
            for lease, row, state in found.promises
        ],
        "more": max(0, found.count - MOST_LEASES),
        "crumbs": [{"label": _("Leases"), "url": reverse("leases")}],
    }
    return render(request, "origination/dossiers/customer.html", context)


def _who(person, *, personal: bool) -> list[tuple[str, str]]:
    """What stands at the top; numbers only for who may read them, as on a lease's page."""
    told = {"lessee_kind": person.kind, "lessee_id_number": person.number,
            "lessee_phone": person.phone, "province": person.province,
            "lessee_group": person.group}  # fmt: skip
    return [
        (_(BY_NAME[name].label), shown_to(BY_NAME[name], told, personal))
        for name, text in told.items()
        if text
    ]


@require(Permission.VIEW_LEASES)
def vehicle(request, rid):
    """What it is, who has which right, its leases over time, its papers."""
    if (first := vehicle_rid(rid)) != rid:
        return redirect("vehicle", rid=first)
    day = clock.today()
    found = vehicle_of(rid, as_of=day, known_at=clock.now())
    record = found.lease.record
    context = {
        "as_of": day,
        "vehicle": found,
        "facts": [
            (_(BY_NAME[name].label), shown_field(BY_NAME[name], record))
            for name in _IDENTITY
            if record.get(name)
        ],
        "reads": _may(request, Permission.VIEW_PAYLOADS),
        "may_note": _may(request, Permission.MOVE_LEASE),
        "crumbs": [{"label": _("Leases"), "url": reverse("leases")}],
    }
    return render(request, "origination/dossiers/vehicle.html", context)


@require(Permission.VIEW_PAYLOADS)
def vehicle_reports(request, rid):
    """What trackers, appraisers and sales reported of it: read from the ledger when asked for."""
    context = {"tracked": told_of(rid, TRACKED), "priced": told_of(rid, PRICED)}
    return render(request, "origination/dossiers/_reports.html", context)
