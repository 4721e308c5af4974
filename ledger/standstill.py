"""What a page says where this tenant's ledger is lost or stands still."""

from collections.abc import Mapping
from dataclasses import replace

from django.utils.translation import gettext as _

from ledger.halting import Why, halted
from ledger.problems import LogLost
from ledger.services import sealing_refused
from ledger.services.published_keys import is_log_lost
from tenants.models import Tenant
from tenants.problems import Problem
from tenants.templatetags.ui import institution

Notice = dict[str, str]


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


def _told(problem: Problem) -> Notice:
    problem.params = for_reader(problem.params)
    return {part: problem.text(part, _) for part in ("title", "detail", "mend")}
