"""Tapes and reference files: those imported, and their findings."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from origination.domain.dialects import BY_CODE
from origination.domain.lease_fields import Finding
from origination.domain.tapes.writing import TapeFormat
from origination.models import ReferenceFile, Tape, TapeUpload, UploadState
from origination.selectors.tape_export import export_book
from origination.services.line_findings import LineFinding
from origination.services.tapes import RowFinding
from tenants import clock
from tenants.access import has_permission, people_named
from tenants.downloads import file_download
from tenants.permissions import Permission
from tenants.problems import Problem
from tenants.web import require

PER_PAGE = 50


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
        "formats": [str(form) for form in TapeFormat],
        "uploads": TapeUpload.objects.exclude(state=UploadState.IMPORTED).select_related("source")[
            :PER_PAGE
        ],
        "may_import": has_permission(request.user, request.tenant, Permission.IMPORT_TAPE),
    }
    return render(request, "origination/tapes.html", context)


@require(Permission.VIEW_LEASES)
def tape(request, rid):
    """One tape: what was taken, and row by row what was not and why."""
    found = get_object_or_404(Tape.objects.select_related("upload__source"), pk=rid)
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


@require(Permission.IMPORT_TAPE)
def export_tape(request, form):
    """The book as a file that can be imported again."""
    if form not in list(TapeFormat):
        raise Http404
    try:
        stream = export_book(form=TapeFormat(form), known_at=clock.now())
    except Problem as problem:
        messages.error(request, f"{problem.text('title', _)} {problem.text('mend', _)}")
        return redirect("tapes")
    name = f"{request.tenant.schema_name}-{clock.today()}.{form}"
    return file_download(request, stream, name)


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


def _line(found: RowFinding) -> dict[str, object]:
    return {"row": found.row, "value": found.value, **found.error().as_dict(_)}


def _crumbs():
    return [{"label": _("Tapes"), "url": reverse("tapes")}]
