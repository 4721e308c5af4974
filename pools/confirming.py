"""The page before an act that cannot be taken back: what will happen, a button, or why not."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext

from tenants.problems import Problem


@dataclass(frozen=True)
class Confirmation:
    """A page that says what will happen, and does it once it is pressed.

    `refusal` says why it cannot happen now; then there is no button.
    """

    title: str
    consequences: Sequence[str]
    button: str
    done: str
    back: str
    facts: Sequence[tuple[str, object]] = ()
    form: object = None
    tone: str = "primary"
    refusal: str = ""


def blame(form, problem: Problem, names: Mapping[str, str] | None = None) -> Problem:
    """Put each error of a refusal beside its field; what has no field stays with the problem.

    `names`: a service's field → the form's, where they differ.
    """
    left = []
    for error in problem.errors:
        name = (names or {}).get(error.field, error.field)
        if form is None or name not in form.fields:
            left.append(error)
            continue
        texts = error.as_dict(gettext)
        form.add_error(name, " ".join(filter(None, (texts["detail"], texts["mend"]))))
    problem.errors = tuple(left)
    return problem


def confirm(request, page: Confirmation, act: Callable[[], object]):
    """Show the page; on POST with a good form do the act and go back, or say why it was refused."""
    problem = None
    if request.method == "POST" and (page.form is None or page.form.is_valid()):
        try:
            act()
        except Problem as refused:
            problem = blame(page.form, refused)
        else:
            messages.success(request, page.done)
            return redirect(page.back)
    status = problem.status if problem else (422 if page.form and page.form.errors else 200)
    context = {"page": page, "form": page.form, "problem": problem}
    return render(request, "pools/confirm.html", context, status=status)
