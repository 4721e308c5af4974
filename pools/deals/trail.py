"""A pool's entries on the ledger, in the order in which they were written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from pools.models import IssuedDocument, Pool
from tenants.models import Tenant
from tenants.templatetags.ui import institution


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: what it says, its kind and number, and where its proof is shown."""

    index: int
    kind: str
    says: str
    url: str


def entries_of(
    pool: Pool, documents: list[IssuedDocument], lessors: Mapping[UUID, Tenant]
) -> list[Entry]:
    """Everything that the trust's ledger says of the pool; reads its pledges and payments."""
    found = [
        (pool.run.ledger_index, "screening.completed", _("Every asset screened")),
        (pool.facility.ledger_index, "committee.decided", _("The committee's decision")),
        (pool.packaged_index, "pool.packaged", _("Packaged, sealed with its inputs and votes")),
        (pool.purchased_index, "pool.purchased", _("Purchased")),
    ]
    for pledge in pool.pledges.all():
        lessor = {"lessor": institution(lessors.get(pledge.lessor_id))}
        asked = _("Receivables asked for: %(lessor)s") % lessor
        held = _("Rights perfected: %(lessor)s") % lessor
        found.append((pledge.requested_index, "pledge.requested", asked))
        found.append((pledge.perfected_index, "pledge.perfected", held))
    for paid in pool.disbursements.all():
        lessor = {"lessor": institution(lessors.get(paid.lessor_id))}
        found.append((paid.ledger_index, "pool.disbursed", _("Paid to %(lessor)s") % lessor))
    found += [(item.ledger_index, "document.issued", item.title) for item in documents]
    return [
        Entry(index, kind, says, reverse("ledger-entry", args=[index]))
        for index, kind, says in sorted(item for item in found if item[0] is not None)
    ]
