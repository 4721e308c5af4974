"""The phone page with its shell, and the back office's page of devices."""

import json
from functools import cache
from hashlib import sha256

from django.contrib import messages
from django.contrib.staticfiles import finders
from django.http import JsonResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from ledger.services import approve_key
from mobile_api import collect_form, phone_form, quote_form, selectors, unlocking
from mobile_api.words import words
from origination.services.quotes import quote_rules
from origination.wording_life import STATES
from tenants.access import people_named
from tenants.permissions import Permission
from tenants.web import open_to_all, require

_STYLES = ("tokens", "base", "shell", "frames", "components", "parts", "forms", "tables")
_STYLES += ("evidence",)
_MODULES = (
    "amounts",
    "api",
    "applications-screen",
    "contact-screen",
    "db",
    "device-key",
    "fields",
    "idle",
    "keys",
)
_MODULES += ("lease-form", "lock-screen", "locking", "packing", "phone", "pin", "queue")
_MODULES += ("quote-form", "quote-result", "quote-screen", "record", "record-screen", "screens")
_MODULES += ("sealed-rows", "sealing", "vault", "vin", "words", "work-screen")
#: The calculator's kernel.
_QUOTE = ("inputs", "quote", "rate", "rent", "rentals", "rules", "whole")
#: The ledger's own verifier: the phone checks receipts with the modules that auditors use.
_VERIFIER = ("bytes", "canonical", "ed25519", "handover", "merkle", "note", "platform")
#: After so long untouched a phone may be set to lock itself.
LOCK_MINUTES = (1, 2, 5, 15, 30)
#: What the phone page needs to open without a network.
SHELL = [
    *(f"ui/{name}.css" for name in _STYLES),
    *(f"ui/{name}" for name in ("theme.js", "app.js", "toasts.js", "relative-time.js")),
    *("ui/icons.svg", "ui/mark.svg", "ui/chevron.svg", "django_htmx/htmx-2.min.js"),
    *(f"mobile/{name}.js" for name in _MODULES),
    *(f"mobile/quote/{name}.js" for name in _QUOTE),
    *(f"ledger/verify/{name}.js" for name in _VERIFIER),
    "mobile/phone.css",
]


@require(Permission.USE_PHONE)
def phone(request):
    """The page that officers use on the road; everything on it happens in mobile/phone.js."""
    facts = {
        "person": f"{request.tenant.schema_name}/{request.user.pk}",
        "worker": reverse("phone-worker"),
        "sign_in": f"{reverse('sign_in')}?next={reverse('phone')}",
        "sign_in_forgotten": f"{reverse('sign_in')}?next={reverse('phone')}%23forgotten",
        "sign_out": reverse("sign_out"),
        "labels": phone_form.labels() | {"answer": _("Answer")},
        "application_states": {
            state.value: (tone, str(said)) for state, (tone, said) in STATES.items()
        },
        "codes": phone_form.code_labels(),
        "words": words(),
        "quote": quote_form.facts(quote_rules()),
        "collect": collect_form.facts(),
    }
    context = {
        "steps": phone_form.steps(),
        "facts": facts,
        "lock_minutes": LOCK_MINUTES,
        "quote_groups": quote_form.groups(),
        "quote_months": quote_form.MONTHS,
        "quote_steps": quote_form.STEPS,
        "quote_shares": quote_form.SHARES,
    }
    return render(request, "mobile_api/phone.html", context)


@open_to_all
def manifest(request):
    """The web app manifest: name, colours, icon."""
    icon = {"src": static("ui/mark.svg"), "sizes": "any", "type": "image/svg+xml"}
    body = {
        "name": f"LeaseLedger · {request.tenant.name}",
        "short_name": "LeaseLedger",
        "start_url": reverse("phone"),
        "scope": reverse("phone"),
        "display": "standalone",
        "background_color": "#12262b",
        "theme_color": "#12262b",
        "icons": [icon | {"purpose": purpose} for purpose in ("any", "maskable")],
    }
    return JsonResponse(body, content_type="application/manifest+json")


@cache
def _shell_version() -> str:
    """Changes with any file of the shell, so that phones fetch them anew."""
    digest = sha256()
    for name in SHELL:
        with open(finders.find(name), "rb") as file:
            digest.update(file.read())
    return digest.hexdigest()[:16]


@open_to_all
def worker(request):
    """The service worker, told which files make the shell."""
    shell = {
        "version": _shell_version(),
        "page": reverse("phone"),
        "files": [static(name) for name in SHELL],
    }
    context = {"shell": json.dumps(shell)}
    kind = "text/javascript"
    response = render(request, "mobile_api/service-worker.js", context, content_type=kind)
    response["Cache-Control"] = "no-cache"
    return response


@require(Permission.APPROVE_DEVICE)
def devices(request):
    """Phones of this lessor: who enrolled them, and what a manager decided."""
    keys = list(selectors.devices())
    people = people_named({key.holder_id for key in keys if key.holder_id})
    sharers = unlocking.sharers_of([key.kid for key in keys])
    rows = [
        {
            "key": key,
            "holder": people.get(key.holder_id, "–"),
            "shared_with": [people.get(person, "–") for person in sharers.get(key.kid, ())],
        }
        for key in keys
    ]
    rows.sort(key=lambda row: row["key"].state != "pending")
    return render(request, "mobile_api/devices.html", {"rows": rows})


@require_POST
@require(Permission.APPROVE_DEVICE)
def approve_device(request, kid):
    """Let a phone sign."""
    selectors.device(kid)
    key = approve_key(kid=kid, by=request.user.pk, at=timezone.now())
    messages.success(
        request, _("%(device)s may sign from now on.") % {"device": key.label or key.kid}
    )
    return redirect("devices")


@require_POST
@require(Permission.APPROVE_DEVICE)
def revoke_device(request, kid):
    """End what a phone may sign."""
    selectors.device(kid)
    key = unlocking.revoke_device(kid=kid, by=request.user.pk, at=timezone.now())
    messages.success(
        request, _("%(device)s signs nothing from now on.") % {"device": key.label or key.kid}
    )
    return redirect("devices")
