"""The page of an entry that cannot be read as a record: what is there, and what it is not."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.shortcuts import render
from django.utils.translation import gettext as _

from ledger.checking import words as check_words
from ledger.checking.services import latest_checks
from ledger.core.hashing import HASH_SIZE, leaf_hash
from ledger.models import Entry, ReplicaEntry
from ledger.problems import EntryUnreadable

#: So many bytes of a leaf are shown; all of them can be downloaded.
SHOWN_BYTES = 1_024


@dataclass(frozen=True)
class Stored:
    """The bytes of a leaf as they are stored, and the hash that the tree holds in their place."""

    length: int
    text: str
    is_cut: bool
    found: str
    in_tree: str

    @property
    def is_altered(self) -> bool:
        """Whether these are other bytes than the tree was built of."""
        return self.found != self.in_tree


def page(
    request,
    row: Entry | ReplicaEntry,
    problem: EntryUnreadable,
    *,
    source: object = None,
    context: Mapping[str, Any],
):
    """Answer with what is stored of entry `row`: the bytes, the columns, the reason, what to do."""
    data = bytes(row.leaf)
    stored = Stored(
        length=len(data),
        text=data[:SHOWN_BYTES].decode("ascii", "backslashreplace"),
        is_cut=len(data) > SHOWN_BYTES,
        found=leaf_hash(data).hex(),
        in_tree=bytes(row.nodes[:HASH_SIZE]).hex(),
    )
    check = latest_checks().get(source)
    if stored.is_altered:
        title = _("Entry %(index)s is not as it was signed") % {"index": row.index}
    else:
        title = problem.text("title", _)
    shown = {
        "row": row,
        "title": title,
        "body": problem.text("detail", _),
        "stored": stored,
        "check": check,
        "found": check_words.notice(check),
        "mend": check_words.mend(source) if stored.is_altered else problem.text("mend", _),
        **context,
    }
    return render(request, "ledger/unreadable.html", shown, status=problem.status)
