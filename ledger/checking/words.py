"""What the pages say of a check of a stored log: what was found, and what to do."""

import re

from django.utils.translation import gettext as _

from ledger.models import LedgerCheck
from ledger.reasons.pages import reason

#: The reasons of a database that is older than what was signed, published or seen in it
#: (`checking.comparing`, `receipts`), and what to do of each.
_ENTRIES_GONE = "{0} entries were signed, and {1} are stored"
_WENT_ON = "other entries were signed up to here, with a checkpoint that is not stored"
_KEYS_GONE = "its entries lead to {0} keys of the log, and {1} are published"
_RECEIPTS_GONE = (
    "the receipts do not go on from those that there were when they were gone over before"
)
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
        "mend": _rolled_back(row) or mend(row.source),
    }


def _title(row: LedgerCheck) -> str:
    values = {"index": f"{row.index:,}"}
    if row.part in _ENTRY:
        return _("Entry %(index)s is not as it was signed") % values
    if row.source is None and _says(row, _ENTRIES_GONE):
        return _("%(index)s entries were signed, and not all of them are stored") % values
    if _says(row, _RECEIPTS_GONE):
        return _("Receipts that an earlier check saw are missing")
    if row.part in {"directory", "signing_key"}:
        return _("The keys beside the ledger are not those that its entries name")
    if row.part == "held_key":
        return _("A key that this server must hold is missing, or is not the published one")
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


def is_rolled_back(row: LedgerCheck) -> bool:
    """Whether the newest is missing: as in an older database, and not as in altered rows."""
    return _rolled_back(row) is not None


def _says(row: LedgerCheck, template: str) -> bool:
    pattern = re.sub(r"\\{\d\\}", r"\\d+", re.escape(template))
    return re.fullmatch(pattern, row.detail) is not None


def _rolled_back(row: LedgerCheck) -> str | None:
    if _says(row, _RECEIPTS_GONE):
        return _(
            "Either the database was restored from an older backup, or somebody removed the newest "
            "rows. Tell your operator: after a restoration, docs/operating.md (Going over the "
            "ledger) says how to go on; without one, keep the database as it is for the inquiry."
        )
    if row.source is not None:
        return None
    if _says(row, _KEYS_GONE):
        return _(
            "The directory lacks the newest keys of this log, as after the restoration of an older "
            "backup of the platform's shared tables. Tell your operator: put the rows back from a "
            "newer backup, then check again."
        )
    if _says(row, _ENTRIES_GONE) or _says(row, _WENT_ON):
        return _(
            "Entries that were signed are not in the database, as after the restoration of an "
            "older backup. Tell your operator: restore a newer backup, or ask a counterparty for "
            "its copy (docs/operating.md, Restoring a ledger), then check again."
        )
    return None


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
