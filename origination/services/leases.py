"""Recording one lease: everything is checked, the right claimed, the row and its entry written."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from ledger.drafts import Draft
from ledger.integration import Integrated
from ledger.services import Accepted, submit_entry
from origination.domain import lease_fields
from origination.domain.life.machine import AMENDING
from origination.models import Lease
from origination.problems import LeaseInvalid
from origination.services.quotes import refuse_costly_lease
from tenants.context import current_tenant
from tenants.database.bound import run_bound
from tenants.problems import FieldError
from tenants.registry import ClaimRequest, RightUnavailable, claim_rights, retried

CLAIMED_RIGHTS = ("receivables", "ownership")


@retried()
@transaction.atomic
def record_lease(
    *, draft: Draft, confirmed: Collection[str] = (), by: UUID, at: datetime
) -> Accepted:
    """Record a signed `lease.recorded` draft; answers where it stands in the ledger.

    A hot tenant's lease waits for its place (`index` is None until `place_leases`).

    Raises `Invalid` naming every field that is wrong (warnings too, unless the field's name is in
    `confirmed`), `CostAboveCap` with the rule that is broken, `RightUnavailable` where the vehicle
    is pledged or sold already, or what the ledger refuses. Nothing is written then.
    """
    record = dict(draft.payload.fields)
    lease_fields.check(record, confirmed=confirmed)
    refuse_costly_lease(record)
    refuse_doubles(record)
    claim = claim_of(UUID(draft.rid), record)
    [outcome] = claim_rights(claims=[claim], by_tenant=current_tenant().pk, at=at)
    if not outcome.accepted:
        raise RightUnavailable([outcome.claim_id])
    accepted = submit_entry(draft=draft)
    Lease.objects.create(
        **columns_of(record),
        rid=draft.rid,
        entry_index=accepted.index,
        recorded_by=by,
        recorded_at=at,
    )
    return accepted


def place_leases(entries: Sequence[Integrated]) -> None:
    """Leases whose entries waited learn where these stand."""
    run_bound(
        "UPDATE origination_lease AS l SET entry_index = t.index"
        " FROM unnest(%b::uuid[], %b::bigint[]) AS t(rid, index)"
        " WHERE l.rid = t.rid AND l.entry_index IS NULL",
        [[entry.rid for entry in entries], [entry.index for entry in entries]],
    )


def claim_of(rid: UUID, record: Mapping[str, str]) -> ClaimRequest:
    """The rights that a lease claims on its vehicle; the claim's id is the lease's."""
    return ClaimRequest(rid, (f"vin:{record['vin']}",), CLAIMED_RIGHTS)


def columns_of(record: Mapping[str, str]) -> dict[str, object]:
    """The typed columns of a valid record, and the record itself."""
    texts = [
        "contract_number",
        "lessee_kind",
        "lessee_name",
        "lessee_id_number",
        "province",
        "vin",
        "vehicle_make",
        "vehicle_model",
        "energy",
        "product",
        "currency",
    ]
    numbers = ["financed_amount_minor", "rent_minor", "residual_minor", "term_months"]
    return {
        **{name: record[name] for name in texts},
        **{name: int(record[name]) for name in numbers},
        "annual_nominal_rate": Decimal(record["annual_nominal_rate"]),
        "originated_on": date.fromisoformat(record["originated_on"]),
        "maturity_on": date.fromisoformat(record["maturity_on"]),
        "record": dict(record),
    }


def refuse_doubles(record: Mapping[str, str]) -> None:
    """One contract number once, and no two running leases on one vehicle in one book."""
    errors = []
    if Lease.objects.filter(contract_number=record["contract_number"]).exists():
        errors.append(
            FieldError(
                "contract_number",
                "duplicate",
                "A lease with this contract number is recorded already.",
                "Check the number, or open the lease that has it.",
            )
        )
    starts = record["originated_on"]
    longer = Q(maturity_on__gt=starts) | Q(steps__move__in=[move.value for move in AMENDING])
    if Lease.objects.filter(longer, vin=record["vin"], ended_on=None).exists():
        errors.append(
            FieldError(
                "vin",
                "duplicate",
                "This vehicle has a running lease in your book already.",
                "Check the VIN, or end the earlier lease first.",
            )
        )
    if errors:
        raise LeaseInvalid(errors=errors)
