"""Roots of the title registry that stand on a ledger which comes back from a copy."""

from collections.abc import Iterable

from ledger.core.errors import LedgerError
from ledger.core.leaves import Core
from ledger.core.title_root import SignedRoot
from ledger.drafts import instant
from ledger.models import TitleRootSeen
from tenants.context import current_tenant


def keep_roots(shown: Iterable[tuple[int, Core, dict[str, str]]]) -> int:
    """Remember the registry's roots among entries (index, core, fields) of the own log; how many.

    So that `write_roots` goes on after the newest and writes none twice. What cannot be read is no
    root: it stays an entry and nothing more.
    """
    own = current_tenant().pk
    rows = []
    for index, core, fields in shown:
        try:
            signed = SignedRoot.of_fields(fields)
        except LedgerError:
            continue
        rows.append(
            TitleRootSeen(
                source=own,
                epoch=signed.root.epoch,
                index=index,
                fields=dict(fields),
                seen_at=instant(core.ts),
            )
        )
    TitleRootSeen.objects.bulk_create(rows)
    return len(rows)
