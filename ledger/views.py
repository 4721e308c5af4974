"""The proof explorer: the log, one entry with its proof, checkpoints, copies, downloads."""

import tempfile
from datetime import datetime

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from ledger import explorer, selectors
from ledger.core.notes import NoteKey
from ledger.exchange import selectors as exchange
from ledger.exchange.restoring import decide_request
from ledger.models import Checkpoint, Cosignature, Entry, ForkProof, Outbox, Replica, Restoration
from ledger.problems import (
    KeyFileDamaged,
    NoSuchEntry,
    NotSealed,
    PayloadErased,
    PayloadMissing,
    PayloadUnreadable,
)
from ledger.proving import verifying
from ledger.refusal_words import refusal_words
from ledger.services import seal_checkpoint, sealing_refused, write_bundle
from ledger.tabs import tabs
from ledger.witnessing.trust import standings
from tenants import clock
from tenants.access import has_permission
from tenants.models import Tenant
from tenants.permissions import Permission
from tenants.web import require

PAGE_SIZE = 50
#: So many days without a parcel are told: a log that grows daily has stopped.
SILENT_DAYS = 3


def standstill() -> dict[str, str] | None:
    """Why nothing more is signed, for a notice; None while sealing goes on."""
    problem = sealing_refused()
    return problem and {part: problem.text(part, _) for part in ("title", "detail", "mend")}


def _page(request, rows, size: int = PAGE_SIZE):
    return Paginator(rows, size).get_page(request.GET.get("page"))


@require(Permission.VIEW_LEDGER)
def log(request):
    """The log: its size and signed head, its entries newest first."""
    rows = Entry.objects.order_by("-index").defer("leaf", "nodes")
    kind = request.GET.get("kind", "")
    if kind:
        rows = rows.filter(kind=kind)
    context = {
        "tabs": tabs("ledger"),
        "standstill": standstill(),
        "head": selectors.head(),
        "checkpoint": selectors.latest_checkpoint(),
        "page_obj": _page(request, rows),
        "kind": kind,
        "kinds": list(Entry.objects.order_by("kind").values_list("kind", flat=True).distinct()),
        "may_seal": has_permission(request.user, request.tenant, Permission.SEAL_CHECKPOINT),
        "may_export": has_permission(request.user, request.tenant, Permission.EXPORT_LEDGER),
    }
    return render(request, "ledger/log.html", context)


@require(Permission.VIEW_LEDGER)
def checkpoints(request):
    """Every checkpoint and who cosigned it."""
    page = _page(request, Checkpoint.objects.order_by("-size"))
    cosigned: dict[int, list[Cosignature]] = {}
    for row in Cosignature.objects.filter(size__in=[item.size for item in page]):
        cosigned.setdefault(row.size, []).append(row)
    head = selectors.head()
    judged = standings(page) if head else {}
    rows = [
        {
            "checkpoint": item,
            "root": bytes(item.root).hex(),
            "by": cosigned.get(item.size, []),
            "standing": judged[item.size],
        }
        for item in page
    ]
    context = {
        "tabs": tabs("ledger-checkpoints"),
        "standstill": standstill(),
        "page_obj": page,
        "rows": rows,
        "log_key": explorer.own_log_key().vkey() if head else "",
    }
    return render(request, "ledger/checkpoints.html", context)


@require_POST
@require(Permission.SEAL_CHECKPOINT)
def seal(request):
    """Seal a checkpoint now."""
    checkpoint = seal_checkpoint(at=clock.now())
    messages.success(
        request, _("The checkpoint of %(size)s entries is signed.") % {"size": checkpoint.size}
    )
    return redirect("ledger")


def _payload(request, read) -> dict:
    """Fields for those who may read them, or why there are none."""
    if not has_permission(request.user, request.tenant, Permission.VIEW_PAYLOADS):
        return {"withheld": _("Your role sees the proof of this entry, not its content.")}
    try:
        return {"fields": sorted(read().items())}
    except (PayloadErased, PayloadMissing) as problem:
        return {"withheld": problem.text("title", _)}
    except (PayloadUnreadable, KeyFileDamaged) as problem:
        return {"withheld": f"{problem.text('title', _)} {problem.text('mend', _)}"}


@require(Permission.VIEW_LEDGER)
def entry(request, index):
    """One entry: leaf, proof path, verdict, content for those who may see it."""
    context = {
        "explained": explorer.explain_own(index),
        "proof_url": reverse("ledger-proof", args=[index]),
        "leaf_url": reverse("ledger-leaf", args=[index]),
        **_log_key(explorer.own_log_key()),
        **verifying(),
        "crumbs": [{"label": _("Ledger"), "url": reverse("ledger")}],
        **_payload(request, lambda: selectors.payload(index)),
    }
    return render(request, "ledger/entry.html", context)


def _log_key(key: NoteKey) -> dict[str, str]:
    return {"log_key": key.vkey(), "log_origin": key.name}


def _proof_response(data: bytes | None, name: str) -> HttpResponse:
    if data is None:
        raise NotSealed
    response = HttpResponse(data, content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.tlog-proof"'
    return response


@require(Permission.VIEW_LEDGER)
def proof(request, index):
    """The `.tlog-proof` of an entry."""
    return _proof_response(selectors.proof_file(index), f"entry-{index}")


@require(Permission.EXPORT_LEDGER)
def export(request):
    """The log up to its latest checkpoint as one file for `python -m ledger.verifier`."""
    if selectors.latest_checkpoint() is None:
        raise NotSealed
    stream = tempfile.TemporaryFile()  # noqa: SIM115  (FileResponse closes it)
    write_bundle(stream=stream)
    stream.seek(0)
    name = f"{request.tenant.schema_name}.leaseledger"
    return FileResponse(
        stream, as_attachment=True, filename=name, content_type="application/octet-stream"
    )


@require(Permission.VIEW_LEDGER)
def copies(request):
    """Copies that this tenant keeps, where its own log is copied, and what was refused."""
    names, now = {tenant.pk: tenant for tenant in Tenant.objects.all()}, clock.now()
    size = selectors.log_size()
    context = {
        "tabs": tabs("ledger-copies"),
        "copies": [
            {"row": row, "of": names.get(row.source), "silent": _silent(row.received_at, now)}
            for row in exchange.replicas()
        ],
        "outboxes": [
            {
                "row": row,
                "to": names.get(row.to_tenant),
                "stuck": _silent(row.sent_at, now) if row.cosigned_size < size else 0,
            }
            for row in Outbox.objects.all()
        ],
        "standing": [
            {"row": row, "to": names.get(row.to_tenant), "refusal": exchange.last_refusal(row)}
            for row in Outbox.objects.exclude(refused_since=None)
        ],
        "requests": [
            {"row": row, "other": names.get(row.other)}
            for row in Restoration.objects.filter(by_us=False, state=Restoration.State.ASKED)
        ],
        "restorations": [
            {"row": row, "other": names.get(row.other)}
            for row in Restoration.objects.exclude(
                by_us=False, state=Restoration.State.ASKED
            ).order_by("-asked_at")[:PAGE_SIZE]
        ],
        "may_restore": has_permission(request.user, request.tenant, Permission.RESTORE_LEDGER),
        "forks": [
            {"row": row, "of": names.get(row.source), "finder": names.get(row.other)}
            for row in ForkProof.objects.order_by("-found_at")[:PAGE_SIZE]
        ],
        "refusals": [
            {"row": row, "other": names.get(row.other), "words": refusal_words(row.code)}
            for row in exchange.refusals()[:PAGE_SIZE]
        ],
        "size": size,
    }
    return render(request, "ledger/copies.html", context)


def _silent(since: datetime | None, now: datetime) -> int:
    """Whole days since something went; 0 where that is too short to be worth a word."""
    days = 0 if since is None else (now - since).days
    return days if days >= SILENT_DAYS else 0


def _replica(source) -> Replica:
    found = Replica.objects.filter(source=source).first()
    if found is None:
        raise NoSuchEntry(title="No copy of this log is kept here.")
    return found


@require_POST
@require(Permission.RESTORE_LEDGER)
def restoration(request, pk):
    """A person gives a counterparty its lost log back, or refuses."""
    give = request.POST.get("decision") == "give"
    count = decide_request(pk=pk, give=give, by=request.user.pk, at=clock.now())
    words = _("%(count)s entries are on their way.") if give else _("Refused; nothing was given.")
    messages.success(request, words % {"count": count} if give else words)
    return redirect("ledger-copies")


@require(Permission.VIEW_LEDGER)
def fork(request, digest):
    """The evidence that a log was forked, for `python -m ledger.verifier.fork`."""
    found = ForkProof.objects.filter(digest=digest).first()
    if found is None:
        raise NoSuchEntry(title="There is no such evidence here.")
    response = HttpResponse(bytes(found.evidence), content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="fork-{found.size}.lease-fork"'
    return response


@require(Permission.VIEW_LEDGER)
def copy(request, source):
    """The entries of a copy, newest first."""
    replica = _replica(source)
    rows = exchange.replica_entries(source).order_by("-index").defer("leaf", "nodes")
    context = {
        "replica": replica,
        "of": Tenant.objects.get(pk=source),
        "page_obj": _page(request, rows),
        "crumbs": [
            {"label": _("Ledger"), "url": reverse("ledger")},
            {"label": _("Copies"), "url": reverse("ledger-copies")},
        ],
    }
    return render(request, "ledger/copy.html", context)


@require(Permission.VIEW_LEDGER)
def copy_entry(request, source, index):
    """One entry of a copy, proven from the copy alone."""
    replica = _replica(source)
    tenant = Tenant.objects.get(pk=source)

    def read():
        found = exchange.replica_payloads(source, [index]).get(index)
        return {} if found is None else dict(found.fields)

    context = {
        "explained": explorer.explain_copy(source, index),
        "proof_url": reverse("ledger-copy-proof", args=[source, index]),
        "leaf_url": reverse("ledger-copy-leaf", args=[source, index]),
        **_log_key(NoteKey.parse(replica.vkey)),
        **verifying(),
        "of": tenant,
        "crumbs": [
            {"label": _("Ledger"), "url": reverse("ledger")},
            {"label": _("Copies"), "url": reverse("ledger-copies")},
            {"label": str(tenant), "url": reverse("ledger-copy", args=[source])},
        ],
        **_payload(request, read),
    }
    return render(request, "ledger/entry.html", context)


@require(Permission.VIEW_LEDGER)
def copy_proof(request, source, index):
    """The `.tlog-proof` of an entry of a copy."""
    _replica(source)
    return _proof_response(exchange.replica_proof_file(source, index), f"copy-{index}")
