"""Bank statements: taking one, deciding about its lines, all that are safe after a preview."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from origination.forms_statements import AsideForm, PartFormSet, StatementForm
from origination.models import Lease, LineState, Statement, StatementLine
from origination.selectors.statements import find_lines, suspense, with_suggestions
from origination.services import book_lines, import_statement, set_aside
from origination.services.statements import Decision, Part, take_up_again
from tenants import clock
from tenants.access import has_permission
from tenants.permissions import Permission
from tenants.problems import Problem
from tenants.web import require

PER_PAGE = 25
AT_ONCE = 500  # safe lines that one preview shows and one batch books
_STATES = dict(LineState.choices)


def _crumbs():
    return [{"label": _("Bank statements"), "url": reverse("statements")}]


def _may(request) -> bool:
    return has_permission(request.user, request.tenant, Permission.RECORD_PAYMENTS)


def _suggested(lines):
    return with_suggestions(lines, as_of=clock.today(), known_at=clock.now())


def _page(request, *, form=None, problem=None, status=200):
    state = request.GET.get("state", LineState.OPEN)
    state = state if state in _STATES else LineState.OPEN
    page = Paginator(find_lines(state), PER_PAGE).get_page(request.GET.get("page"))
    is_open = state == LineState.OPEN
    tabs = [
        {"label": label, "url": f"?state={code}", "active": code == state}
        for code, label in LineState.choices
    ]
    context = {
        "form": form or StatementForm(),
        "problem": problem,
        "page_obj": page,
        "rows": _suggested(page) if is_open else [{"line": line} for line in page],
        "state": state,
        "is_open": is_open,
        "tabs": tabs,
        "suspense": suspense(),
        "statements": Statement.objects.all()[:5],
        "may_book": _may(request),
    }
    return render(request, "origination/statements.html", context, status=status)


@require(Permission.VIEW_LEASES)
def statements(request):
    """Lines in suspense with what they may pay, and those decided."""
    return _page(request)


@require_POST
@require(Permission.RECORD_PAYMENTS)
def take_statement(request):
    """Take a statement: every new line goes into suspense."""
    form = StatementForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, form=form, status=422)
    file = form.cleaned_data["file"]
    try:
        report = import_statement(
            content=file.read(),
            file_name=file.name,
            by=request.user.pk,
            at=clock.now(),
            account=form.cleaned_data["account"],
        )
    except Problem as problem:
        return _page(request, form=form, problem=problem, status=problem.status)
    if report.statement is None:
        messages.info(request, _("Every line of this statement was taken before."))
    else:
        said = ngettext(
            "%(taken)s line was taken; %(known)s known before.",
            "%(taken)s lines were taken; %(known)s known before.",
            report.taken,
        )
        messages.success(request, said % {"taken": report.taken, "known": report.known})
    return redirect("statements")


@require_http_methods(["GET", "POST"])
@require(Permission.RECORD_PAYMENTS)
def safe_lines(request):
    """All lines whose best suggestion is safe: shown first, then booked as they were shown."""
    if request.method == "POST":
        return _confirm_safe(request)
    rows = [row for row in _suggested(find_lines()[: AT_ONCE * 2]) if row.is_safe][:AT_ONCE]
    totals: dict[str, int] = {}
    for row in rows:
        totals[row.line.currency] = totals.get(row.line.currency, 0) + row.line.amount_minor
    context = {"rows": rows, "totals": list(totals.items()), "crumbs": _crumbs()}
    return render(request, "origination/statement_safe.html", context)


def _confirm_safe(request):
    """Only what was shown and still is the safe suggestion."""
    shown = dict(item.split(":", 1) for item in request.POST.getlist("line") if ":" in item)
    ids = [int(pk) for pk in shown if pk.isdigit() and len(pk) < 19][:AT_ONCE]
    rows = [
        row
        for row in _suggested(find_lines().filter(pk__in=ids))
        if row.is_safe and shown.get(str(row.line.pk)) == f"{row.best.rid}:{row.best.kind}"
    ]
    if len(rows) != len(shown):
        messages.warning(request, _("The book has moved on meanwhile: look at the list again."))
        return redirect("statement-safe")
    leases = Lease.objects.in_bulk([row.best.rid for row in rows])
    by_rid = {str(rid): lease for rid, lease in leases.items()}
    decisions = [Decision(row.line, [_whole(row.line, row.best, by_rid)]) for row in rows]
    try:
        if decisions:
            book_lines(decisions=decisions, by=request.user.pk, at=clock.now())
    except Problem as problem:
        context = {"rows": rows, "problem": problem, "crumbs": _crumbs()}
        return render(request, "origination/statement_safe.html", context, status=problem.status)
    said = ngettext("%(count)s line is booked.", "%(count)s lines are booked.", len(rows))
    messages.success(request, said % {"count": len(rows)})
    return redirect("statements")


def _whole(line, suggestion, leases) -> Part:
    lease = leases[suggestion.rid]
    return Part(lease, abs(line.amount_minor), suggestion.kind, suggestion.reverses)


@require_http_methods(["GET", "POST"])
@require(Permission.RECORD_PAYMENTS)
def statement_line(request, line_id):
    """One line: its suggestions, split over leases, or set aside."""
    line = get_object_or_404(StatementLine.objects.select_related("statement"), pk=line_id)
    sent = request.POST if request.method == "POST" else None
    aside = AsideForm()
    if sent is None:
        return _line_page(request, line, None, aside)
    parts = PartFormSet(sent, line=line, prefix="part")
    if not parts.is_valid():
        return _line_page(request, line, parts, aside, status=422)
    try:
        book_lines(decisions=[Decision(line, parts.decided())], by=request.user.pk, at=clock.now())
    except Problem as problem:
        return _line_page(request, line, parts, aside, problem=problem, status=problem.status)
    messages.success(request, _("The line is booked."))
    return redirect("statements")


@require_POST
@require(Permission.RECORD_PAYMENTS)
def put_aside(request, line_id):
    """A line that is of no lease, with the reason; or back into suspense."""
    line = get_object_or_404(StatementLine, pk=line_id)
    try:
        if "again" in request.POST:
            take_up_again(line=line)
        else:
            aside = AsideForm(request.POST)
            if not aside.is_valid():
                return _line_page(request, line, None, aside, status=422)
            reason = aside.cleaned_data["reason"]
            set_aside(line=line, reason=reason, by=request.user.pk, at=clock.now())
    except Problem as problem:
        return _page(request, problem=problem, status=problem.status)
    return redirect("statements")


def _initial(line, best):
    """The first part as the best suggestion has it."""
    first = {"amount": line.amount_plain}
    if best is not None:
        first |= {
            "contract_number": best.contract_number,
            "kind": best.kind,
            "reverses": best.reverses,
        }
    return [first]


def _line_page(request, line, parts, aside, *, problem=None, status=200):
    [row] = _suggested([line])
    parts = parts or PartFormSet(None, line=line, prefix="part", initial=_initial(line, row.best))
    context = {
        "line": line,
        "row": row,
        "parts": parts,
        "aside": aside,
        "problem": problem,
        "booked": line.parts.select_related("lease").defer("lease__record"),
        "is_open": line.state == LineState.OPEN,
        "crumbs": _crumbs(),
    }
    return render(request, "origination/statement_line.html", context, status=status)
