"""What the pages say of a check of a stored log: what was found, and what to do."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from ledger.models import LedgerCheck

#: What `core/stored.py` finds, as its details say it.
DETAILS = (
    gettext_noop("it is missing"),
    gettext_noop("its bytes are not those that the tree was built of"),
    gettext_noop("the tree nodes stored with it do not follow"),
    gettext_noop("its columns are not what its leaf says"),
    gettext_noop("the ciphertext is not the one that was signed"),
    gettext_noop("its row is missing"),
    gettext_noop("it was erased, and no entry says so"),
    gettext_noop("its note states another tree than its row"),
    gettext_noop("the entries do not lead to the root that was signed"),
)


def notice(row: LedgerCheck | None) -> dict[str, str] | None:
    """The notice that a check left; None while all is as it was signed, or nothing was checked."""
    if row is None or row.is_as_signed:
        return None
    return {
        "title": _title(row),
        "body": _("What was found: %(detail)s.") % {"detail": _(row.detail)},
        "mend": _mend(row),
    }


def _title(row: LedgerCheck) -> str:
    values = {"index": row.index}
    if row.part in {"entry", "leaf", "nodes", "columns"}:
        return _("Entry %(index)s is not as it was signed") % values
    if row.part in {"content", "key"}:
        return _("The content of entry %(index)s is not as it was signed") % values
    return _("What is stored does not lead to what was signed of %(index)s entries") % values


def _mend(row: LedgerCheck) -> str:
    if row.source is not None:
        return _(
            "Somebody changed this copy in your own database. Tell your operator, restore the rows "
            "from a backup, then check again."
        )
    return _(
        "Somebody changed rows in the database itself. Tell your operator: keep the database as it "
        "is for the inquiry, compare with a counterparty's copy, restore the rows from a backup, "
        "then check again."
    )
