"""What the pages say of a check of a stored log: what was found, and what to do."""

import re

from django.utils.translation import gettext as _

from ledger.models import LedgerCheck
from ledger.reasons.pages import reason

#: The reason of a database that lacks what was signed (`checking.comparing`).
_FEWER = "{0} entries were signed, and {1} are stored"
#: Parts of one entry itself (`core/stored.py`).
_ENTRY = frozenset(
    ("entry", "leaf", "nodes", "columns", "tenant_log", "fields_root", "device", "dev_sig", "batch")
)


def notice(row: LedgerCheck | None) -> dict[str, str] | None:
    """The notice that a check left; None while all is as it was signed, or nothing was checked."""
    if row is None or row.is_as_signed:
        return None
    return {
        "title": _title(row),
        "body": _("What was found: %(detail)s.") % {"detail": reason(row.detail)},
        "mend": _rolled_back() if _is_short(row) else mend(row.source),
    }


def _title(row: LedgerCheck) -> str:
    values = {"index": f"{row.index:,}"}
    if row.part in _ENTRY:
        return _("Entry %(index)s is not as it was signed") % values
    if row.part in {"directory", "signing_key"}:
        return _("The keys beside the ledger are not those that its entries name")
    if row.part == "cosignature":
        return _("A cosignature of %(index)s entries is not as it came") % values
    if row.part == "receipt":
        return _("The receipts of what was taken in are not as they were made")
    if row.part == "row":
        return _("The stored ledger could not be read beyond entry %(index)s") % values
    if row.part == "erasure":
        return _("What was told of the erasure of entry %(index)s is not as it was signed") % values
    if row.part in {"content", "key", "items"}:
        return _("The content of entry %(index)s is not as it was signed") % values
    return _("What is stored does not lead to what was signed of %(index)s entries") % values


def _is_short(row: LedgerCheck) -> bool:
    """Whether entries that were signed are not there: an older database, not altered rows."""
    pattern = _FEWER.replace("{0}", r"\d+").replace("{1}", r"\d+")
    return row.source is None and re.search(pattern, row.detail) is not None


def _rolled_back() -> str:
    return _(
        "Entries that were signed are not in the database, as after the restoration of an older "
        "backup. Tell your operator: restore a newer backup, or ask a counterparty for its copy "
        "(docs/operating.md, Restoring a ledger), then check again."
    )


def mend(source: object) -> str:
    """What to do about rows that were altered, in this log (None) or in a copy."""
    if source is not None:
        return _(
            "Somebody changed this copy in your own database. Tell your operator, restore the rows "
            "from a backup, then check again."
        )
    return _(
        "Somebody changed rows in the database itself. Tell your operator: keep the database as it "
        "is for the inquiry, compare with a counterparty's copy, restore the rows from a backup, "
        "then check again."
    )
