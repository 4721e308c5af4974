"""Refusals of services beside the fields of forms."""

from django import forms
from django.utils.translation import gettext

from tenants.problems import Problem


def show_problem(form: forms.Form, problem: Problem) -> Problem:
    """Put each of the problem's errors beside its field; answers it with what is left of them."""
    left = []
    for error in problem.errors:
        field = form.fields.get(error.field)
        if field is not None and not field.widget.is_hidden:
            texts = error.as_dict(gettext)
            form.add_error(error.field, f"{texts['detail']} {texts['mend']}".strip())
        else:
            left.append(error)
    problem.errors = tuple(left)
    return problem
