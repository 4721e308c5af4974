"""The data of this room's charts, in the shape of `ui/charts.js`."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from monitoring.models import PoolSnapshot, TelematicsDaily
from monitoring.performance.buckets import CN
from tenants.money import Money


def _major(minor: int, currency: str) -> float:
    return float(Money.from_minor(minor, currency).amount)


def bucket_labels() -> list[str]:
    """Buckets as people say them."""
    return [_("current"), *(label.replace("-", "–") for label in CN.labels[1:])]


def delinquency_chart(history: Sequence[PoolSnapshot], lines: Sequence[dict] = ()) -> dict:
    """Shares past due over time; `lines` are thresholds [{name, value}]."""
    return {
        "x": [snapshot.as_of.isoformat() for snapshot in history],
        "series": [
            {
                "name": _("30 days past due"),
                "values": [float(snapshot.delinquency_30) for snapshot in history],
            },
            {
                "name": _("90 days past due"),
                "values": [float(snapshot.delinquency_90) for snapshot in history],
            },
            {
                "name": _("Cumulative defaults"),
                "values": [float(snapshot.cumulative_default_rate) for snapshot in history],
            },
        ],
        "format": "percent",
        "lines": list(lines),
    }


def bucket_chart(history: Sequence[PoolSnapshot]) -> dict:
    """Balance of the late buckets over time."""
    currency = history[-1].currency if history else "CNY"
    labels = bucket_labels()
    return {
        "x": [snapshot.as_of.isoformat() for snapshot in history],
        "series": [
            {
                "name": labels[bucket],
                "values": [
                    _major(snapshot.bucket_balances_minor[bucket], currency) for snapshot in history
                ],
            }
            for bucket in range(1, len(labels))
        ],
        "format": "money",
        "currency": currency,
    }


def balance_chart(history: Sequence[PoolSnapshot]) -> dict:
    """Outstanding balance over time."""
    currency = history[-1].currency if history else "CNY"
    values = [_major(snapshot.balance_minor, currency) for snapshot in history]
    return {
        "x": [snapshot.as_of.isoformat() for snapshot in history],
        "series": [{"name": _("Outstanding balance"), "values": values}],
        "format": "money",
        "currency": currency,
    }


def kilometres_chart(days: Sequence[TelematicsDaily]) -> dict:
    """What a vehicle drove, by day."""
    return {
        "x": [day.day.isoformat() for day in days],
        "series": [{"name": _("Kilometres"), "values": [float(day.kilometres) for day in days]}],
    }
