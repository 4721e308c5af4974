"""Downloading documents, and checking a copy against the ledger."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_POST

from pools.circular import documents
from pools.circular.forms import CheckForm, CircularForm, offered_pools
from pools.circular.issue import issue_pool_circular
from pools.models import DocumentKind
from tenants import clock
from tenants.access import has_permission
from tenants.permissions import Permission
from tenants.problems import NotFound, Problem
from tenants.web import require

_SUFFIXES = {"application/pdf": "pdf", "application/xml": "xml", "application/gzip": "json.gz"}


@require(Permission.VIEW_DOCUMENTS)
def document_list(request):
    return _list_page(request)


def _list_page(request, *, problem=None, status=200):
    may_issue = has_permission(request.user, request.tenant, Permission.ISSUE_DOCUMENT)
    context = {
        "documents": documents.newest(),
        "form": CircularForm() if may_issue and offered_pools().exists() else None,
        "problem": problem,
    }
    return render(request, "pools/documents.html", context, status=status)


@require_POST
@require(Permission.ISSUE_DOCUMENT)
def issue(request):
    """A pool's circular in one language."""
    form = CircularForm(request.POST)
    if not form.is_valid():
        problem = NotFound(detail=gettext_noop("There is no such pool or language here."))
        return _list_page(request, problem=problem, status=404)
    pool, language = form.cleaned_data["pool"], form.cleaned_data["language"]
    try:
        issue_pool_circular(pool=pool, language=language, by=request.user.pk, at=clock.now())
    except Problem as problem:
        return _list_page(request, problem=problem, status=problem.status)
    messages.success(request, _("The circular is issued and its hash is on the ledger."))
    return redirect("documents")


@require(Permission.VIEW_DOCUMENTS)
def download(request, document_id):
    document = documents.document(document_id)
    is_decision = document.kind == DocumentKind.DECISION  # every candidate, and who voted how
    if is_decision and not has_permission(request.user, request.tenant, Permission.VIEW_DEALS):
        raise PermissionDenied(Permission.VIEW_DEALS)
    response = HttpResponse(documents.content_of(document), content_type=document.media_type)
    name = f"{slugify(document.title) or document.kind}-{document.language}"
    suffix = _SUFFIXES.get(document.media_type, "bin")
    response["Content-Disposition"] = f'attachment; filename="{name}.{suffix}"'
    response["ETag"] = f'"{document.sha256}"'
    return response


@require(Permission.VIEW_DOCUMENTS)
def check(request):
    form = CheckForm(request.POST or None, request.FILES or None)
    verification = None
    if request.method == "POST" and form.is_valid():
        verification = documents.verify_content(form.cleaned_data["file"].read())
    context = {"form": form, "verification": verification}
    return render(request, "pools/check_document.html", context)
