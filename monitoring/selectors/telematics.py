"""What vehicles report, for pages."""

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
