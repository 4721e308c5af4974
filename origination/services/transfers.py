"""A lease passes to a new lessee: who owes it from a day on."""

from collections.abc import Mapping

from origination.domain import lease_fields
from origination.domain.lease_fields import Severity, field_error
from origination.models import Lease
from tenants.problems import FieldError

#: Of the lessee, in the record and in the columns; the rest of the lease stays as it is.
LESSEE = ("lessee_kind", "lessee_name", "lessee_id_number", "lessee_phone")


def wrong_lessee(lease: Lease, fields: Mapping[str, str]) -> list[FieldError]:
    """What is wrong with the new lessee's fields, by the rules for a lease's."""
    given = {name: fields[name] for name in LESSEE if name in fields}
    kept = {name: text for name, text in lease.record.items() if name not in LESSEE}
    errors = [
        field_error(found)
        for found in lease_fields.find(kept | given)
        if found.field in LESSEE and found.severity is Severity.ERROR
    ]
    if not errors and given["lessee_id_number"] == lease.lessee_id_number:
        said = ("This is the lessee of the lease already.", "Write the new lessee's number.")
        errors.append(FieldError("lessee_id_number", "same_lessee", *said))
    return errors


def take_over(lease: Lease, fields: Mapping[str, str]) -> None:
    """The book's columns say who owes now; `record` stays what was recorded."""
    lease.lessee_kind = fields["lessee_kind"]
    lease.lessee_name = fields["lessee_name"]
    lease.lessee_id_number = fields["lessee_id_number"]
    lease.save(update_fields=["lessee_kind", "lessee_name", "lessee_id_number"])
