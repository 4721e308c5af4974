"""Who may read the lessor's leases: grants, and what they mean for the exchange."""

import uuid
from datetime import datetime
from uuid import UUID

from django.db import transaction

from ledger.drafts import Draft
from ledger.exchange.registry import Entitlement
from ledger.services import append_entry
from origination.models import Lease, PledgeRequest, ShareGrant
from origination.problems import AlreadyGranted, NotRelated
from tenants.context import current_tenant
from tenants.models import Relationship, Tenant

#: Batches whose items travel by lease, and records about the lessor itself that a grant includes.
SHARED_KINDS = frozenset(
    {"payments.batch", "telematics.batch", "registry.searched", "prices.observed", "tape.imported"}
)


@transaction.atomic
def grant_access(*, to_tenant: Tenant, by: UUID, at: datetime) -> ShareGrant:
    """Let a counterparty read every lease, recorded or yet to come, with what happens to it."""
    related = Relationship.objects.filter(
        sender=current_tenant(), receiver=to_tenant, is_active=True
    )
    if not related.exists():
        raise NotRelated
    if ShareGrant.objects.filter(to_tenant_id=to_tenant.pk, ended_at=None).exists():
        raise AlreadyGranted
    grant = ShareGrant.objects.create(
        rid=uuid.uuid4(), to_tenant_id=to_tenant.pk, granted_by=by, granted_at=at
    )
    fields = {"to_tenant": str(to_tenant.pk), "scope": "all_leases", "granted_by": str(by)}
    append_entry(draft=Draft.service(kind="grant.made", rid=grant.rid, fields=fields, ts=at))
    return grant


@transaction.atomic
def end_grant(*, grant: ShareGrant, by: UUID, at: datetime) -> None:
    """From now on nothing more is shared; what was shared stays where it is. Idempotent."""
    grant = ShareGrant.objects.select_for_update().get(pk=grant.pk)
    if grant.ended_at is not None:
        return
    grant.ended_at = at
    grant.save(update_fields=["ended_at"])
    fields = {"to_tenant": str(grant.to_tenant_id), "ended_by": str(by)}
    append_entry(draft=Draft.service(kind="grant.ended", rid=grant.rid, fields=fields, ts=at))


def entitlement_by_grant(to_tenant: UUID) -> Entitlement:
    """What the running grant to `to_tenant` and decided pledges let it read."""
    decided = PledgeRequest.objects.filter(from_tenant_id=to_tenant).exclude(state="requested")
    answers = frozenset(str(rid) for rid in decided.values_list("rid", flat=True))
    if not ShareGrant.objects.filter(to_tenant_id=to_tenant, ended_at=None).exists():
        return Entitlement(rids=answers)
    leases = frozenset(str(rid) for rid in Lease.objects.values_list("rid", flat=True))
    return Entitlement(rids=answers | leases, kinds=SHARED_KINDS)
