"""What went wrong with a witness: kept as a template with values, worded for each reader."""

from collections.abc import Mapping

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from ledger.core.errors import LedgerError
from tenants.problems import Problem, fill

Told = tuple[str, dict[str, str]]
#: Reasons of the core that witnesses bring about, so that catalogues know them.
CORE_REASONS = (
    _("no known key signed the note"),
    _("the answer is not UTF-8"),
    _("a cosignature of a checkpoint states its time"),
    _("a 409 answers a size and a newline"),
)


def told_of(error: Problem | LedgerError) -> Told:
    """Template and values of what is wrong."""
    if isinstance(error, Problem):
        return error.detail, {name: str(value) for name, value in error.params.items()}
    return "%(reason)s", {"reason": str(error)}


def storable(params: Mapping[str, str]) -> dict[str, str]:
    """Values as a database keeps them, none too long."""
    return {name: value.replace("\0", "")[:400] for name, value in params.items()}


def worded(template: str, params: Mapping[str, str]) -> str:
    """In the active language; a value that is a reason of ours is translated, too."""
    values = dict(params)
    if values.get("reason"):
        values["reason"] = gettext(values["reason"])
    return fill(template, values, gettext)
