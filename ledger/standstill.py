"""What a page says where this tenant's ledger is lost, stands still, or is not signed.

To the people of an institution: what holds for them, and that their operator mends it. Paths and
commands stand in the operator's log, in docs/operating.md and in what commands answer.
"""

from collections.abc import Mapping
from dataclasses import replace
from enum import IntEnum

from django.utils.translation import gettext as _

from ledger.halting import FATAL, Why, halted
from ledger.problems import ExportHalted, LogFrozen, LogHalted, LogLost, SignerAway
from ledger.services import sealing_refused
from ledger.services.published_keys import is_log_lost
from tenants.models import Tenant
from tenants.problems import Problem
from tenants.templatetags.ui import institution

Notice = dict[str, str]


class State(IntEnum):
    """How a ledger is, as the home page says it."""

    GOES_ON = 0
    LOST = 1
    HALTED = 2  # it takes no entries
    AWAY = 3  # entries are taken, the signer does not answer
    UNSIGNED = 4  # entries are taken, and something else keeps them from being signed


#: In which nothing is written.
STOPPED = (State.LOST, State.HALTED)


def state() -> State:
    """Of the current tenant's ledger."""
    if is_log_lost():
        return State.LOST
    refused = sealing_refused()
    if halted() is not None or (isinstance(refused, FATAL) and not _is_word_alone(refused)):
        return State.HALTED
    if refused is None:
        return State.GOES_ON
    return State.AWAY if isinstance(refused, SignerAway) else State.UNSIGNED


def check_exported() -> None:
    """Raise `ExportHalted` where a file of the log might be of another history than was signed."""
    refused = sealing_refused()
    if isinstance(refused, FATAL) and not _is_word_alone(refused):
        why: object = Why(refused.detail, refused.params)
    elif (stands := halted()) is not None:
        why = stands.params.get("why", "")
    else:
        return
    raise ExportHalted(params=for_reader({"why": why}))


def said(state: int) -> str:
    """A line for the home page."""
    return {
        State.LOST: _("The ledger is lost: it has to be restored"),
        State.HALTED: _("The ledger stands still"),
        State.AWAY: _("The ledger's signer is away: entries are taken, nothing is signed"),
        State.UNSIGNED: _("Nothing of the ledger is signed; entries are taken"),
    }[State(state)]


def stands_still() -> bool:
    """Whether the current tenant's ledger takes nothing, being lost or not what was signed."""
    return state() in STOPPED


def lost() -> Notice | None:
    """That the ledger is gone, for a notice; None while there is one, or never was."""
    return _told(LogLost()) if is_log_lost() else None


def standstill() -> Notice | None:
    """Why nothing is written or signed any more, for a notice; None while all goes on."""
    problem = LogLost() if is_log_lost() else sealing_refused() or halted()
    return _told(problem) if problem else None


def for_reader(params: Mapping[str, object]) -> dict[str, object]:
    """Values of a refusal for a page: numbers grouped, institutions by their local names."""
    names = {tenant.name: institution(tenant) for tenant in Tenant.objects.all()}

    def shown(value: object) -> object:
        if isinstance(value, Why):
            return replace(value, params=for_reader(value.params))
        if isinstance(value, int) or (isinstance(value, str) and value.isdecimal()):
            return f"{int(value):,}"
        return names.get(value, value) if isinstance(value, str) else value

    return {name: shown(value) for name, value in params.items()}


def _is_word_alone(problem: Problem) -> bool:
    """A witness's word without proof stops what is signed, not what is written."""
    return isinstance(problem, LogFrozen) and not problem.proven


def _told(problem: Problem) -> Notice:
    problem.params = for_reader(problem.params)
    told = {part: problem.text(part, _) for part in ("title", "detail", "mend")}
    if isinstance(problem, LogLost):
        mend = _(
            "Tell your operator: it comes back from a backup, or from a counterparty's copy. "
            "Nothing can be written until then; phones keep what they record and send it later."
        )
        return told | {"mend": mend}
    if isinstance(problem, (LogHalted, *FATAL)) and not _is_word_alone(problem):
        mend = _(
            "Keep what you have and send it again later: phones do so by themselves. Tell your "
            "operator: writing goes on when the newer database is back, or the ledger from a "
            "counterparty's copy, or when a freeze was resolved."
        )
        return told | {"mend": mend}
    mend = _(
        "Tell your operator, whose log says what it is. Entries are taken all the while, and the "
        "next checkpoint covers them."
    )
    # what its detail names is a file or a socket of the server
    detail = told["detail"] if isinstance(problem, LogFrozen) else ""
    return told | {"detail": detail, "mend": mend}
