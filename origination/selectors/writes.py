"""What was written to the book: tapes, bank lines and grants, ready to be shown."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from origination.models import PaymentEvent, ShareGrant
from tenants.models import Relationship, Tenant


def find_payments(*, q: str = "") -> QuerySet[PaymentEvent]:
    """Bank lines with their lease, the newest entry first; `is_reversed` where one was taken back.

    `q` is a contract number or a bank reference, from its beginning.
    """
    reversals = PaymentEvent.objects.filter(
        lease=OuterRef("lease"), kind="reversal", reverses=OuterRef("bank_reference")
    )
    found = PaymentEvent.objects.select_related("lease").defer("lease__record")
    if text := q.strip():
        found = found.filter(
            Q(lease__contract_number__istartswith=text) | Q(bank_reference__istartswith=text)
        )
    return found.annotate(is_reversed=Exists(reversals)).order_by("-entry_index", "-pk")


@dataclass(frozen=True)
class Shared:
    """A grant and the institution that it lets read."""

    grant: ShareGrant
    institution: Tenant | None


def grants() -> list[Shared]:
    """Every grant, the newest first."""
    rows = list(ShareGrant.objects.all())
    named = _institutions({row.to_tenant_id for row in rows})
    return [Shared(row, named.get(row.to_tenant_id)) for row in rows]


def may_be_granted(tenant: Tenant) -> list[Tenant]:
    """Institutions related to `tenant` that have no running grant."""
    running = ShareGrant.objects.filter(ended_at=None).values_list("to_tenant_id", flat=True)
    related = Relationship.objects.filter(sender=tenant, is_active=True).exclude(
        receiver_id__in=list(running)
    )
    return [row.receiver for row in related.select_related("receiver")]


def _institutions(ids: set[UUID]) -> dict[UUID, Tenant]:
    return Tenant.objects.in_bulk(ids)
