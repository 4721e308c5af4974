"""Requests for financing, diligence, pools and screenings."""

import django.db.models.deletion
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("pools", "0011_assets")]
    replaces = [("pools", "0009_released_assets")]

    operations = [
        migrations.CreateModel(
            name="FinancingRequest",
            fields=[
                ("rid", models.UUIDField(primary_key=True, serialize=False)),
                ("source", models.UUIDField()),
                ("amount_minor", models.BigIntegerField(verbose_name="amount")),
                ("currency", models.CharField(max_length=3)),
                ("term_months", models.PositiveSmallIntegerField(verbose_name="term")),
                ("purpose", models.CharField(max_length=200, verbose_name="purpose")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("received", "Received"),
                            ("cleared", "Diligence done"),
                            ("declined", "Declined"),
                        ],
                        default="received",
                        max_length=10,
                    ),
                ),
                ("anchored_at", models.DateTimeField(verbose_name="received")),
                ("ledger_index", models.BigIntegerField()),
                ("closed_by", models.UUIDField(null=True)),
                ("closed_at", models.DateTimeField(null=True)),
            ],
            options={
                "ordering": ["-anchored_at"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("amount_minor__gt", 0)), name="pools_request_positive"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ScreeningRun",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("as_of", models.DateField()),
                ("at", models.DateTimeField()),
                ("by", models.UUIDField()),
                ("policy", models.JSONField()),
                ("input_hash", models.CharField(max_length=64)),
                ("results_root", models.CharField(max_length=64)),
                ("assets", models.IntegerField()),
                ("totals", models.JSONField()),
                ("ledger_index", models.BigIntegerField()),
                (
                    "model",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="runs",
                        to="pools.modelversion",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Facility",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                ("form", models.CharField(max_length=24, verbose_name="form")),
                ("currency", models.CharField(max_length=3)),
                ("limit_minor", models.BigIntegerField(verbose_name="limit")),
                ("expires_on", models.DateField(verbose_name="expires")),
                ("terms", models.JSONField()),
                ("terms_sha256", models.CharField(max_length=64)),
                ("quorum", models.PositiveSmallIntegerField(verbose_name="quorum")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("voting", "Before the committee"),
                            ("approved", "Approved"),
                            ("refused", "Refused"),
                        ],
                        default="voting",
                        max_length=10,
                    ),
                ),
                ("proposed_by", models.UUIDField()),
                ("proposed_at", models.DateTimeField()),
                ("decided_at", models.DateTimeField(null=True)),
                ("ledger_index", models.BigIntegerField(null=True)),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="facilities",
                        to="pools.financingrequest",
                    ),
                ),
            ],
            options={
                "ordering": ["-proposed_at"],
            },
        ),
        migrations.CreateModel(
            name="DiligenceFinding",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=40)),
                ("passed", models.BooleanField()),
                ("note", models.CharField(blank=True, max_length=400, verbose_name="note")),
                ("measured", models.BooleanField(default=False)),
                ("by", models.UUIDField()),
                ("at", models.DateTimeField()),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="findings",
                        to="pools.financingrequest",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("request", "code"), name="pools_finding_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="AssetResult",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.IntegerField()),
                ("rents_minor", models.BigIntegerField()),
                ("principal_minor", models.BigIntegerField()),
                ("arrears_minor", models.BigIntegerField()),
                ("vehicle_p10_minor", models.BigIntegerField()),
                ("vehicle_p50_minor", models.BigIntegerField()),
                ("vehicle_p90_minor", models.BigIntegerField()),
                ("receivable_minor", models.BigIntegerField()),
                ("net_minor", models.BigIntegerField()),
                ("net_uncapped_minor", models.BigIntegerField()),
                ("expected_loss_minor", models.BigIntegerField()),
                ("discount_rate", models.DecimalField(decimal_places=6, max_digits=9)),
                ("probability", models.DecimalField(decimal_places=6, max_digits=9)),
                ("days_past_due", models.IntegerField()),
                ("defaulted", models.BooleanField()),
                ("months_on_book", models.SmallIntegerField()),
                ("months_left", models.SmallIntegerField()),
                ("reasons", models.CharField(blank=True, max_length=120)),
                (
                    "asset",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="results",
                        to="pools.asset",
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="results",
                        to="pools.screeningrun",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["run", "-probability"], name="pools_result_risk")],
                "constraints": [
                    models.UniqueConstraint(fields=("run", "asset"), name="pools_result_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Pool",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("proposed", "Proposed"),
                            ("approved", "Approved"),
                            ("requested", "Receivables asked for"),
                            ("purchased", "Purchased"),
                            ("disbursed", "Paid out"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="proposed",
                        max_length=10,
                    ),
                ),
                ("currency", models.CharField(max_length=3)),
                ("cut_off", models.DateField(verbose_name="cut-off")),
                ("assets", models.IntegerField(verbose_name="assets")),
                ("balance_minor", models.BigIntegerField(verbose_name="balance")),
                ("net_value_minor", models.BigIntegerField(verbose_name="net value")),
                ("price_minor", models.BigIntegerField(verbose_name="price")),
                ("deal", models.JSONField()),
                ("report", models.JSONField()),
                ("seal", models.CharField(max_length=64)),
                ("bundle_sha256", models.CharField(max_length=64)),
                ("packaged_by", models.UUIDField()),
                ("packaged_at", models.DateTimeField()),
                ("packaged_index", models.BigIntegerField()),
                ("purchased_at", models.DateTimeField(null=True)),
                ("purchased_index", models.BigIntegerField(null=True)),
                (
                    "facility",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="pools",
                        to="pools.facility",
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="pools",
                        to="pools.screeningrun",
                    ),
                ),
            ],
            options={
                "ordering": ["-packaged_at"],
            },
        ),
    ]
