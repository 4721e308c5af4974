"""What a service refuses, beside the fields of the form that asked for it."""

from django import forms
from django.utils.translation import gettext as _

from tenants.problems import Problem


def blamed(form: forms.Form, problem: Problem) -> Problem | None:
    """Errors beside their fields; the problem itself, or None where the form says all of it."""
    for error in problem.errors:
        texts = error.as_dict(_)
        words = " ".join(filter(None, (texts["detail"], texts["mend"])))
        form.add_error(error.field if error.field in form.fields else None, words)
    return None if problem.errors else problem
