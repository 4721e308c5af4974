"""The operators' pages on the platform's host: every case, what each side says, the decision."""

from datetime import datetime

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from origination.contests import selectors
from origination.contests.deciding import confirm_decision, propose_decision
from origination.contests.forms import DecisionForm
from origination.contests.papers import words_of
from origination.contests.proving import entry_words, proven
from origination.contests.views import as_file
from origination.contests.wording import RIGHT_NAMES
from tenants import clock
from tenants.access import people_named
from tenants.models import Contest, ContestPaper, ContestState
from tenants.permissions import Permission
from tenants.problems import Problem
from tenants.web import require

_PAGE = 30


@require(Permission.OPERATE_PLATFORM)
def cases(request):
    """Open cases by their deadline, then those that are closed."""
    page = Paginator(selectors.cases(), _PAGE).get_page(request.GET.get("page"))
    rows = [(row, RIGHT_NAMES[row.right], selectors.ripe(row, _now(row))) for row in page]
    context = {"page_obj": page, "rows": rows}
    return render(request, "origination/contests/cases.html", context)


def _now(found: Contest) -> datetime:
    """By the clock that its times are of: a demo's contestant lives by the demo's calendar."""
    return clock.now_of(found.contestant)


@require(Permission.OPERATE_PLATFORM)
def case(request, contest_id):
    """Everything about one case."""
    return _case(request, _found(contest_id), DecisionForm())


def _found(contest_id) -> Contest:
    found = selectors.case_of(contest_id)
    if found is None:
        raise Http404(_("There is no such contest here."))
    return found


def _case(request, found, form, problem=None, status=200):
    ids = {found.proposed_by, found.closed_by} - {None}
    context = selectors.described(found, _now(found)) | {
        "paper": found.papers.filter(question=None).first(),
        "answers": [
            {
                "question": question,
                "statement": words_of(question).get("statement", ""),
                "papers": question.papers.all(),
                "proven": proven(question),
                "entry": entry_words(question),
            }
            for question in found.questions.all()
        ],
        "names": people_named(ids),
        "ripe": selectors.ripe(found, _now(found)),
        "mine": found.proposed_by == request.user.pk,
        "proposed": ContestState(found.proposed_state) if found.proposed_state else None,
        "form": form,
        "problem": problem,
        "crumbs": [{"label": _("Contests"), "url": reverse("contest-cases")}],
    }
    return render(request, "origination/contests/case.html", context, status=status)


@require(Permission.OPERATE_PLATFORM)
@require_POST
def propose(request, contest_id):
    """One operator's half of a decision."""
    found, form, problem = _found(contest_id), DecisionForm(request.POST), None
    if form.is_valid():
        try:
            given = form.cleaned_data | {"by": request.user.pk, "at": _now(found)}
            propose_decision(contest=found, **given)
            messages.success(request, _("Proposed; another operator confirms it."))
            return redirect("contest-case", contest_id)
        except Problem as refused:
            form.add(refused.errors)
            problem = None if refused.errors else refused
    return _case(request, found, form, problem, problem.status if problem else 422)


@require(Permission.OPERATE_PLATFORM)
@require_POST
def confirm(request, contest_id):
    """The other's half."""
    found = _found(contest_id)
    try:
        confirm_decision(
            contest=found,
            outcome=request.POST.get("outcome", ""),
            by=request.user.pk,
            at=_now(found),
        )
    except Problem as refused:
        return _case(request, _found(contest_id), DecisionForm(), refused, refused.status)
    messages.success(request, _("Decided; each side is told."))
    return redirect("contest-case", contest_id)


@require(Permission.OPERATE_PLATFORM)
def paper(request, paper_id):
    """A file that one of the sides gave."""
    return as_file(get_object_or_404(ContestPaper, pk=paper_id))
