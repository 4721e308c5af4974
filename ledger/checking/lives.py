"""What entries say beside keys and erasures themselves: label, holder, who, and when."""

from collections.abc import Mapping
from datetime import datetime

from ledger.core.audit import AuditError
from ledger.core.keyring import APPROVED, ENROLLED, REVOKED
from ledger.core.leaves import Core
from ledger.drafts import instant
from ledger.models import Erasure, Restoration, SigningKey

Teller = tuple[str, datetime]
"""Who erased (empty: it does not say) and when, as a `payload.erased` entry says."""
_COLUMNS = {ENROLLED: "enrolled_at", APPROVED: "approved_at", REVOKED: "revoked_at"}


class Lives:
    """By key id, what its entries tell of its row."""

    def __init__(self) -> None:
        self._named: dict[str, tuple[str, str, str]] = {}
        self._times: dict[str, dict[str, datetime]] = {}

    def learn(self, core: Core, fields: Mapping[str, str]) -> None:
        """One entry, whose fields were verified; others than those of keys tell nothing."""
        if core.kind not in _COLUMNS:
            return
        kid = fields.get("kid", "")
        if core.kind == ENROLLED:
            self._named[kid] = fields.get("label", ""), fields.get("holder", ""), core.rid
        self._times.setdefault(kid, {}).setdefault(_COLUMNS[core.kind], instant(core.ts))

    def check(self, row: SigningKey, index: int) -> None:
        """Raise `AuditError` where the row of a key says another label, holder or time."""
        holder = "" if row.holder_id is None else str(row.holder_id)
        if (row.label, holder, str(row.rid)) != self._named[row.kid]:
            raise AuditError(index, "signing_key", "its row names another holder than the entry")
        for column, at in self._times[row.kid].items():
            if getattr(row, column) != at:
                raise AuditError(
                    index, "signing_key", "its row tells another time than the entries"
                )

    def untold(self, row: SigningKey) -> list[str]:
        """Kinds of the entries that would have to say the times of a row, and that are not there.

        Those may wait for their place, or have been appended since.
        """
        told = self._times[row.kid]
        return [
            kind
            for kind, column in _COLUMNS.items()
            if column not in told and getattr(row, column) is not None
        ]


def check_tellers(told: Mapping[str, Teller]) -> None:
    """Raise `AuditError` where the table of erasures names another eraser or time than its entry.

    `told`: by the index of what was erased. Rows that were learnt again from a restored log may
    lack who it was.
    """
    for row in Erasure.objects.order_by("index"):
        if (teller := told.get(str(row.index))) is None:  # told since the check began
            continue
        by = "" if row.erased_by is None else str(row.erased_by)
        if row.erased_at != teller[1] or by != teller[0] and (by or not _was_restored()):
            detail = "what is kept of its erasure is not what an entry says"
            raise AuditError(row.index, "erasure", detail)


def _was_restored() -> bool:
    return Restoration.objects.filter(by_us=True, state=Restoration.State.TAKEN).exists()
