"""What vehicles report: projected from verified telematics batches, and what it warns of."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

import polars as pl
from django.db.models import Q

from ledger.exchange.registry import VerifiedBatch
from monitoring.models import AssetPerformance, Ending, Severity
from monitoring.selectors.alerts import open_alerts
from monitoring.selectors.assets import contracts_of, owned_by, positions_of
from monitoring.services.alerts import end_alerts, raise_alert
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

    What a lessor says of a lease that is not its own is skipped, as of bank lines: places in two
    logs cannot be compared. Positions in the batch are left where they are: nobody needs them here.
    """
    daily = _of_own_leases(batch.source, _daily_items(batch.items))
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


def _of_own_leases(lessor: UUID, daily: dict[str, list[str]]) -> dict[str, list[str]]:
    rids = owned_by(lessor, daily["lease_rid"])
    kept = [i for i, rid in enumerate(daily["lease_rid"]) if rid in rids]
    return {name: [values[i] for i in kept] for name, values in daily.items()}


def _raise_alarms(daily: Mapping[str, list[str]], *, known_at: datetime) -> None:
    """Alarms of fresh days, and the end of those that a later day of the vehicle is without."""
    heard = {
        (UUID(rid), ALARM_CODES[alarm], day)
        for rid, day, alarms in zip(daily["lease_rid"], daily["day"], daily["alarms"], strict=True)
        for alarm in filter(None, alarms.split(","))
        if alarm in ALARM_CODES
    }
    _end_what_is_over(daily, heard, known_at)
    fresh = sorted(row for row in heard if date.fromisoformat(row[2]) >= (known_at - FRESH).date())
    leases = {rid for rid, _code, _day in fresh}
    contracts, positions = contracts_of(leases), positions_of(leases)
    for rid, code, day in fresh:
        position = positions.get(rid)
        raise_alert(
            code=code,
            severity=severity_of_alarm(position),
            subject_kind="asset",
            subject_id=rid,
            pool_id=position.pool_id if position else None,
            params={"contract": contracts.get(rid, str(rid)[:8]), "day": day},
            at=known_at,
        )


def severity_of_alarm(position: AssetPerformance | None) -> Severity:
    """A tracker's word is for information, unless the lessee is late: he may be leaving with it."""
    return Severity.WARNING if position and position.bucket else Severity.INFO


def _end_what_is_over(
    daily: Mapping[str, list[str]], heard: set[tuple[UUID, str, str]], at: datetime
) -> None:
    last: dict[UUID, str] = {}
    for rid, day in zip(daily["lease_rid"], daily["day"], strict=True):
        last[UUID(rid)] = max(day, last.get(UUID(rid), ""))
    told = open_alerts().filter(code__in=ALARM_CODES.values(), subject_id__in=list(last))
    over = [
        pk
        for pk, rid, code, day in told.values_list("pk", "subject_id", "code", "params__day")
        if day < last[rid] and (rid, code, last[rid]) not in heard
    ]
    end_alerts(Q(pk__in=over), ending=Ending.RETURNED, at=at)
