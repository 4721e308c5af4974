"""What may be paid back: the credit, and no more."""

from collections import defaultdict

import polars as pl

from origination.domain.servicing.events import EventKind, PaymentEvent
from origination.domain.servicing.replay import Replay
from origination.models import Lease
from origination.models import PaymentEvent as Booked
from origination.selectors.servicing import changes_of, contract_of, domain_event, terms_book


def beyond_credit(events: pl.DataFrame) -> list[int]:
    """Rows (from 0) of bank lines that refund more than the lease's credit on their day.

    The other lines of the batch count; a batch without refunds costs nothing.
    """
    refund = EventKind.REFUND.value
    kinds = events["kind"].cast(pl.String)
    if not (kinds == refund).any():
        return []
    rids = events.filter(kinds == refund)["lease_rid"].unique().to_list()
    own = defaultdict(list)
    for row, line in enumerate(events.iter_rows(named=True)):
        if line["lease_rid"] in rids:
            own[line["lease_rid"]].append((row, _event(line)))
    for line in Booked.objects.filter(lease__in=rids):
        own[str(line.lease_id)].append((-1, domain_event(line)))
    leases = {str(lease.rid): lease for lease in Lease.objects.filter(rid__in=rids)}
    return [
        row
        for rid, lines in own.items()
        for row, event in lines
        if row >= 0
        and event.kind is EventKind.REFUND
        and _credit(leases[rid], event, [one for _, one in lines if one is not event])
        < event.amount_minor
    ]


def _credit(lease: Lease, refund: PaymentEvent, others: list[PaymentEvent]) -> int:
    changes = changes_of([lease.rid], known_at=refund.known_at).get(lease.rid, [])
    contract = contract_of(lease, terms_book(known_at=refund.known_at), changes)
    known_at = max([refund.known_at, *(event.known_at for event in others)])
    replay = Replay(contract, others, as_of=refund.effective_on, known_at=known_at)
    return sum(lot.amount for lot in replay.lots)


def _event(line: dict) -> PaymentEvent:
    return PaymentEvent(
        line["bank_reference"],
        EventKind(line["kind"]),
        line["amount_minor"],
        line["effective_at"],
        line["known_at"],
        line["reverses"] or "",
    )
