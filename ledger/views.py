"""The proof explorer: the log, its checkpoints, downloads."""

import re
import string
import tempfile
from itertools import pairwise
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from ledger import selectors
from ledger.checking import words as check_words
from ledger.checking.services import latest_checks
from ledger.choosing import chosen_proof_file, reach
from ledger.exchange import selectors as exchange
from ledger.exchange.selectors import is_shown_logs, restored_entries
from ledger.halting import is_halted
from ledger.log_keys import own_reigns
from ledger.models import Checkpoint, Entry, Replica
from ledger.problems import NoSuchEntry, NotSealed
from ledger.services import seal_checkpoint, write_bundle
from ledger.standstill import check_exported
from ledger.tabs import tabs
from ledger.tiles.publishing import store_of
from ledger.tiles.store import CHECKPOINT
from ledger.witnessing.cosigners import cosigned_by_size, first_cosigned
from ledger.witnessing.trust import quorum, standings
from tenants import clock
from tenants.access import has_permission
from tenants.downloads import file_download
from tenants.permissions import Kind, Permission
from tenants.web import require

PAGE_SIZE = 50
_DIGITS = 18  # of a number that the database can keep
_ID_DIGITS = 32
MIN_DIGITS = 4  # of a record's id, that it is looked for by


def page_of(request, rows, size: int = PAGE_SIZE):
    """The asked-for page of rows."""
    return Paginator(rows, size).get_page(request.GET.get("page"))


@require(Permission.VIEW_LEDGER)
def log(request):
    """The log: its size and signed head, its entries newest first."""
    rows = Entry.objects.order_by("-index").defer("leaf", "nodes")
    wanted = request.GET.get("wanted", "").strip()
    if (index := _numbered(wanted)) is not None:
        return redirect("ledger-entry", index=index)
    check = latest_checks().get(None)
    kind, is_auditor = request.GET.get("kind", ""), request.tenant.kind == Kind.AUDITOR
    checkpoint = selectors.latest_checkpoint()
    if kind:
        rows = rows.filter(kind=kind)
    if wanted:
        found = _rids(wanted)
        rows = rows.filter(rid__range=found) if found else rows.none()
    context = {
        "tabs": tabs("ledger"),
        "check": check,
        "altered": check_words.notice(check),
        "head": selectors.head(),
        "checkpoint": checkpoint,
        "first_cosigned": checkpoint and first_cosigned([checkpoint]).get(checkpoint.size),
        "page_obj": page_of(request, rows),
        "kind": kind,
        "wanted": wanted,
        "restored": restored_entries(),
        "is_shown_logs": not is_auditor or is_shown_logs(),
        "is_simulated": request.tenant.is_demo,
        "is_auditor": is_auditor,
        "kinds": list(Entry.objects.order_by("kind").values_list("kind", flat=True).distinct()),
        "may_seal": has_permission(request.user, request.tenant, Permission.SEAL_CHECKPOINT),
        "may_export": has_permission(request.user, request.tenant, Permission.EXPORT_LEDGER),
    }
    return render(request, "ledger/log.html", context)


def _numbered(wanted: str) -> int | None:
    """The entry of a number as pages write it, if the log has it."""
    digits = wanted.replace(",", "")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= _DIGITS):
        return None
    return int(digits) if Entry.objects.filter(index=int(digits)).exists() else None


def _rids(wanted: str) -> tuple[UUID, UUID] | None:
    """The first and the last id that begin so; a shortened one, as the list shows it, counts by
    what stands before its dots. None for what begins no id.
    """
    digits = re.split(r"…|\.\.\.", wanted.replace("-", "").lower())[0]
    if not MIN_DIGITS <= len(digits) <= _ID_DIGITS or set(digits) - set(string.hexdigits):
        return None
    return UUID(digits.ljust(_ID_DIGITS, "0")), UUID(digits.ljust(_ID_DIGITS, "f"))


@require(Permission.VIEW_LEDGER)
def checkpoints(request):
    """Every checkpoint and who cosigned it."""
    page = page_of(request, Checkpoint.objects.order_by("-size"))
    sizes = [item.size for item in page]
    first = first_cosigned(page)
    cosigned, judged = cosigned_by_size(sizes), standings(page) if sizes else {}
    earlier = Checkpoint.objects.filter(size__lt=min(sizes, default=0)).order_by("-size")
    before = dict(pairwise([*sizes, *earlier.values_list("size", flat=True)[:1]]))
    rows = [
        {
            "checkpoint": item,
            "root": bytes(item.root).hex(),
            "by": cosigned.get(item.size, []),
            "standing": judged[item.size],
            "before": before.get(item.size),
            "first": first.get(item.size),
        }
        for item in page
    ]
    may_export = has_permission(request.user, request.tenant, Permission.EXPORT_LEDGER)
    context = {
        "tabs": tabs("ledger-checkpoints"),
        "page_obj": page,
        "rows": rows,
        "reigns": own_reigns() if rows else [],
        "quorum": quorum() if rows else None,
        "published_at": published_at(request) if rows else "",
        "reach": reach() if may_export and not is_halted() else None,
    }
    return render(request, "ledger/checkpoints.html", context)


@require(Permission.VIEW_LEDGER)
def checkpoint_note(request, size):
    """A checkpoint as a signed note, with every cosignature."""
    found = Checkpoint.objects.filter(size=size).first()
    if found is None:
        raise NoSuchEntry(detail=_("There is no checkpoint of %(size)s entries.") % {"size": size})
    response = HttpResponse(selectors.signed_note(found), content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="checkpoint-{size}.note"'
    return response


def published_at(request) -> str:
    """Where anybody reads `checkpoint` and the tiles; empty while nothing is published."""
    head = selectors.head()
    if head is None or store_of(head.log_id).read(CHECKPOINT) is None:
        return ""
    _host, colon, port = request.get_host().partition(":")
    return f"{request.scheme}://{settings.PLATFORM_DOMAIN}{colon}{port}/ledger/{head.log_id}/"


@require_POST
@require(Permission.SEAL_CHECKPOINT)
def seal(request):
    """Seal a checkpoint now."""
    checkpoint = seal_checkpoint(at=clock.now())
    messages.success(
        request,
        _("The checkpoint of %(size)s entries is signed.") % {"size": f"{checkpoint.size:,}"},
    )
    return redirect("ledger")


def _proof_response(data: bytes | None, name: str) -> HttpResponse:
    if data is None:
        raise NotSealed
    response = HttpResponse(data, content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.tlog-proof"'
    return response


@require(Permission.VIEW_LEDGER)
def proof(request, index):
    """The `.tlog-proof` of an entry."""
    return _proof_response(chosen_proof_file(index), f"entry-{index}")


@require(Permission.EXPORT_LEDGER)
def export(request):
    """The log as one file for `python -m ledger.verifier`: up to where the trust policy is met.

    With `?newest=1` up to its latest checkpoint, whoever cosigned it. `ExportHalted` (503) while
    the log stands still: only who runs the platform takes a file of that, knowing why (`--sealed`).
    """
    check_exported()
    found = reach(newest="newest" in request.GET)
    if found is None:
        raise NotSealed
    stream = tempfile.TemporaryFile()  # noqa: SIM115  (the response closes it)
    write_bundle(stream=stream, size=found.checkpoint.size)
    stream.seek(0)
    return file_download(request, stream, f"{request.tenant.schema_name}.leaseledger")


def replica_of(source) -> Replica:
    """The copy of a log; `NoSuchEntry` where none is kept."""
    found = Replica.objects.filter(source=source).first()
    if found is None:
        raise NoSuchEntry(title="No copy of this log is kept here.")
    return found


@require(Permission.VIEW_LEDGER)
def copy_proof(request, source, index):
    """The `.tlog-proof` of an entry of a copy."""
    replica_of(source)
    return _proof_response(exchange.replica_proof_file(source, index), f"copy-{index}")
