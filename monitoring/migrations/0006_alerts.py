"""Alerts, and the triggers that raise them."""

import django.contrib.postgres.fields
import django.db.models.deletion
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []
    replaces = [
        ("monitoring", "0001_first"),
        ("monitoring", "0002_watched"),
        ("monitoring", "0003_one_projection"),
        ("monitoring", "0004_closing_balance"),
    ]

    operations = [
        migrations.CreateModel(
            name="Alert",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=40)),
                (
                    "severity",
                    models.CharField(
                        choices=[
                            ("info", "For information"),
                            ("warning", "Look today"),
                            ("danger", "Look now"),
                        ],
                        max_length=8,
                    ),
                ),
                ("subject_kind", models.CharField(max_length=12)),
                ("subject_id", models.UUIDField()),
                ("pool_id", models.UUIDField(null=True)),
                ("params", models.JSONField(default=dict)),
                ("ledger_index", models.BigIntegerField(null=True)),
                ("at", models.DateTimeField()),
                ("acknowledged_at", models.DateTimeField(null=True)),
                ("acknowledged_by", models.UUIDField(null=True)),
                ("topic", models.CharField(blank=True, max_length=40)),
                (
                    "leases",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.UUIDField(), default=list, size=None
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=200)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "ending",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("cured", "Cured"),
                            ("graver", "Followed by a graver alert"),
                            ("returned", "The vehicle reports as usual again"),
                        ],
                        max_length=8,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["subject_id", "-id"], name="monitoring_alert_subject"),
                    models.Index(
                        condition=models.Q(
                            ("acknowledged_at__isnull", True), ("ended_at__isnull", True)
                        ),
                        fields=["-id"],
                        name="monitoring_alert_open",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("severity__in", ["info", "warning", "danger"])),
                        name="monitoring_alert_severity_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("subject_kind__in", ["asset", "pool", "lessor"])),
                        name="monitoring_alert_subject_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("acknowledged_at__isnull", True), ("acknowledged_by__isnull", True)
                            ),
                            models.Q(
                                ("acknowledged_at__isnull", False),
                                ("acknowledged_by__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="monitoring_alert_acknowledged_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at__isnull", True), ("ending", "")),
                            models.Q(
                                ("ended_at__isnull", False),
                                ("ending__in", ["cured", "graver", "returned"]),
                            ),
                            _connector="OR",
                        ),
                        name="monitoring_alert_ended_by_something",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TriggerRule",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("pool_id", models.UUIDField()),
                ("code", models.CharField(max_length=40)),
                ("measure", models.CharField(max_length=40)),
                ("comparison", models.CharField(max_length=8)),
                ("thresholds", models.JSONField()),
                ("curable", models.BooleanField(default=True)),
                (
                    "effects",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=24), size=None
                    ),
                ),
                ("is_active", models.BooleanField(default=False)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("pool_id", "code"), name="monitoring_trigger_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("comparison__in", ["above", "below"])),
                        name="monitoring_trigger_comparison_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TriggerEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("on", models.DateField()),
                ("fired", models.BooleanField()),
                ("figure", models.DecimalField(decimal_places=8, max_digits=14)),
                ("threshold", models.DecimalField(decimal_places=8, max_digits=14)),
                ("ledger_index", models.BigIntegerField()),
                ("at", models.DateTimeField()),
                (
                    "rule",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="events",
                        to="monitoring.triggerrule",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["rule", "-at"], name="monitoring_trigger_event")],
            },
        ),
    ]
