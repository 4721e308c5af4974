"""The registry's map on an institution's host: its epochs, alarms, and proofs of single leases."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from ledger.core.errors import LedgerError
from ledger.core.title_root import SignedRoot
from ledger.models import TitleAlarm, TitleProofKept
from ledger.tabs import tabs
from ledger.titles import selectors
from ledger.titles.asking import ask_for_proof, provable_root
from ledger.titles.books import identifier_of
from ledger.titles.problems import NotScreened
from tenants.access import has_permission
from tenants.permissions import Permission
from tenants.web import require

RIGHT = "receivables"


@require(Permission.VIEW_LEDGER)
def titles(request):
    """What the platform said of its map, who holds the same, whether all of ours is in it."""
    epochs = selectors.own_epochs()
    context = {
        "tabs": tabs("ledger-titles"),
        "epochs": epochs,
        "newest": epochs[0] if epochs else None,
        "next_from": selectors.next_epoch_from(epochs[0]) if epochs else None,
        "is_stale": bool(epochs) and selectors.is_stale(epochs[0], timezone.now()),
        "check": selectors.latest_check(),
        "alarms": selectors.alarms(),
        "proofs": selectors.proofs()[: selectors.SHOWN],
    }
    return render(request, "ledger/titles.html", context)


@require(Permission.VIEW_LEDGER)
def lease(request, claim_id):
    """Proofs of one lease's receivables, and how to ask for another."""
    identifier = identifier_of(claim_id)
    if identifier is None:
        raise NotScreened
    root = provable_root()
    context = {
        "tabs": tabs("ledger-titles"),
        "claim_id": claim_id,
        "vin": identifier.partition(":")[2],
        "proofs": selectors.proofs(claim_id)[: selectors.SHOWN],
        "epoch": root.epoch if root is not None else None,
        "may_ask": has_permission(request.user, request.tenant, Permission.EXPORT_LEDGER),
        "crumbs": [{"label": _("Title registry"), "url": reverse("ledger-titles")}],
    }
    return render(request, "ledger/title_lease.html", context)


@require_POST
@require(Permission.EXPORT_LEDGER)
def ask(request, claim_id):
    """Have a proof made and verified."""
    made = ask_for_proof(claim_id=claim_id, right=RIGHT, by=request.user.pk, now=timezone.now())
    if made.verdict == TitleProofKept.Verdict.TAKEN:
        messages.warning(request, _("Proven: somebody else holds this right. Do not purchase."))
    else:
        messages.success(request, _("The proof was made, and verified here."))
    return redirect("ledger-title-lease", claim_id)


@require(Permission.EXPORT_LEDGER)
def proof(request, pk):
    """The file, for `python -m ledger.verifier` or the Verify page."""
    found = get_object_or_404(TitleProofKept, pk=pk)
    name = f"title-{found.claim_id}-epoch-{found.epoch}.title-proof"
    return _file(bytes(found.file), name, "application/json")


@require(Permission.VIEW_LEDGER)
def alarm(request, pk):
    """Both signed notes of an alarm, for whoever is to be shown them."""
    found = get_object_or_404(TitleAlarm, pk=pk)
    notes = []
    values = found.evidence.values() if isinstance(found.evidence, dict) else ()
    for fields in values:
        try:
            notes.append(SignedRoot.of_fields(fields).note())
        except (LedgerError, AttributeError):
            continue  # what was told is no root at all
    if not notes:
        raise Http404
    return _file(b"\n".join(notes), f"title-alarm-{pk}.txt", "text/plain; charset=utf-8")


def _file(data: bytes, name: str, content_type: str) -> HttpResponse:
    response = HttpResponse(data, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
