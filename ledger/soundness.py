"""Whether a ledger answers: what a command asks before it takes one away from everybody."""

from django.db import DatabaseError

from ledger.core.errors import LedgerError
from ledger.halting import FATAL
from ledger.models import Entry, Head, LedgerCheck
from ledger.services import sealing_refused
from tenants.context import tenant_context
from tenants.models import Tenant
from tenants.problems import Problem


def answering(tenant: Tenant) -> int:
    """Entries of a log that answers and goes on; 0 where there is none, or it is seen damaged.

    No check of all that is stored (`check_ledger`), but what the last one found counts. A signer
    that is away, and a damaged key file, are no damage of the tables.
    """
    try:
        with tenant_context(tenant):
            return _answering()
    except (Problem, DatabaseError, LedgerError):
        return 0


def _answering() -> int:
    head = Head.objects.first()
    if head is None or head.halted_at is not None or Entry.objects.count() < head.size:
        return 0
    checked = LedgerCheck.objects.filter(source=None).order_by("-pk").first()
    if checked is not None and not checked.is_as_signed:
        return 0
    return 0 if isinstance(sealing_refused(), FATAL) else int(head.size)
