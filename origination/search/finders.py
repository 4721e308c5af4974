"""Leases, lessees, vehicles and applications that were asked for, in one query each."""

from django.urls import reverse
from django.utils.translation import ngettext

from origination.domain.asking import NUMBER_END, Asked
from origination.search.hits import Hit
from origination.search.parts import CONTRACT, NAME, VEHICLE, VERSION, Look, holds

_LEASES = Look(
    "origination_lease",
    ["rid", "contract_number", "lessee_name", "vehicle_make", "vehicle_model"],
    ["contract_number", "lessee_name", "vin", "coalesce(record->>'plate', '')"],
    "entry_index DESC NULLS FIRST",
    ends=["contract_number", "vin"],
    key="rid",
    exact="contract_number = %(typed)b OR vin = upper(%(typed)b)",
)
_VEHICLES = Look(
    "origination_lease",
    [
        "(array_agg(rid ORDER BY entry_index DESC))[1]", "vin", "max(record->>'plate')",
        "max(vehicle_make)", "max(vehicle_model)", "count(*)",
    ],
    ["vin", "coalesce(record->>'plate', '')"],
    "max(entry_index) DESC NULLS FIRST",
    ends=["vin", "coalesce(record->>'plate', '')"],
    group="GROUP BY vin",
    key="rid",
    exact="vin = upper(%(typed)b)",
)  # fmt: skip
_CUSTOMERS = Look(
    "origination_lease",
    ["(array_agg(rid ORDER BY entry_index DESC))[1]", "lessee_name", "count(*)"],
    ["lessee_name", "lessee_id_number"],
    "max(entry_index) DESC NULLS FIRST",
    ends=["lessee_id_number"],
    group="GROUP BY lessee_kind, lessee_id_number, lessee_name",
    key="rid",
)
_APPLICATIONS = Look(
    "origination_applicationversion",
    [
        "application_id", "(array_agg(contract_number ORDER BY number DESC))[1]",
        "(array_agg(lessee_name ORDER BY number DESC))[1]",
    ],
    ["contract_number", "lessee_name", "coalesce(record->>'vin', '')"],
    "max(sent_at) DESC",
    ends=["contract_number", "coalesce(record->>'vin', '')"],
    group="GROUP BY application_id",
)  # fmt: skip


def leases(asked: Asked, personal: bool, limit: int) -> list[Hit]:
    """By contract number, lessee, VIN or plate."""
    if not asked.is_enough:
        return []
    rows = _LEASES.run(*holds(asked, CONTRACT, NAME, VEHICLE), limit)
    return [
        Hit(reverse("lease", args=[rid]), number, [name, f"{make} {model}"])
        for rid, number, name, make, model, _place in rows
    ]


def customers(asked: Asked, personal: bool, limit: int) -> list[Hit]:
    """Lessees by name; by the end of identity number or telephone for who may read them."""
    tests, given = [], {"typed": asked.text}
    if asked.is_enough:
        condition, more = holds(asked, NAME)
        tests, given = [f"({condition})"], given | more
    end = asked.number_end
    if personal and end and len(end) >= NUMBER_END:
        tests += [
            "(right(lessee_id_number, 4) = right(%(end)b, 4)"
            " AND right(lessee_id_number, length(%(end)b)) = %(end)b)",
            # a telephone stands in the record alone: of whom it was recorded of, and still owes
            "(right(record->>'lessee_phone', 4) = right(%(end)b, 4)"
            " AND right(translate(record->>'lessee_phone', ' -', ''), length(%(end)b)) = %(end)b"
            " AND record->>'lessee_id_number' = lessee_id_number)",
        ]
        given["end"] = end
    if not tests:
        return []
    rows = _CUSTOMERS.run(" OR ".join(tests), given, limit)
    return [
        Hit(reverse("customer", args=[rid]), name, [_leases(count)])
        for rid, name, count, _place in rows
    ]


def vehicles(asked: Asked, personal: bool, limit: int) -> list[Hit]:
    """By VIN or plate."""
    if not asked.is_enough:
        return []
    rows = _VEHICLES.run(*holds(asked, VEHICLE), limit)
    return [
        Hit(reverse("vehicle", args=[rid]), vin, [plate or "", f"{make} {model}", _leases(count)])
        for rid, vin, plate, make, model, count, _place in rows
    ]


def applications(asked: Asked, personal: bool, limit: int) -> list[Hit]:
    """By what any of their versions says of contract number, lessee, VIN or plate."""
    if not asked.is_enough:
        return []
    rows = _APPLICATIONS.run(*holds(asked, VERSION), limit)
    return [
        Hit(reverse("application", args=[rid]), number, [name])
        for rid, number, name, _place in rows
    ]


def _leases(count: int) -> str:
    return ngettext("%(count)s lease", "%(count)s leases", count) % {"count": count}
