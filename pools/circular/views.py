"""Downloading documents, and checking a copy against the ledger."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.text import slugify

from pools.circular import documents
from pools.circular.forms import CheckForm
from tenants.permissions import Permission
from tenants.web import require

_SUFFIXES = {"application/pdf": "pdf", "application/xml": "xml"}


@require(Permission.VIEW_DOCUMENTS)
def document_list(request):
    return render(request, "pools/documents.html", {"documents": documents.newest()})


@require(Permission.VIEW_DOCUMENTS)
def download(request, document_id):
    document = documents.document(document_id)
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
