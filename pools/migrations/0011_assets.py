"""Documents, assets and models."""

import django.db.models.deletion
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []
    replaces = [
        ("pools", "0001_documents"),
        ("pools", "0002_assets"),
        ("pools", "0003_deals"),
        ("pools", "0004_distributions"),
        ("pools", "0005_decision_documents"),
        ("pools", "0006_movements"),
        ("pools", "0007_shadow_runs"),
        ("pools", "0008_payment_anchored"),
    ]

    operations = [
        migrations.CreateModel(
            name="IssuedDocument",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("circular", "Offering circular"),
                            ("tape", "Asset-level tape"),
                            ("decision", "Decision bundle"),
                        ],
                        max_length=12,
                    ),
                ),
                ("subject_id", models.UUIDField()),
                ("title", models.CharField(max_length=200)),
                ("language", models.CharField(max_length=10)),
                ("media_type", models.CharField(max_length=60)),
                ("sha256", models.CharField(max_length=64, unique=True)),
                ("size", models.BigIntegerField()),
                ("pages", models.IntegerField(default=0)),
                ("issued_by", models.UUIDField()),
                ("issued_at", models.DateTimeField()),
                ("ledger_index", models.BigIntegerField(unique=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["subject_id", "-ledger_index"], name="pools_document_of")
                ],
            },
        ),
        migrations.CreateModel(
            name="Asset",
            fields=[
                ("rid", models.UUIDField(primary_key=True, serialize=False)),
                ("source", models.UUIDField()),
                ("ledger_index", models.BigIntegerField()),
                ("anchored_at", models.DateTimeField()),
                ("obligor", models.CharField(max_length=32)),
                ("contract_number", models.CharField(max_length=80)),
                ("lessee_kind", models.CharField(max_length=10)),
                ("lessee_income_monthly_minor", models.BigIntegerField(null=True)),
                ("credit_score", models.SmallIntegerField(null=True)),
                ("employment", models.CharField(blank=True, max_length=20)),
                ("province", models.CharField(max_length=2)),
                ("dealer_code", models.CharField(blank=True, max_length=40)),
                ("vin", models.CharField(max_length=17)),
                ("vehicle_make", models.CharField(max_length=60)),
                ("vehicle_model", models.CharField(max_length=80)),
                ("model_year", models.SmallIntegerField()),
                ("energy", models.CharField(max_length=10)),
                ("condition", models.CharField(max_length=6)),
                ("vehicle_use", models.CharField(max_length=16)),
                ("odometer_km", models.IntegerField(null=True)),
                ("vehicle_price_minor", models.BigIntegerField()),
                ("currency", models.CharField(max_length=3)),
                ("product", models.CharField(max_length=16)),
                ("financed_amount_minor", models.BigIntegerField()),
                ("deposit_minor", models.BigIntegerField(null=True)),
                ("residual_minor", models.BigIntegerField()),
                ("residual_kind", models.CharField(max_length=20)),
                ("rent_pattern", models.CharField(max_length=20)),
                ("rent_timing", models.CharField(max_length=10)),
                ("rent_minor", models.BigIntegerField()),
                ("annual_nominal_rate", models.DecimalField(decimal_places=6, max_digits=9)),
                ("term_months", models.SmallIntegerField()),
                ("originated_on", models.DateField()),
                ("first_payment_on", models.DateField()),
                ("maturity_on", models.DateField()),
            ],
            options={
                "indexes": [models.Index(fields=["province"], name="pools_asset_province")],
            },
        ),
        migrations.CreateModel(
            name="AssetPayment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("lease_rid", models.UUIDField()),
                ("kind", models.CharField(max_length=12)),
                ("amount_minor", models.BigIntegerField()),
                ("effective_on", models.DateField()),
                ("known_at", models.DateTimeField()),
                ("anchored_at", models.DateTimeField()),
                ("reference", models.CharField(max_length=80)),
                ("reverses", models.CharField(blank=True, max_length=80)),
                ("ledger_index", models.BigIntegerField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("lease_rid", "reference"), name="pools_payment_once"
                    )
                ],
                "indexes": [models.Index(fields=["anchored_at"], name="pools_payment_anchored")],
            },
        ),
        migrations.CreateModel(
            name="AssetPrice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("lease_rid", models.UUIDField()),
                ("kind", models.CharField(max_length=16)),
                ("distressed", models.BooleanField()),
                ("price_minor", models.BigIntegerField()),
                ("odometer_km", models.IntegerField(null=True)),
                ("observed_on", models.DateField()),
                ("known_at", models.DateTimeField()),
                ("anchored_at", models.DateTimeField()),
                ("ledger_index", models.BigIntegerField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("lease_rid", "kind", "observed_on", "price_minor"),
                        name="pools_price_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ModelVersion",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("family", models.CharField(max_length=12)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("trained", "Trained"),
                            ("promoted", "Champion"),
                            ("retired", "Retired"),
                        ],
                        default="trained",
                        max_length=10,
                    ),
                ),
                ("trained_as_of", models.DateField()),
                ("trained_at", models.DateTimeField()),
                ("trained_by", models.UUIDField()),
                ("seed", models.BigIntegerField()),
                ("data_hash", models.CharField(max_length=64)),
                ("code_version", models.CharField(max_length=64)),
                ("notes", models.JSONField()),
                ("artefact", models.BinaryField()),
                ("artefact_sha256", models.CharField(max_length=64)),
                ("alpha", models.JSONField(null=True)),
                ("beta", models.JSONField(null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "promoted")),
                        fields=("state",),
                        name="pools_one_champion",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="AssetSearch",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("lease_rid", models.UUIDField()),
                ("register", models.CharField(max_length=20)),
                ("searched_on", models.DateField()),
                ("result", models.CharField(max_length=12)),
                ("holder", models.CharField(blank=True, max_length=120)),
                ("registration_number", models.CharField(blank=True, max_length=60)),
                ("anchored_at", models.DateTimeField()),
                ("ledger_index", models.BigIntegerField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("lease_rid", "register", "searched_on", "registration_number"),
                        name="pools_search_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ModelApproval",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("by", models.UUIDField()),
                ("at", models.DateTimeField()),
                (
                    "model",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="approvals",
                        to="pools.modelversion",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("model", "by"), name="pools_one_approval_each")
                ],
            },
        ),
        migrations.CreateModel(
            name="ModelTrial",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("family", models.CharField(max_length=12)),
                ("train_as_of", models.DateField()),
                ("asked_at", models.DateTimeField()),
                ("asked_by", models.UUIDField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Training and testing"),
                            ("done", "Trained and tested"),
                            ("refused", "Stopped"),
                        ],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                ("refusal", models.JSONField(null=True)),
                (
                    "model",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="pools.modelversion",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "waiting")),
                        fields=("state",),
                        name="pools_one_trial_at_a_time",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ShadowRun",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("as_of", models.DateField()),
                ("ends_on", models.DateField()),
                ("months", models.SmallIntegerField()),
                ("assets", models.IntegerField()),
                ("forecast", models.BinaryField()),
                ("forecast_root", models.CharField(max_length=64)),
                ("simulated_time", models.BooleanField()),
                ("started_at", models.DateTimeField()),
                ("started_by", models.UUIDField()),
                ("judged_at", models.DateTimeField(null=True)),
                ("ledger_index", models.BigIntegerField()),
                (
                    "model",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="shadow_runs",
                        to="pools.modelversion",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("judged_at", None)),
                        fields=("model",),
                        name="pools_one_open_shadow",
                    )
                ],
            },
        ),
    ]
