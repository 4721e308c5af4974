"""What the entries of keys say beside the keys themselves: label, holder, and when."""

from collections.abc import Mapping
from datetime import datetime

from ledger.core.audit import AuditError
from ledger.core.keyring import APPROVED, ENROLLED, REVOKED
from ledger.core.leaves import Core
from ledger.drafts import instant
from ledger.models import SigningKey

_COLUMNS = {ENROLLED: "enrolled_at", APPROVED: "approved_at", REVOKED: "revoked_at"}


class Lives:
    """By key id, what its entries tell of its row."""

    def __init__(self) -> None:
        self._named: dict[str, tuple[str, str]] = {}
        self._times: dict[str, dict[str, datetime]] = {}

    def learn(self, core: Core, fields: Mapping[str, str]) -> None:
        """One entry, whose fields were verified; others than those of keys tell nothing."""
        if core.kind not in _COLUMNS:
            return
        kid = fields.get("kid", "")
        if core.kind == ENROLLED:
            self._named[kid] = fields.get("label", ""), fields.get("holder", "")
        self._times.setdefault(kid, {}).setdefault(_COLUMNS[core.kind], instant(core.ts))

    def check(self, row: SigningKey, index: int) -> None:
        """Raise `AuditError` where the row of a key says another label, holder or time."""
        holder = "" if row.holder_id is None else str(row.holder_id)
        if (row.label, holder) != self._named[row.kid]:
            raise AuditError(index, "signing_key", "its row names another holder than the entry")
        for column, at in self._times[row.kid].items():
            if getattr(row, column) != at:
                raise AuditError(
                    index, "signing_key", "its row tells another time than the entries"
                )
