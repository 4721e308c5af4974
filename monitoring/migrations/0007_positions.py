"""Positions, snapshots and what is watched."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("monitoring", "0006_alerts")]
    replaces = [("monitoring", "0005_alert_rows")]

    operations = [
        migrations.CreateModel(
            name="AssetPerformance",
            fields=[
                ("lease_rid", models.UUIDField(primary_key=True, serialize=False)),
                ("lessor_id", models.UUIDField()),
                ("pool_id", models.UUIDField(null=True)),
                ("currency", models.CharField(max_length=3)),
                ("contract", models.CharField(max_length=80)),
                ("original_minor", models.BigIntegerField()),
                ("annual_rate", models.DecimalField(decimal_places=6, max_digits=9)),
                ("as_of", models.DateField()),
                ("oldest_unpaid_on", models.DateField(null=True)),
                ("days_past_due", models.IntegerField(default=0)),
                ("bucket", models.SmallIntegerField(default=0)),
                ("previous_bucket", models.SmallIntegerField(default=0)),
                ("arrears_minor", models.BigIntegerField(default=0)),
                ("balance_minor", models.BigIntegerField(default=0)),
                ("defaulted_on", models.DateField(null=True)),
                ("default_balance_minor", models.BigIntegerField(default=0)),
                ("recovered_minor", models.BigIntegerField(default=0)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["pool_id", "bucket"], name="monitoring_position_pool"),
                    models.Index(
                        condition=models.Q(("days_past_due__gt", 0)),
                        fields=["-days_past_due"],
                        name="monitoring_position_late",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("arrears_minor__gte", 0),
                            ("balance_minor__gte", 0),
                            ("days_past_due__gte", 0),
                        ),
                        name="monitoring_position_not_negative",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PoolSnapshot",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("scope", models.CharField(max_length=12)),
                ("scope_id", models.UUIDField()),
                ("as_of", models.DateField()),
                ("currency", models.CharField(max_length=3)),
                ("assets", models.IntegerField()),
                ("balance_minor", models.BigIntegerField()),
                ("arrears_minor", models.BigIntegerField()),
                (
                    "bucket_counts",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.IntegerField(), size=None
                    ),
                ),
                (
                    "bucket_balances_minor",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), size=None
                    ),
                ),
                ("delinquency_30", models.DecimalField(decimal_places=8, max_digits=12)),
                ("delinquency_90", models.DecimalField(decimal_places=8, max_digits=12)),
                ("cumulative_default_rate", models.DecimalField(decimal_places=8, max_digits=12)),
                ("cumulative_net_loss_rate", models.DecimalField(decimal_places=8, max_digits=12)),
                ("weighted_rate", models.DecimalField(decimal_places=8, max_digits=12, null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("scope", "scope_id", "as_of"), name="monitoring_snapshot_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("scope__in", ["portfolio", "lessor", "pool"])),
                        name="monitoring_snapshot_scope_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ProblemAsset",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("lease_rid", models.UUIDField()),
                ("lessor_id", models.UUIDField()),
                ("pool_id", models.UUIDField(null=True)),
                (
                    "cause",
                    models.CharField(
                        choices=[
                            ("delinquent", "More than 60 days past due"),
                            ("defaulted", "Defaulted"),
                            ("silent", "The vehicle does not report"),
                            ("encumbered", "Encumbered elsewhere"),
                        ],
                        max_length=12,
                    ),
                ),
                ("found_at", models.DateTimeField()),
                (
                    "remedy",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("replace", "Replace by an asset of like kind"),
                            ("repurchase", "The lessor buys it back"),
                            ("dispose", "Recover and sell the vehicle"),
                        ],
                        max_length=12,
                    ),
                ),
                ("proposed_by", models.UUIDField(null=True)),
                ("proposed_at", models.DateTimeField(null=True)),
                ("done_by", models.UUIDField(null=True)),
                ("done_at", models.DateTimeField(null=True)),
                ("note", models.CharField(blank=True, max_length=500)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["done_at", "-found_at"], name="monitoring_problem_open")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("done_at__isnull", True)),
                        fields=("lease_rid",),
                        name="monitoring_one_open_problem",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("done_at__isnull", True),
                            models.Q(("remedy", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="monitoring_done_by_a_remedy",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TelematicsDaily",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("lease_rid", models.UUIDField()),
                ("lessor_id", models.UUIDField()),
                ("day", models.DateField()),
                ("kilometres", models.DecimalField(decimal_places=1, max_digits=9)),
                ("trips", models.IntegerField(default=0)),
                ("last_seen_at", models.DateTimeField(null=True)),
                ("province", models.CharField(blank=True, max_length=2)),
                (
                    "alarms",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=20), default=list, size=None
                    ),
                ),
                ("known_at", models.DateTimeField()),
                ("ledger_index", models.BigIntegerField()),
            ],
            options={
                "indexes": [
                    models.Index(fields=["-day", "province"], name="monitoring_vehicle_province")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("lease_rid", "day"), name="monitoring_vehicle_day"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="WatchedPool",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=80)),
                ("closed_on", models.DateField()),
                ("closing_minor", models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="WatchedLease",
            fields=[
                ("lease_rid", models.UUIDField(primary_key=True, serialize=False)),
                ("touched", models.BooleanField(default=True)),
                (
                    "pool",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="monitoring.watchedpool",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("touched", True)),
                        fields=["lease_rid"],
                        name="monitoring_lease_touched",
                    )
                ],
            },
        ),
    ]
