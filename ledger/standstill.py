"""What a page says where this tenant's ledger is lost or stands still."""

from django.utils.translation import gettext as _

from ledger.halting import halted
from ledger.problems import LogLost
from ledger.services import sealing_refused
from ledger.services.published_keys import is_log_lost
from tenants.problems import Problem

Notice = dict[str, str]


def lost() -> Notice | None:
    """That the ledger is gone, for a notice; None while there is one, or never was."""
    return _told(LogLost()) if is_log_lost() else None


def standstill() -> Notice | None:
    """Why nothing is written or signed any more, for a notice; None while all goes on."""
    problem = LogLost() if is_log_lost() else sealing_refused() or halted()
    return _told(problem) if problem else None


def _told(problem: Problem) -> Notice:
    return {part: problem.text(part, _) for part in ("title", "detail", "mend")}
