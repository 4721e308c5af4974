"""The registry's map on an institution's host: its epochs, its alarms, and proofs."""

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
from ledger.titles.asking import ask_for_proof, check_asking, newest_file, provable_root
from ledger.titles.books import subject_of
from ledger.titles.prepared import sealing_halted
from ledger.titles.problems import NotScreened
from ledger.titles.tasks import prove_titles
from tenants import clock
from tenants.access import has_permission
from tenants.jobs import enqueue_once
from tenants.permissions import Kind, Permission
from tenants.web import require

#: More rights than this are asked for by a job.
AT_ONCE = 20


@require(Permission.VIEW_LEDGER)
def titles(request):
    """What the platform said of its map, who holds the same, whether all of ours is in it."""
    epochs, now = selectors.own_epochs(), timezone.now()  # epochs are dated by the wall
    context = {
        "tabs": tabs("ledger-titles"),
        "epochs": epochs,
        "newest": epochs[0] if epochs else None,
        "wait": selectors.minutes_to_next(epochs[0], now) if epochs else 0,
        "is_stale": bool(epochs) and selectors.is_stale(epochs[0], now),
        "halted": sealing_halted(),
        "reigns": selectors.own_reigns(),
        "check": selectors.latest_check(),
        "alarms": selectors.alarms(),
        "proofs": selectors.proofs()[: selectors.SHOWN],
    }
    return render(request, "ledger/titles.html", context)


@require(Permission.VIEW_LEDGER)
def subject(request, subject_id):
    """Proofs of a lease's or a pool's receivables, and how to ask for others."""
    found = subject_of(subject_id)
    if found is None:
        raise NotScreened
    root = provable_root()
    proofs = list(selectors.proofs(subject_id)[: selectors.SHOWN])
    context = {
        "subject_id": subject_id,
        "subject": found,
        "proofs": proofs,
        "taken": selectors.taken_of(found, proofs[0]) if proofs else [],
        "epoch": root.epoch if root is not None else None,
        "may_ask": has_permission(request.user, request.tenant, Permission.EXPORT_LEDGER),
        "crumbs": [{"label": _("Title registry"), "url": reverse("ledger-titles")}],
    }
    return render(request, "ledger/title_proofs.html", context)


@require_POST
@require(Permission.EXPORT_LEDGER)
def ask(request, subject_id):
    """Have proofs made and verified: at once, or for many by a job."""
    now = timezone.now()
    found, _root = check_asking(subject_id, now)
    if len(found.claims) > AT_ONCE:
        lock = f"title-proofs-{subject_id}"
        arguments = {"subject": str(subject_id), "by": str(request.user.pk)}
        enqueue_once(prove_titles, tenant=request.tenant, lock=lock, **arguments)
        messages.info(request, _("The proofs are being made; they stand here in a moment."))
        return redirect("ledger-title-proofs", subject_id)
    made = ask_for_proof(subject_id=subject_id, by=request.user.pk, now=now, at=clock.now())
    if made.verdict == TitleProofKept.Verdict.TAKEN:
        messages.warning(request, _taken(request.tenant))
    else:
        messages.success(request, _("The proof was made, and verified here."))
    return redirect("ledger-title-proofs", subject_id)


def _taken(tenant):
    if tenant.kind == Kind.LESSOR:  # who pledged it asks where it stands
        return _("Proven: somebody else holds this right, as who you pledged or sold it to does.")
    return _("Proven: somebody else holds this right. Do not purchase.")


@require(Permission.EXPORT_LEDGER)
def proof(request, pk):
    """The file, for `python -m ledger.verifier` or the Verify page."""
    found = get_object_or_404(TitleProofKept, pk=pk)
    name = f"title-{found.subject_id}-epoch-{found.epoch}.title-proof"
    return _file(newest_file(found), name, "application/json")


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
