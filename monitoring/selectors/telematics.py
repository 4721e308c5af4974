"""What vehicles report, for pages."""

from datetime import timedelta

from django.db.models import Count, Max

from monitoring.models import TelematicsDaily

ALARM_DAYS = 7


def vehicles_by_province() -> dict[str, int]:
    """Vehicles seen on the newest day, by the province they were in (GB/T 2260)."""
    newest = TelematicsDaily.objects.aggregate(day=Max("day"))["day"]
    if newest is None:
        return {}
    rows = (
        TelematicsDaily.objects.filter(day=newest)
        .exclude(province="")
        .values("province")
        .annotate(vehicles=Count("lease_rid"))
    )
    return {row["province"]: row["vehicles"] for row in rows}


def recent_alarms(limit: int = 20) -> list[TelematicsDaily]:
    """Vehicle days with an alarm within a week of the newest day, newest first."""
    newest = TelematicsDaily.objects.aggregate(day=Max("day"))["day"]
    if newest is None:
        return []
    since = newest - timedelta(days=ALARM_DAYS)
    found = TelematicsDaily.objects.filter(day__gt=since, alarms__len__gt=0)
    return list(found.order_by("-day", "lease_rid")[:limit])
