"""What lessors' verified entries mean for deals; called in the receiver's transaction."""

from uuid import UUID

from ledger.exchange.registry import VerifiedBatch
from pools.deals.pledging import hear
from pools.models import FinancingRequest, PledgeState
from tenants.context import current_tenant


def project_requests(batch: VerifiedBatch) -> None:
    """A verified `financing.requested` that is addressed to us. Idempotent."""
    own = str(current_tenant().pk)
    FinancingRequest.objects.bulk_create(
        [
            FinancingRequest(
                rid=UUID(rid),
                source=batch.source,
                amount_minor=int(fields["amount_minor"]),
                currency=fields["currency"],
                term_months=int(fields["term_months"]),
                purpose=fields["purpose"],
                anchored_at=batch.known_at,
                ledger_index=index,
            )
            for rid, index, fields in zip(batch.rids, batch.indexes, batch.fields, strict=True)
            if fields.get("to_tenant") == own
        ],
        ignore_conflicts=True,
    )


def project_acceptances(batch: VerifiedBatch) -> None:
    """Verified `pledge.accepted` entries."""
    _hear(batch, PledgeState.ACCEPTED)


def project_refusals(batch: VerifiedBatch) -> None:
    """Verified `pledge.refused` entries: the reservation is released, the pool given up."""
    _hear(batch, PledgeState.REFUSED)


def _hear(batch: VerifiedBatch, state: PledgeState) -> None:
    own = str(current_tenant().pk)
    answers = [
        (UUID(rid), state, int(fields["leases"]))
        for rid, fields in zip(batch.rids, batch.fields, strict=True)
        if fields.get("from_tenant") == own
    ]
    hear(answers, source=batch.source, at=batch.known_at)
