"""Tapes and reference files: those imported, their findings, and importing one."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from origination.domain.dialects import BY_CODE
from origination.domain.lease_fields import Finding
from origination.forms import TapeForm
from origination.models import ReferenceFile, Tape
from origination.services import ReferenceReport, import_file
from origination.services.line_findings import LineFinding
from origination.services.tapes import RowFinding
from tenants import clock
from tenants.access import has_permission, people_named
from tenants.permissions import Permission
from tenants.problems import Problem
from tenants.web import require

PER_PAGE = 50
SHOWN = 200  # rows of a refused tape named on the page; past that the file needs its maker


@require(Permission.VIEW_LEASES)
def tapes(request):
    """Every imported tape, the newest first."""
    page = Paginator(Tape.objects.all(), PER_PAGE).get_page(request.GET.get("page"))
    people = people_named({tape.imported_by for tape in page})
    context = {
        "page_obj": page,
        "rows": [(tape, people.get(tape.imported_by, "")) for tape in page],
        "references": [
            (file, _(BY_CODE[file.dialect].title))
            for file in ReferenceFile.objects.defer("table")[:PER_PAGE]
        ],
        "may_import": has_permission(request.user, request.tenant, Permission.IMPORT_TAPE),
    }
    return render(request, "origination/tapes.html", context)


@require(Permission.VIEW_LEASES)
def tape(request, rid):
    """One tape: what was taken, and row by row what was not and why."""
    found = get_object_or_404(Tape, pk=rid)
    page = Paginator(found.findings.all(), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "tape": found,
        "page_obj": page,
        "lines": [
            _line(RowFinding(row.row, Finding(row.field, row.code), row.value)) for row in page
        ],
        "crumbs": _crumbs(),
    }
    return render(request, "origination/tape.html", context)


@require(Permission.VIEW_LEASES)
def reference_file(request, rid):
    """One file of others: what it is, why it holds no leases, its figures and its findings."""
    found = get_object_or_404(ReferenceFile.objects.defer("table"), pk=rid)
    dialect = BY_CODE[found.dialect]
    page = Paginator(found.findings.all(), PER_PAGE).get_page(request.GET.get("page"))
    reasons: dict[str, list[str]] = {}
    for name, reason in dialect.lacks.items():
        reasons.setdefault(_(reason), []).append(name)
    context = {
        "file": found,
        "title": _(dialect.title),
        "figures": [(_(label), text) for label, text in found.figures],
        "reasons": [(names, reason) for reason, names in reasons.items()],
        "page_obj": page,
        "lines": [
            _line(LineFinding(dialect, row.row, Finding(row.field, row.code), row.value))
            for row in page
        ],
        "crumbs": _crumbs(),
    }
    return render(request, "origination/reference_file.html", context)


@require(Permission.IMPORT_TAPE)
def upload_tape(request):
    """Import a file: the report of what was refused, or the tape or table that was taken."""
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = TapeForm(*sent)
    context = {"form": form, "crumbs": _crumbs()}
    if request.method != "POST" or not form.is_valid():
        status = 422 if form.errors else 200
        return render(request, "origination/tape_upload.html", context, status=status)
    try:
        report = import_file(
            content=form.cleaned_data["file"].read(),
            file_name=form.cleaned_data["file"].name[:200],
            by=request.user.pk,
            at=clock.now(),
            keep_good=form.cleaned_data["keep_good"],
            confirm_warnings=form.cleaned_data["confirm_warnings"],
        )
    except Problem as problem:
        context["problem"] = problem
        return render(request, "origination/tape_upload.html", context, status=problem.status)
    if isinstance(report, ReferenceReport):
        if report.file is not None:
            messages.success(
                request, _("%(taken)s rows were taken as reference data.") % {"taken": report.taken}
            )
            return redirect("reference-file", report.file.pk)
    elif report.tape is not None:
        messages.success(request, _("%(taken)s leases were taken.") % {"taken": report.taken})
        return redirect("tape", report.tape.pk)
    context |= {
        "report": report,
        "refused": len(report.refused_rows),
        "lines": [_line(found) for found in report.findings[:SHOWN]],
        "more": max(0, len(report.findings) - SHOWN),
    }
    return render(request, "origination/tape_upload.html", context, status=422)


def _line(found: RowFinding) -> dict[str, object]:
    return {"row": found.row, "value": found.value, **found.error().as_dict(_)}


def _crumbs():
    return [{"label": _("Tapes"), "url": reverse("tapes")}]
