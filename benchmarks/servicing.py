"""A whole book derived anew after back-dated payments, beside a plain SQL aggregate of its lines.

40,000 leases of 36 months and a million bank lines in PostgreSQL: some late, some short, some
reversed. The floor is one pass of the database over the same lines: a sum and a last day a lease.
"""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime

import numpy as np
import polars as pl

from benchmarks.database import django_on_a_copy
from benchmarks.figures import Figure, best_seconds

LEASES, TERM, EVENTS, BACK_DATED = 40_000, 36, 1_000_000, 1_000
KNOWN = datetime(2026, 6, 1, tzinfo=UTC)
DAY = date(2026, 6, 1)
_COLUMNS = (
    "lease_id", "kind", "amount_minor", "currency", "bank_reference", "reverses", "effective_at",
    "known_at", "entry_index",
)  # fmt: skip
_FLOOR = """
    SELECT lease_id, sum(amount_minor) FILTER (WHERE kind = 'rent'), max(effective_at)
    FROM origination_paymentevent WHERE effective_at <= %s AND known_at <= %s GROUP BY lease_id
"""


def _leases(rids: list[str]) -> None:
    from origination.copying import copy_rows

    record = (
        '{"financed_amount_minor":"10000000","rent_minor":"322672","annual_nominal_rate":"0.1",'
        '"term_months":"36","first_payment_on":"2024-02-10","maturity_on":"2027-01-10",'
        '"rent_pattern":"level","rent_timing":"arrears","residual_minor":"0",'
        '"residual_kind":"nominal_purchase"}'
    )
    columns = (
        "rid", "entry_index", "contract_number", "lessee_kind", "lessee_name", "lessee_id_number",
        "province", "vin", "vehicle_make", "vehicle_model", "energy", "product", "currency",
        "financed_amount_minor", "rent_minor", "residual_minor", "annual_nominal_rate",
        "term_months", "originated_on", "maturity_on", "record", "recorded_by", "recorded_at",
    )  # fmt: skip
    by = str(uuid.uuid4())
    copy_rows(
        "origination_lease",
        columns,
        (
            (
                rid, n, f"B-{n}", "person", "x", "", "11", f"V{n}", "m", "m", "bev",
                "direct_lease", "CNY", 10_000_000, 322_672, 0, "0.1", TERM, "2024-01-10",
                "2027-01-10", record, by, KNOWN,
            )
            for n, rid in enumerate(rids)
        ),
    )  # fmt: skip


def _lines(rids: list[str], *, many: int, seed: int, first: str) -> None:
    """Bank lines: most on time, a sixth late by up to 40 days, some short, some taken back."""
    from origination.copying import copy_text

    rng = np.random.default_rng(seed)
    lease = np.sort(rng.integers(0, len(rids), many)) if seed else np.arange(many) % len(rids)
    month = (np.arange(many) // len(rids)) % TERM if seed == 0 else rng.integers(0, 20, many)
    late = np.where(rng.random(many) < 1 / 6, rng.integers(1, 40, many), 0)
    due = np.datetime64("2024-02-10") + month * 30 + late
    back = rng.random(many) < 0.01
    number = np.arange(many)
    frame = pl.DataFrame(
        {
            "lease_id": pl.Series(rids).gather(lease),
            "kind": np.where(back & (number >= len(rids)), "reversal", "rent"),
            "amount_minor": np.where(rng.random(many) < 0.1, 200_000, 322_672),
            "currency": "CNY",
            "bank_reference": [f"{first}{n}" for n in number],
            "reverses": [
                f"{first}{n - len(rids)}" if taken and n >= len(rids) else ""
                for n, taken in zip(number.tolist(), back.tolist(), strict=True)
            ],
            "effective_at": pl.Series(due.astype("datetime64[us]")).dt.to_string("%FT00:00:00Z"),
            "known_at": KNOWN.isoformat(),
            "entry_index": 1,
        }
    )
    text = frame.write_csv(include_header=False, quote_style="non_numeric").encode()
    copy_text("origination_paymentevent", list(_COLUMNS), text)


def _terms() -> None:
    from origination.models import ServicingTermsSet

    versions = [
        {
            "from": "2020-01-01",
            "late_interest": {"daily_rate": "0.0005", "grace_days": 3, "cap": "0.24"},
            "reminder_fee": {"after_days": 10, "amount_minor": 5000},
        }
    ]
    ServicingTermsSet.objects.create(
        versions=versions, set_by=uuid.uuid4(), set_at=KNOWN, entry_index=1
    )


def figures() -> list[Figure]:
    """Seconds: less is better. The book's own time holds reading the new lines."""
    with django_on_a_copy():
        from django.db import connection
        from django_tenants.utils import tenant_context

        from origination.selectors import book
        from tenants.models import Tenant

        def derived() -> object:
            return book.owed_by_lease(as_of=DAY, known_at=KNOWN)

        def floor() -> object:
            with connection.cursor() as cursor:
                cursor.execute(_FLOOR, [DAY, KNOWN])
                return cursor.fetchall()

        with tenant_context(Tenant.objects.get(schema_name="anda")):
            rids = [str(uuid.uuid4()) for _ in range(LEASES)]
            _leases(rids)
            _lines(rids, many=EVENTS, seed=0, first="L")
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE origination_paymentevent")
            least = best_seconds(floor)
            found = []
            for name in ("nothing charged", "late interest and fees"):
                if found:
                    _terms()
                    derived()  # compiles once
                book._kept.clear()
                found.append((f"a book of {EVENTS:,} lines from nothing, {name}", derived))
                found[-1] = (found[-1][0], best_seconds(found[-1][1], repeat=1))
                _lines(rids, many=BACK_DATED, seed=len(found), first=f"N{len(found)}-")
                label = f"after {BACK_DATED:,} back-dated lines, {name}"
                found.append((label, best_seconds(derived, repeat=1)))
                found.append((f"asked again, {name}", best_seconds(derived)))
            return [
                Figure(label, seconds, least, "SQL aggregate of the lines", "s")
                for label, seconds in found
            ]
