"""Alerts end by themselves, are acknowledged with a reason, and are shown in rows.

What vehicles reported is for information; open alerts of the time before are taken so.
"""

import django.contrib.postgres.fields
from django.db import migrations, models
from django.db.models import Q

_NOTICES = """
    UPDATE monitoring_alert SET severity = 'info'
    WHERE code IN ('vehicle_power_cut', 'vehicle_left_region', 'vehicle_silent')
"""


class Migration(migrations.Migration):
    dependencies = [("monitoring", "0004_closing_balance")]

    operations = [
        migrations.AddField(
            "alert",
            "topic",
            models.CharField(blank=True, default="", max_length=40),
            preserve_default=False,
        ),
        migrations.AddField(
            "alert",
            "leases",
            django.contrib.postgres.fields.ArrayField(models.UUIDField(), default=list, size=None),
        ),
        migrations.AddField(
            "alert",
            "reason",
            models.CharField(blank=True, default="", max_length=200),
            preserve_default=False,
        ),
        migrations.AddField("alert", "ended_at", models.DateTimeField(null=True)),
        migrations.AddField(
            "alert",
            "ending",
            models.CharField(
                blank=True,
                choices=[
                    ("cured", "Cured"),
                    ("graver", "Followed by a graver alert"),
                    ("returned", "The vehicle reports as usual again"),
                ],
                default="",
                max_length=8,
            ),
            preserve_default=False,
        ),
        migrations.AddConstraint(
            "alert",
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ending="")
                | Q(ended_at__isnull=False, ending__in=["cured", "graver", "returned"]),
                name="monitoring_alert_ended_by_something",
            ),
        ),
        migrations.RemoveIndex("alert", "monitoring_alert_open"),
        migrations.AddIndex(
            "alert",
            models.Index(
                fields=["-id"],
                name="monitoring_alert_open",
                condition=Q(acknowledged_at__isnull=True, ended_at__isnull=True),
            ),
        ),
        migrations.RunSQL(_NOTICES, migrations.RunSQL.noop),
    ]
