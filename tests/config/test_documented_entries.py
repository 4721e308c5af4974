"""The ledgers of a played demo hold no kind and no field that docs/entries.md does not explain."""

from django_tenants.utils import tenant_context

from ledger import selectors as ledger
from ledger.models import Entry
from tenants.models import Tenant
from tests.house.documented import sections


def _kinds_and_fields():
    """Each kind with the fields of its first entries, over every institution."""
    found: dict[str, set[str]] = {}
    for tenant in Tenant.objects.exclude(schema_name="public"):
        with tenant_context(tenant):
            for kind in Entry.objects.order_by().values_list("kind", flat=True).distinct():
                for index in Entry.objects.filter(kind=kind).values_list("index", flat=True)[:20]:
                    found.setdefault(kind, set()).update(ledger.payload(index))
    return found


def test_every_entry_of_the_demo_is_documented(played):
    documented, found = sections(), _kinds_and_fields()
    assert len(found) > 10
    missing = {
        kind: sorted(name for name in fields if f"`{name}`" not in documented.get(kind, ""))
        for kind, fields in found.items()
    }
    assert {kind: names for kind, names in missing.items() if names or kind not in documented} == {}
