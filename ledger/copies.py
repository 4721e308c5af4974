"""Pages of the copies: how well each is, what was refused, what is asked back."""

import csv

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from ledger import health_words, selectors
from ledger.checking import words as check_words
from ledger.checking.services import latest_checks
from ledger.exchange import convictions, health, lost_rows, returning
from ledger.exchange import selectors as exchange
from ledger.exchange.health import Elsewhere, Here
from ledger.exchange.restoring import decide_request
from ledger.exchange.spans import spans
from ledger.log_keys import copied_reigns
from ledger.models import Entry, ForkProof, ForkRuling, Restoration
from ledger.problems import NoSuchEntry
from ledger.refusal_words import refusal_words
from ledger.standstill import lost, stands_still
from ledger.tabs import tabs
from ledger.views import PAGE_SIZE, page_of, replica_of
from tenants import clock
from tenants.access import has_permission
from tenants.asides import waiting_asides
from tenants.models import Tenant
from tenants.permissions import Kind, Permission
from tenants.templatetags.ui import institution
from tenants.web import require


def _worded(copy: Elsewhere | Here) -> dict[str, object]:
    return {
        "copy": copy,
        "tone": health_words.tone(copy),
        "state": health_words.state_word(copy),
        "advice": health_words.advice(copy),
    }


@require(Permission.VIEW_LEDGER)
def copies(request):
    """Copies that this tenant keeps, where its own log is copied, and what was refused."""
    names = {tenant.pk: tenant for tenant in Tenant.objects.all()}
    elsewhere, here = health.copies_elsewhere(), health.copies_here(clock.now())
    checks, rulings = latest_checks(), ForkRuling.objects.in_bulk()
    copied = [checks.get(copy.row.source) for copy in here]
    asked = Restoration.objects.filter(by_us=False, state=Restoration.State.ASKED)
    told = Restoration.objects.exclude(by_us=False, state=Restoration.State.ASKED)
    sends = request.tenant.kind != Kind.AUDITOR and bool(selectors.log_size())
    verdict = health_words.verdict(elsewhere, here, sends=sends)
    if not elsewhere and not here and (gone := lost()):
        verdict = {"tone": "danger", "title": gone["title"], "body": gone["mend"]}
    elif verdict["tone"] == "success" and stands_still():
        verdict = health_words.held_up(len(here))
    context = {
        "tabs": tabs("ledger-copies"),
        "verdict": verdict,
        "elsewhere": [_worded(copy) for copy in elsewhere],
        "here": [_worded(copy) | {"check": checks.get(copy.row.source)} for copy in here],
        "altered_copies": list(filter(None, map(check_words.notice, copied))),
        "requests": [{"row": row, "other": names.get(row.other)} for row in asked],
        "restorations": [
            {
                "row": row,
                "other": names.get(row.other),
                "missing": spans({*row.missing_payloads, *row.missing_items}),
                "missing_count": len({*row.missing_payloads, *row.missing_items}),
                "not_returned": returning.worded(row.not_returned),
                "lost_rows": lost_rows.lost_rows(row) if row.not_returned else [],
            }
            for row in told.order_by("-asked_at")[:PAGE_SIZE]
        ],
        "receives_later": bool(waiting_asides(request.tenant)),
        "is_shown_logs": exchange.is_shown_logs(),
        "may_restore": has_permission(request.user, request.tenant, Permission.RESTORE_LEDGER),
        "forks": [
            {
                "row": row,
                "of": institution(names.get(row.source)) or convictions.origin_of(row),
                "finder": names.get(row.other),
                "ruling": rulings.get(row.digest),
            }
            for row in ForkProof.objects.order_by("-found_at")[:PAGE_SIZE]
        ],
        "refusals": [
            {"row": row, "other": names.get(row.other), "words": refusal_words(row.code)}
            for row in exchange.refusals()[:PAGE_SIZE]
        ],
    }
    return render(request, "ledger/copies.html", context)


@require_POST
@require(Permission.RESTORE_LEDGER)
def restoration(request, pk):
    """A person gives a counterparty its lost log back, or refuses."""
    give = request.POST.get("decision") == "give"
    count = decide_request(pk=pk, give=give, by=request.user.pk, at=clock.now())
    words = _("%(count)s entries are on their way.") if give else _("Refused; nothing was given.")
    messages.success(request, words % {"count": f"{count:,}"} if give else words)
    return redirect("ledger-copies")


@require(Permission.VIEW_LEDGER)
def restoration_missing(request, pk):
    """Every entry whose content did not come back, as a file: its number, kind, record and what."""
    row = Restoration.objects.filter(pk=pk, by_us=True).first()
    if row is None:
        raise NoSuchEntry(title="There is no such restoration here.")
    payloads, items = set(row.missing_payloads), set(row.missing_items)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="not-restored-{pk}.csv"'
    response.write("\ufeff")
    lines = csv.writer(response)
    lines.writerow(["entry", "kind", "record", "content", "items"])
    found = Entry.objects.filter(index__in=payloads | items).order_by("index")
    for index, kind, rid in found.values_list("index", "kind", "rid"):
        lines.writerow([index, kind, rid, int(index in payloads), int(index in items)])
    return response


@require(Permission.VIEW_LEDGER)
def missing_books(request):
    """Where the home page leads to: the newest restoration whose books nobody has seen missing."""
    row = next((row for row in lost_rows.unseen() if lost_rows.lost_rows(row)), None)
    return redirect(f"{reverse('ledger-copies')}{f'#books-{row.pk}' if row else ''}")


@require_POST
@require(Permission.RESTORE_LEDGER)
def restoration_seen(request, pk):
    """A person has read which books did not come back: the home page says it no more."""
    lost_rows.mark_seen(pk=pk, by=request.user.pk, at=clock.now())
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


@require_POST
@require(Permission.RESTORE_LEDGER)
def fork_ruling(request, digest):
    """A person goes on with the history of a convicted log that is held here."""
    reason = request.POST.get("reason", "").strip()
    if not reason:
        messages.error(request, _("Say why: the reason is kept beside the evidence."))
        return redirect("ledger-copies")
    convictions.rule(digest=digest, reason=reason, by=request.user.pk, at=clock.now())
    messages.success(request, _("Decided. What comes of this log is taken and cosigned again."))
    return redirect("ledger-copies")


@require(Permission.VIEW_LEDGER)
def copy(request, source):
    """How well one copy is, and its entries, newest first."""
    replica = replica_of(source)
    rows = exchange.replica_entries(source).filter(index__lt=replica.size)  # as it was read here
    rows = rows.order_by("-index").defer("leaf", "nodes")
    context = {
        "replica": replica,
        "reigns": copied_reigns(replica),
        "of": Tenant.objects.get(pk=source),
        "health": _worded(health.copy_here(replica, clock.now())),
        "page_obj": page_of(request, rows),
        "crumbs": [
            {"label": _("Ledger"), "url": reverse("ledger")},
            {"label": _("Copies"), "url": reverse("ledger-copies")},
        ],
    }
    return render(request, "ledger/copy.html", context)
