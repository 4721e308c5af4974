"""A tape on its way: taken in, its columns confirmed, checked, imported, stopped, gone on with."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from origination.domain.lease_fields import Finding
from origination.domain.tapes.mapping import is_own
from origination.domain.tapes.readers import CHUNK_ROWS, open_tape
from origination.forms import TapeForm
from origination.models import TapeSource, TapeUpload, UploadState
from origination.problems import NotATape, TooLarge
from origination.selectors.tapes import findings_csv, found_rules, score_parts
from origination.services import ReferenceReport, TapeReport, foreign_dialect, import_reference
from origination.services.tapes import (
    RowFinding,
    ask_to_stop,
    chosen_mapping,
    confirm_mapping,
    drop_upload,
    import_now,
    mapping_of,
    may_import,
    stage_tape,
    start_check,
    start_import,
)
from origination.tasks import check_tape, import_tape
from origination.unpacking import MAX_BYTES
from origination.views.tape_columns import choices, columns, posted
from tenants import clock
from tenants.access import has_permission
from tenants.permissions import Permission
from tenants.problems import Problem
from tenants.web import require

PER_PAGE = 50
SHOWN = 200  # rows of a refused tape named on the page; past that the file needs its maker
UNDERSTOOD = 3  # columns: a file of which fewer are, is no tape


@require(Permission.IMPORT_TAPE)
def upload_tape(request):
    """Take in a file: import it where all is plain, else go on to its columns or its check."""
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = TapeForm(*sent)
    sources = TapeSource.objects.values_list("name", flat=True)
    context = {"form": form, "crumbs": _crumbs(), "sources": sources}
    if request.method != "POST" or not form.is_valid():
        status = 422 if form.errors else 200
        return render(request, "origination/tape_upload.html", context, status=status)
    try:
        taken = _take(request, form.cleaned_data)
    except Problem as problem:
        context["problem"] = problem
        return render(request, "origination/tape_upload.html", context, status=problem.status)
    if isinstance(taken, TapeUpload):
        return redirect("tape-upload-page", taken.pk)
    if (done := _done(request, taken)) is not None:
        return done
    context |= {
        "report": taken,
        "refused": len(taken.refused_rows),
        "lines": [_line(found) for found in taken.findings[:SHOWN]],
        "more": max(0, len(taken.findings) - SHOWN),
    }
    return render(request, "origination/tape_upload.html", context, status=422)


def _take(request, data) -> TapeReport | ReferenceReport | TapeUpload:
    """What became of a file: a report, or an upload that a person or a job goes on with."""
    file, by, at = data["file"], request.user.pk, clock.now()
    given = {"file_name": file.name[:200], "by": by, "at": at}
    tape = open_tape(file)
    if (dialect := foreign_dialect(tape)) is not None:
        if file.size > MAX_BYTES:
            raise TooLarge(params={"limit": MAX_BYTES // 1024**2})
        file.seek(0)
        content = file.read()
        keep = data["keep_good"]
        return import_reference(dialect, tape, content=content, **given, keep_good=keep)
    upload = stage_tape(stream=file, **given, source=data["source"])
    mapping = mapping_of(upload)
    if len(mapping.fields) < UNDERSTOOD:
        drop_upload(upload=upload)
        mapping.check()
        raise NotATape
    if mapping.missing() or not is_own(mapping):
        return upload
    if upload.rows > CHUNK_ROWS:
        start_check(upload=upload, enqueue=_enqueue_check)
        return upload
    keep, confirm = data["keep_good"], data["confirm_warnings"]
    return import_now(upload=upload, keep_good=keep, confirm_warnings=confirm, by=by, at=at)


def _done(request, taken: TapeReport | ReferenceReport):
    """Where to go with what is in the book, or beside it; None where nothing was written."""
    if isinstance(taken, ReferenceReport):
        if taken.file is None:
            return None
        told = _("%(taken)s rows were taken as reference data.") % {"taken": taken.taken}
        messages.success(request, told)
        return redirect("reference-file", taken.file.pk)
    if taken.tape is not None:
        messages.success(request, _("%(taken)s leases were taken.") % {"taken": taken.taken})
        return redirect("tape", taken.tape.pk)
    if taken.is_taken:
        messages.success(request, _("The file tells nothing new; nothing was written."))
        return redirect("tape-upload-page", taken.upload.pk)
    return None


@require(Permission.VIEW_LEASES)
def upload_page(request, rid):
    """An upload where it stands: its columns, its progress, or what its check found."""
    return _page(request, get_object_or_404(TapeUpload, pk=rid))


def _page(request, upload, problem=None):
    mapping = mapping_of(upload)
    findings = Paginator(upload.findings.all(), PER_PAGE).get_page(request.GET.get("page"))
    is_read = upload.state == UploadState.READ
    context = {
        "upload": upload,
        "steps": _steps(upload),
        "crumbs": _crumbs(),
        "problem": problem,
        "page_obj": findings,
        "lines": [_line(RowFinding(f.row, Finding(f.field, f.code), f.value)) for f in findings],
        "rules": found_rules(upload, _),
        "parts": score_parts(upload, _),
        "may_import": may_import(upload),
        "may_act": has_permission(request.user, request.tenant, Permission.IMPORT_TAPE),
        "sources": TapeSource.objects.values_list("name", flat=True),
        **(choices(mapping) if is_read or problem else {}),
        "columns": columns(upload, mapping),
        "missing": mapping.missing(),
    }
    status = problem.status if problem is not None else 200
    return render(request, "origination/tape_upload_page.html", context, status=status)


@require_POST
@require(Permission.IMPORT_TAPE)
def check(request, rid):
    """Confirm the columns and have every row checked."""
    upload = get_object_or_404(TapeUpload, pk=rid)
    try:
        mapping = chosen_mapping(upload, **posted(request.POST, upload))
        source = request.POST.get("source", "").replace("\0", "")[:80]
        at = clock.now()
        confirm_mapping(upload=upload, mapping=mapping, source=source, by=request.user.pk, at=at)
        start_check(upload=upload, enqueue=_enqueue_check)
    except Problem as problem:
        upload.refresh_from_db()
        return _page(request, upload, problem)
    return redirect("tape-upload-page", upload.pk)


@require_POST
@require(Permission.IMPORT_TAPE)
def start(request, rid):
    """Import, or go on where it stopped."""
    upload = get_object_or_404(TapeUpload, pk=rid)
    by = str(request.user.pk)
    try:
        start_import(
            upload=upload,
            keep_good="keep_good" in request.POST,
            confirm_warnings="confirm_warnings" in request.POST,
            enqueue=lambda own: import_tape.enqueue(lock=str(own.pk), upload_id=str(own.pk), by=by),
        )
    except Problem as problem:
        return _page(request, upload, problem)
    return redirect("tape-upload-page", upload.pk)


@require_POST
@require(Permission.IMPORT_TAPE)
def stop(request, rid):
    """Stop after the chunk that the job is at."""
    upload = get_object_or_404(TapeUpload, pk=rid)
    ask_to_stop(upload=upload)
    messages.info(request, _("It stops after the rows that it is at."))
    return redirect("tape-upload-page", upload.pk)


@require_POST
@require(Permission.IMPORT_TAPE)
def again(request, rid):
    """Back to the columns of a file of which nothing is in the book."""
    upload = get_object_or_404(TapeUpload, pk=rid)
    if not upload.runs and upload.tape_id is None:
        upload.state = UploadState.READ
        upload.save(update_fields=["state"])
    return redirect("tape-upload-page", upload.pk)


@require_POST
@require(Permission.IMPORT_TAPE)
def drop(request, rid):
    """Forget the file."""
    upload = get_object_or_404(TapeUpload, pk=rid)
    try:
        drop_upload(upload=upload)
    except Problem as problem:
        return _page(request, upload, problem)
    messages.success(request, _("The file was dropped; nothing of it was kept."))
    return redirect("tapes")


@require(Permission.VIEW_LEASES)
def findings_file(request, rid):
    """All findings as CSV."""
    upload = get_object_or_404(TapeUpload, pk=rid)
    pieces = list(findings_csv(upload, _)) if upload.rows <= CHUNK_ROWS else findings_csv(upload, _)
    response = StreamingHttpResponse(pieces, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="findings-{upload.pk}.csv"'
    return response


def _enqueue_check(upload):
    check_tape.enqueue(lock=str(upload.pk), upload_id=str(upload.pk))


def _steps(upload):
    """The four steps of a tape and where it stands."""
    order = [
        (_("File read"), ()),
        (_("Columns"), (UploadState.READ,)),
        (_("Check"), (UploadState.CHECKING, UploadState.CHECKED)),
        (_("Import"), (UploadState.IMPORTING, UploadState.STOPPED, UploadState.FAILED)),
    ]
    at = next((n for n, (_label, states) in enumerate(order) if upload.state in states), 4)
    return [
        {"label": label, "state": "done" if n < at else "current" if n == at else "todo"}
        for n, (label, _states) in enumerate(order)
    ]


def _line(found) -> dict[str, object]:
    return {"row": found.row, "value": found.value, **found.error().as_dict(_)}


def _crumbs():
    return [{"label": _("Tapes"), "url": reverse("tapes")}]
