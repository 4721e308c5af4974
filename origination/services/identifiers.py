"""Claims from before the registry kept identifiers: the lessor sends them again."""

from django.db import transaction

from origination.models import Lease
from origination.services.leases import claim_of
from tenants.context import current_tenant
from tenants.registry import resubmit_identifiers

_BATCH = 1_000


def send_identifiers_again() -> int:
    """Complete this lessor's claims from its own records; returns how many rows were completed."""
    rows = Lease.objects.order_by("rid").values_list("rid", "vin")
    done, last = 0, None
    while True:
        page = list((rows if last is None else rows.filter(rid__gt=last))[:_BATCH])
        if not page:
            return done
        claims = [claim_of(rid, {"vin": vin}) for rid, vin in page]
        with transaction.atomic():
            done += resubmit_identifiers(claims=claims, by_tenant=current_tenant().pk)
        last = page[-1][0]
