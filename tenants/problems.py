"""Domain errors that say what is wrong, where, and how to mend it.

Pure: no Django. Every room raises `Problem` or a subclass; the API writes it as RFC 9457 problem
details, web pages show each `FieldError` beside its field, commands print `str(problem)`.

Text is an English template with `%(name)s` places and its `params`, so that a page can translate
the template first (`translate=gettext`) and fill it afterwards. Without params it is taken as it
stands, so a plain sentence may hold a per cent sign.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar, Protocol, runtime_checkable

Translate = Callable[[str], str]


@runtime_checkable
class Worded(Protocol):
    """A param that is a text with a template of its own, such as a reason of the ledger's core."""

    def worded(self, translate: Translate) -> str:
        """The text in the language of `translate`."""


def _same(text: str) -> str:
    return text


def fill(template: str, params: Mapping[str, object], translate: Translate = _same) -> str:
    """Translate a message template and put its params in place, each `Worded` one translated."""
    if not template:  # gettext("") answers the catalogue's header
        return ""
    if not params:
        return translate(template)
    return translate(template) % {
        name: value.worded(translate) if isinstance(value, Worded) else value
        for name, value in params.items()
    }


@dataclass(frozen=True, slots=True)
class FieldError:
    """One thing wrong with one field: a stable code, what is wrong, and how to mend it."""

    field: str
    code: str
    detail: str
    mend: str = ""
    params: Mapping[str, object] = dataclasses.field(default_factory=dict)

    def as_dict(self, translate: Translate = _same) -> dict[str, str]:
        """The object of RFC 9457's `errors` extension."""
        return {
            "field": self.field,
            "code": self.code,
            "detail": fill(self.detail, self.params, translate),
            "mend": fill(self.mend, self.params, translate),
        }

    def __str__(self) -> str:
        texts = self.as_dict()
        return f"{self.field}: {texts['detail']} {texts['mend']}".rstrip()


class Problem(Exception):
    """A refusal that its reader can act on.

    `code` is stable and machine-readable, `title` the same for every problem of that code,
    `detail` says what happened this time, `mend` what to do, `errors` the fields concerned.
    Subclasses set the class attributes as defaults; `status` is the HTTP status. `operators` is
    for a terminal or a log alone: a path or a command, which nobody at an institution needs.
    """

    code: str = "problem"
    title: str = "The request could not be carried out."
    detail: str = ""
    mend: str = ""
    operators: str = ""
    status: ClassVar[int] = 400

    def __init__(
        self,
        code: str | None = None,
        title: str | None = None,
        detail: str | None = None,
        mend: str | None = None,
        errors: Iterable[FieldError] = (),
        params: Mapping[str, object] | None = None,
    ) -> None:
        self.code = self.code if code is None else code
        self.title = self.title if title is None else title
        self.detail = self.detail if detail is None else detail
        self.mend = self.mend if mend is None else mend
        self.errors = tuple(errors)
        self.params = dict(params or {})
        super().__init__(self.code)

    def text(self, part: str = "detail", translate: Translate = _same) -> str:
        """One of `title`, `detail`, `mend`, translated and filled."""
        return fill(str(getattr(self, part)), self.params, translate)

    def to_problem_details(
        self, *, translate: Translate = _same, instance: str = ""
    ) -> dict[str, object]:
        """The members of an `application/problem+json` body (RFC 9457).

        `code`, `mend` and `errors` are extension members (section 3.2); `type` is a URN of the
        code, so that it is stable without a page of ours being reachable.
        """
        body: dict[str, object] = {
            "type": f"urn:leaseledger:problem:{self.code}",
            "title": self.text("title", translate),
            "status": self.status,
            "detail": self.text("detail", translate),
            "code": self.code,
            "mend": self.text("mend", translate),
            "errors": [error.as_dict(translate) for error in self.errors],
        }
        if instance:
            body["instance"] = instance
        return body

    def __str__(self) -> str:
        """The whole problem in plain lines, for a terminal or a log."""
        parts = (self.text("title"), self.text("detail"), self.text("mend"), self.operators)
        lines = [" ".join(part for part in parts if part)]
        return "\n".join(lines + [f"  {error}" for error in self.errors])


class Refused(Problem):
    """The request is well formed, but the state of things does not allow it."""

    code = "refused"
    title = "This is not allowed as things stand."
    status: ClassVar[int] = 409


class Invalid(Problem):
    """Fields of the input are wrong; `errors` names each of them."""

    code = "invalid"
    title = "Some fields need to be mended."
    status: ClassVar[int] = 422


class NotFound(Problem):
    """Nothing of this name exists for this tenant."""

    code = "not_found"
    title = "There is nothing of that name here."
    status: ClassVar[int] = 404
