"""What vehicles report: projected from verified telematics batches, and what it warns of."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

import polars as pl

from ledger.exchange.registry import VerifiedBatch
from monitoring.models import Severity
from monitoring.selectors.assets import contract_of
from monitoring.services.alerts import raise_alert
from origination.copying import text_array
from tenants.database.bound import run_bound

COLUMNS = ("lease_rid", "day", "kilometres", "trips", "last_seen_at", "province", "alarms")
ALARM_CODES = {"power_cut": "vehicle_power_cut", "left_region": "vehicle_left_region"}
FRESH = timedelta(days=7)  # an alarm of an older day is history, not news

_UPSERT = """
    INSERT INTO monitoring_telematicsdaily
        (lease_rid, day, kilometres, trips, last_seen_at, province, alarms,
         lessor_id, known_at, ledger_index)
    SELECT lease_rid::uuid, day::date, kilometres::numeric, coalesce(nullif(trips, ''), '0')::int,
           nullif(last_seen_at, '')::timestamptz, province,
           coalesce(string_to_array(nullif(alarms, ''), ','), '{}'), %s, %s, %s
    FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[])
         AS item (lease_rid, day, kilometres, trips, last_seen_at, province, alarms)
    ON CONFLICT (lease_rid, day) DO UPDATE SET
        kilometres = excluded.kilometres, trips = excluded.trips, province = excluded.province,
        last_seen_at = excluded.last_seen_at, alarms = excluded.alarms,
        known_at = excluded.known_at, ledger_index = excluded.ledger_index
    WHERE monitoring_telematicsdaily.ledger_index < excluded.ledger_index
"""


def project_telematics(batch: VerifiedBatch) -> None:
    """Keep the daily aggregates of a verified batch; a later batch corrects an earlier one.

    Positions in the batch are left where they are: nobody needs them here.
    """
    daily = _daily_items(batch.items)
    if not daily["day"]:
        return
    given = [batch.source, batch.known_at, batch.indexes[0]]
    run_bound(_UPSERT, [*given, *(text_array(pl.Series(daily[name])) for name in COLUMNS)])
    _raise_alarms(daily, known_at=batch.known_at)


def _daily_items(items: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """The items of kind `daily`, the last of each lease and day if a batch repeats one."""
    count = len(next(iter(items.values()), []))
    kinds = items.get("kind", [""] * count)
    rows = [i for i in range(count) if kinds[i] == "daily"]
    days, leases = items.get("day", []), items.get("lease_rid", [])
    last = {(leases[i], days[i]): i for i in rows}
    return {
        name: [items[name][i] for i in last.values()] if name in items else [""] * len(last)
        for name in COLUMNS
    }


def _raise_alarms(daily: Mapping[str, list[str]], *, known_at: datetime) -> None:
    for lease_rid, day, alarms in zip(
        daily["lease_rid"], daily["day"], daily["alarms"], strict=True
    ):
        if not alarms or date.fromisoformat(day) < (known_at - FRESH).date():
            continue
        for alarm in alarms.split(","):
            if alarm in ALARM_CODES:
                raise_alert(
                    code=ALARM_CODES[alarm],
                    severity=Severity.WARNING,
                    subject_kind="asset",
                    subject_id=UUID(lease_rid),
                    params={"contract": contract_of(UUID(lease_rid)), "day": day},
                    at=known_at,
                )
