"""Rules in force, and the promises of leases beside the bank lines that keep or break them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from uuid import UUID

from origination.domain.collections.promises import PromiseState, PromiseToPay, promise_states
from origination.domain.collections.rules import DEFAULT_RULES, CollectionRules, read_rules
from origination.domain.servicing.events import EventKind, PaymentEvent
from origination.models import CollectionRulesSet, PaymentPromise
from tenants.database.bound import run_bound

_EVENTS = """
    SELECT e.lease_id, e.bank_reference, e.kind, e.amount_minor, e.effective_at, e.known_at,
        e.reverses
    FROM (SELECT lease_id, min(made_at) AS made_at FROM origination_paymentpromise
          WHERE %s::text IS NULL OR lease_id = ANY(%s::text[]::uuid[]) GROUP BY lease_id) AS p
    JOIN origination_paymentevent AS e ON e.lease_id = p.lease_id
    WHERE e.effective_at >= date_trunc('day', p.made_at AT TIME ZONE 'UTC') AT TIME ZONE 'UTC'
"""


def rules_set(*, known_at: datetime) -> CollectionRulesSet | None:
    """The rules of collecting that were known at an instant."""
    return CollectionRulesSet.objects.filter(set_at__lte=known_at).first()


def rules_in_force(*, known_at: datetime) -> CollectionRules:
    """What they say; the default before any was set."""
    found = rules_set(known_at=known_at)
    return read_rules(found.rules)[0] if found else DEFAULT_RULES


def domain_promise(row: PaymentPromise) -> PromiseToPay:
    """A promise as the pure rules take it."""
    return PromiseToPay(
        str(row.rid), row.amount_minor, row.due_on, row.grace_days, row.made_at, row.withdrawn_at
    )


def states_of_promises(
    *, as_of: date, known_at: datetime, leases: Iterable[UUID] | None = None
) -> Mapping[UUID, list[tuple[PaymentPromise, PromiseState]]]:
    """Every promise of these leases (of all, if None) with what the bank lines make of it.

    By lease, in the order in which they were made: two queries, however many leases.
    """
    rows = PaymentPromise.objects.all()
    wanted: str | None = None
    if leases is not None:
        rids = list(leases)
        wanted = "{" + ",".join(map(str, rids)) + "}"
        rows = rows.filter(lease__in=rids)
    promises: dict[UUID, list[PaymentPromise]] = defaultdict(list)
    for row in rows:
        promises[row.lease_id].append(row)
    if not promises:
        return {}
    events: dict[UUID, list[PaymentEvent]] = defaultdict(list)
    for rid, *line in run_bound(_EVENTS, [wanted, wanted or "{}"]):
        reference, kind, amount, effective, known, reverses = line
        events[rid].append(
            PaymentEvent(
                reference,
                EventKind(kind),
                amount,
                effective.astimezone(UTC),
                known.astimezone(UTC),
                reverses,
            )
        )
    found = {}
    for rid, own in promises.items():
        by_reference = {str(row.rid): row for row in own}
        states = promise_states(
            map(domain_promise, own), events[rid], as_of=as_of, known_at=known_at
        )
        found[rid] = [(by_reference[state.promise.reference], state) for state in states]
    return found
