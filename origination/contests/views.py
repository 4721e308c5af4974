"""An institution's pages: what it contests, and what it is asked."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from origination.contests import selectors
from origination.contests.forms import AnswerForm, ContestForm
from origination.contests.papers import content_of
from origination.contests.services import answer_question, open_contest, withdraw_contest
from origination.contests.wording import RIGHT_NAMES
from origination.domain.contesting import hear_by
from tenants import clock
from tenants.models import ContestPaper, ContestQuestion
from tenants.permissions import Permission
from tenants.problems import Problem
from tenants.web import require

_PAGE = 20


def _crumbs() -> list[dict[str, str]]:
    return [{"label": _("Contests"), "url": reverse("contests")}]


@require(Permission.CONTEST_RIGHTS)
def contests(request):
    """Questions that wait, and what this institution contests."""
    page = Paginator(selectors.own_contests(), _PAGE).get_page(request.GET.get("page"))
    context = {
        "page_obj": page,
        "rows": [selectors.described(contest, clock.now()) for contest in page],
        "questions": list(selectors.own_questions()[:_PAGE]),
        "right_names": RIGHT_NAMES,
    }
    return render(request, "origination/contests/contests.html", context)


@require(Permission.CONTEST_RIGHTS)
def open_page(request):
    """The form; a lease's or an asset's page fills its VIN in."""
    if request.method != "POST":
        right = request.GET.get("right", "receivables")
        form = ContestForm(initial={"vin": request.GET.get("vin", ""), "right": right})
        return _form(request, form, 200)
    form, problem = ContestForm(request.POST, request.FILES), None
    if form.is_valid():
        data = form.cleaned_data
        try:
            contest = open_contest(
                vin=data["vin"], right=data["right"], statement=data["statement"],
                paper=form.paper, by=request.user.pk, at=clock.now(),
            )  # fmt: skip
        except Problem as refused:
            form.add(refused.errors)
            problem = None if refused.errors else refused
        else:
            day = f"{hear_by(contest.answer_by):%Y-%m-%d}"
            messages.success(request, _("Opened; you will hear by %(day)s.") % {"day": day})
            return redirect("contest", contest.pk)
    return _form(request, form, problem.status if problem else 422, problem)


def _form(request, form, status, problem=None):
    context = {"form": form, "problem": problem, "crumbs": _crumbs()}
    return render(request, "origination/contests/open.html", context, status=status)


@require(Permission.CONTEST_RIGHTS)
def contest(request, contest_id):
    """One of this institution's contests, as far as it may know."""
    found = get_object_or_404(selectors.own_contests(), pk=contest_id)
    paper = found.papers.filter(question=None).first()
    context = selectors.described(found, clock.now()) | {"paper": paper, "crumbs": _crumbs()}
    return render(request, "origination/contests/contest.html", context)


@require(Permission.CONTEST_RIGHTS)
@require_POST
def withdraw(request, contest_id):
    """Take it back."""
    found = get_object_or_404(selectors.own_contests(), pk=contest_id)
    try:
        withdraw_contest(contest=found, by=request.user.pk, at=clock.now())
        messages.success(request, _("It is withdrawn."))
    except Problem as refused:
        messages.error(request, refused.text("title", _))
    return redirect("contest", contest_id)


@require(Permission.CONTEST_RIGHTS)
def question(request, question_id):
    """What is asked, and the answer."""
    found = get_object_or_404(selectors.own_questions(), pk=question_id)
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form, problem = AnswerForm(*sent), None
    if sent and form.is_valid():
        try:
            _answer(request, found, form)
            messages.success(request, _("Your answer is on your ledger and with the operator."))
            return redirect("contest-question", question_id)
        except Problem as refused:
            form.add(refused.errors)
            problem = None if refused.errors else refused
    status = problem.status if problem else (422 if sent else 200)
    context = selectors.asked_about(found, clock.now()) | {
        "form": form,
        "problem": problem,
        "paper": found.papers.first(),
        "crumbs": _crumbs(),
    }
    return render(request, "origination/contests/question.html", context, status=status)


def _answer(request, found: ContestQuestion, form: AnswerForm) -> None:
    answer_question(
        question=found,
        statement=form.cleaned_data["statement"],
        paper=form.paper,
        entry=form.cleaned_data["entry"],
        proof=form.proof_bytes,
        by=request.user.pk,
        at=clock.now(),
    )


@require(Permission.CONTEST_RIGHTS)
def paper(request, paper_id):
    """A file that this institution gave."""
    return as_file(get_object_or_404(selectors.own_papers(), pk=paper_id))


def as_file(found: ContestPaper) -> HttpResponse:
    """The file to be saved, never shown in place: it was made elsewhere."""
    response = HttpResponse(content_of(found), content_type=found.media_type)
    suffix = found.media_type.partition("/")[2]
    response["Content-Disposition"] = f'attachment; filename="evidence-{found.pk}.{suffix}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response
