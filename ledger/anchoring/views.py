"""Anchors of this log: who is shown its checkpoints, what they said, and the proofs to download."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from ledger.anchoring.forms import FORMS
from ledger.anchoring.services import add_target, delete_target, is_removable, switch_target
from ledger.anchoring.statement import Statement
from ledger.anchoring.targets import payer
from ledger.models import AnchorKind, AnchorReceipt, AnchorTarget, Checkpoint
from ledger.problems import AnchorKept
from ledger.tabs import tabs
from tenants import clock
from tenants.access import has_permission
from tenants.permissions import Permission
from tenants.problems import Problem
from tenants.web import require

_SUFFIX = {AnchorKind.TIMESTAMP: "tsr", AnchorKind.EVM: "json"}


@require(Permission.VIEW_LEDGER)
def anchors(request):
    """Every outsider with its newest receipts."""
    rows = [
        {
            "target": target,
            "payer": payer(target),
            "is_removable": is_removable(target, request.user.pk),
            "receipts": target.receipts.order_by("-size")[:20],
        }
        for target in AnchorTarget.objects.order_by("name")
    ]
    may = has_permission(request.user, request.tenant, Permission.SEAL_CHECKPOINT)
    context = {"tabs": tabs("ledger-anchors"), "rows": rows, "may": may}
    return render(request, "ledger/anchors.html", context)


@require(Permission.SEAL_CHECKPOINT)
def add(request, kind):
    """A form of one kind."""
    if kind not in FORMS:
        raise Http404
    form, problem = FORMS[kind](request.POST or None), None
    if request.method == "POST" and form.is_valid():
        try:
            target = add_target(typed=form.typed(), by=request.user.pk, at=clock.now())
        except Problem as refused:
            problem = refused
            for error in refused.errors:
                words = error.as_dict(_)
                form.add_error(error.field, f"{words['detail']} {words['mend']}".strip())
        else:
            messages.success(
                request, _("%(name)s is added and switched off.") % {"name": target.name}
            )
            return redirect("ledger-anchors")
    status = problem.status if problem else (422 if form.errors else 200)
    label = AnchorKind(kind).label
    context = {"tabs": tabs("ledger-anchors"), "form": form, "kind_label": label}
    return render(request, "ledger/anchor_add.html", context, status=status)


@require_POST
@require(Permission.SEAL_CHECKPOINT)
def switch(request, pk):
    """On or off."""
    target = get_object_or_404(AnchorTarget, pk=pk)
    try:
        switch_target(target=target, on=request.POST.get("on") == "1")
    except Problem as problem:
        said = [error.as_dict(_)["detail"] for error in problem.errors] or [
            problem.text("detail", _)
        ]
        messages.error(request, f"{' '.join(said)} {problem.text('mend', _)}")
    return redirect("ledger-anchors")


@require_POST
@require(Permission.SEAL_CHECKPOINT)
def delete(request, pk):
    """Away with one that was never asked."""
    target = get_object_or_404(AnchorTarget, pk=pk)
    try:
        delete_target(target=target, by=request.user.pk)
    except AnchorKept as kept:
        messages.error(
            request, " ".join(kept.text(part, _) for part in ("title", "detail", "mend"))
        )
    else:
        messages.success(request, _("%(name)s is deleted.") % {"name": target.name})
    return redirect("ledger-anchors")


@require(Permission.VIEW_LEDGER)
def receipt(request, pk):
    """The outsider's own proof, in its own format."""
    row = get_object_or_404(AnchorReceipt.objects.select_related("target"), pk=pk)
    if not row.receipt:
        raise Http404
    name = f"checkpoint-{row.size}.{_SUFFIX[AnchorKind(row.target.kind)]}"
    return _download(bytes(row.receipt), name)


@require(Permission.VIEW_LEDGER)
def statement(request, size):
    """The note text whose SHA-256 was anchored."""
    checkpoint = get_object_or_404(Checkpoint, size=size)
    return _download(Statement(bytes(checkpoint.note)).text, f"checkpoint-{size}.txt")


def _download(data: bytes, name: str) -> HttpResponse:
    response = HttpResponse(data, content_type="application/octet-stream")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
