"""What an act on many rows is made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext

from origination.models import BulkItem
from origination.services.desk import Actor
from tenants.permissions import Permission
from tenants.problems import FieldError, Problem

APPLICATIONS, LEASES = "applications", "leases"


@dataclass(frozen=True)
class Planned:
    """One row of a preview: what was seen of it, and why it cannot be done (nothing: it can)."""

    subject: UUID
    name: str
    seen: str = ""
    reasons: Sequence[str] = field(default=())


class Action(Protocol):
    """An act: `of` says of what; its services stay the ones that write and refuse."""

    code: str
    of: str
    label: Promise
    means: Promise
    permission: Permission

    def form(self, data: Mapping[str, str] | None = None) -> forms.Form:
        """What it asks for, once for all rows."""

    def given(self, form: forms.Form) -> dict[str, str]:
        """The answers, as the preview keeps them."""

    def plan(
        self, subjects: Sequence[UUID], given: Mapping[str, str], at: datetime
    ) -> list[Planned]:
        """Every row in the order given, in a number of queries that does not follow the rows."""

    def run(self, items: Sequence[BulkItem], given: Mapping[str, str], actor: Actor, at: datetime):
        """Do it to these rows in the caller's transaction; the entry's place, or None.

        Raises a `Problem` where a row is no longer as the preview saw it.
        """

    #: Rows that go together into one entry and one transaction; else each by itself.
    is_whole: bool


def words_of(errors: Sequence[FieldError]) -> list[str]:
    """Refusals as the preview shows them, in its reader's language."""
    texts = [error.as_dict(gettext) for error in errors]
    return [f"{text['detail']} {text['mend']}".strip() for text in texts]


def told(problem: Problem) -> list[str]:
    """A service's refusal in words."""
    said = words_of(problem.errors) or [problem.text("detail", gettext)]
    return [text for text in (problem.text("title", gettext), *said) if text]
