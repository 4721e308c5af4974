"""What a distribution's entry says, and whether the stored rows still say the same."""

from __future__ import annotations

from ledger import selectors as ledger
from ledger.drafts import stamp
from pools.distributions.reading import deal_of, holdings_of, record_instant, result_of
from pools.distributions.reconciling import SIGNS
from pools.distributions.tracing import unit_payments
from pools.models import Distribution
from pools.structure.plain import digest


def entry_fields(row: Distribution, currency: str) -> dict[str, str]:
    """The payload of `distribution.made` (docs/entries.md)."""
    return {
        "pool": str(row.pool_id),
        "period": str(row.period),
        "version": str(row.version),
        "from": row.start.isoformat(),
        "to": row.end.isoformat(),
        "known_at": stamp(row.known_at),
        "currency": currency,
        "payments": str(row.payments),
        "payments_root": row.payments_root,
        "income_minor": str(row.income_minor),
        "principal_minor": str(row.principal_minor),
        "pool_opening_minor": str(row.pool_opening_minor),
        **{name: str(minor) for name, minor in row.movements.items() if name in SIGNS},
        "recovered_minor": str(row.movements["recovered_minor"]),
        "pool_closing_minor": str(row.pool_closing_minor),
        "result_sha256": row.result_sha256,
        "made_by": str(row.made_by),
    }


def altered(row: Distribution) -> list[str]:
    """Names of what is stored otherwise than the ledger has it; empty where all agrees.

    Each field against the entry, the waterfall's result against its hash there, and what every
    holder received against that result and who held units when the period was first paid.
    """
    sealed = ledger.payload(row.ledger_index)
    stored = entry_fields(row, row.pool.currency)
    found = [name for name in sorted(stored | sealed) if stored.get(name) != sealed.get(name)]
    result = result_of(row)
    if digest(result) != sealed["result_sha256"]:
        return [*found, "result"]
    holdings = holdings_of(row.pool, deal_of(row.pool), at=record_instant(row))
    paid = {(one.payee, one.holder): one.amount_minor for one in row.unit_payments.all()}
    due = unit_payments(result, holdings)
    return found + [
        f"{payee}/{holder}"
        for payee, holder in sorted(paid | due)
        if paid.get((payee, holder)) != due.get((payee, holder))
    ]
