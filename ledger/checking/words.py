"""What the pages say of a check of a stored log: what was found, and what to do."""

from django.utils.translation import gettext as _

from ledger.models import LedgerCheck
from ledger.reasons.pages import reason

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
        "mend": mend(row.source),
    }


def _title(row: LedgerCheck) -> str:
    values = {"index": row.index}
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
