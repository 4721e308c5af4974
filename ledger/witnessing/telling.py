"""What went wrong with a witness: kept as a template with values, worded for each reader."""

from collections.abc import Mapping

from django.utils.translation import gettext

from ledger.core.errors import LedgerError
from ledger.reasons import Reason
from tenants.problems import Problem, fill

Told = tuple[str, dict[str, str]]
#: Values that may be a reason of the core: ours, or that of a witness with the same words.
_REASONS = ("reason", "words")


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
    values = {name: Reason(text) if name in _REASONS else text for name, text in params.items()}
    return fill(template, values, gettext)
