"""Tapes, leases and applications for financing."""

import django.db.models.deletion
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []
    replaces = [
        ("origination", "0001_books"),
        ("origination", "0002_financing"),
        ("origination", "0003_reference_files"),
        ("origination", "0004_decisions"),
        ("origination", "0005_a_lease_may_wait"),
        ("origination", "0006_ended_leases"),
        ("origination", "0007_tape_uploads"),
        ("origination", "0008_servicing"),
        ("origination", "0009_lease_life"),
        ("origination", "0010_collections"),
    ]

    operations = [
        migrations.CreateModel(
            name="Tape",
            fields=[
                ("rid", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("file_name", models.CharField(max_length=200, verbose_name="file")),
                ("sha256", models.CharField(max_length=64, unique=True)),
                ("rows", models.PositiveIntegerField(verbose_name="rows")),
                ("taken", models.PositiveIntegerField(verbose_name="taken")),
                ("refused", models.PositiveIntegerField(verbose_name="refused")),
                ("entry_index", models.BigIntegerField(verbose_name="ledger entry")),
                ("imported_by", models.UUIDField()),
                ("imported_at", models.DateTimeField(verbose_name="imported at")),
            ],
            options={
                "ordering": ["-imported_at"],
            },
        ),
        migrations.CreateModel(
            name="PledgeRequest",
            fields=[
                ("rid", models.UUIDField(primary_key=True, serialize=False)),
                ("from_tenant_id", models.UUIDField()),
                ("fields", models.JSONField()),
                ("lease_rids", models.JSONField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("requested", "Requested"),
                            ("accepted", "Accepted"),
                            ("refused", "Refused"),
                            ("perfected", "Perfected"),
                            ("released", "Released"),
                        ],
                        default="requested",
                        max_length=10,
                    ),
                ),
                ("requested_at", models.DateTimeField(verbose_name="requested at")),
                ("decided_by", models.UUIDField(null=True)),
                ("decided_at", models.DateTimeField(null=True, verbose_name="decided at")),
                ("entry_index", models.BigIntegerField(null=True, verbose_name="ledger entry")),
                (
                    "bank_reference",
                    models.CharField(blank=True, max_length=64, verbose_name="bank reference"),
                ),
                ("closed_at", models.DateTimeField(null=True)),
                ("paid_at", models.DateTimeField(null=True, verbose_name="paid at")),
                ("paid_minor", models.BigIntegerField(null=True, verbose_name="paid")),
                ("released_rids", models.JSONField(default=list)),
            ],
            options={
                "ordering": ["-requested_at"],
            },
        ),
        migrations.CreateModel(
            name="FinancingApplication",
            fields=[
                ("rid", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("to_tenant_id", models.UUIDField()),
                ("amount_minor", models.BigIntegerField(verbose_name="amount")),
                ("currency", models.CharField(default="CNY", max_length=3)),
                ("term_months", models.PositiveSmallIntegerField(verbose_name="term")),
                ("purpose", models.CharField(max_length=200, verbose_name="purpose")),
                ("requested_by", models.UUIDField()),
                ("requested_at", models.DateTimeField(verbose_name="requested at")),
                ("entry_index", models.BigIntegerField(verbose_name="ledger entry")),
                ("decided_at", models.DateTimeField(null=True, verbose_name="decided at")),
                ("expires_on", models.DateField(null=True, verbose_name="expires")),
                ("form", models.CharField(blank=True, max_length=24, verbose_name="form")),
                ("limit_minor", models.BigIntegerField(null=True, verbose_name="limit")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("sent", "Sent"),
                            ("declined", "Declined"),
                            ("approved", "Approved"),
                            ("refused", "Refused"),
                        ],
                        default="sent",
                        max_length=10,
                    ),
                ),
            ],
            options={
                "ordering": ["-requested_at"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("amount_minor__gt", 0)),
                        name="financing_amount_positive",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="TapeSource",
            fields=[
                ("rid", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=80, unique=True, verbose_name="source")),
                ("mapping", models.JSONField(default=dict)),
                ("saved_by", models.UUIDField()),
                ("saved_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="Lease",
            fields=[
                ("rid", models.UUIDField(primary_key=True, serialize=False)),
                ("entry_index", models.BigIntegerField(null=True, verbose_name="ledger entry")),
                (
                    "contract_number",
                    models.CharField(max_length=80, unique=True, verbose_name="contract number"),
                ),
                ("lessee_kind", models.CharField(max_length=10)),
                ("lessee_name", models.CharField(max_length=80, verbose_name="lessee")),
                ("lessee_id_number", models.CharField(max_length=24)),
                ("province", models.CharField(max_length=2, verbose_name="province")),
                ("vin", models.CharField(max_length=17, verbose_name="VIN")),
                ("vehicle_make", models.CharField(max_length=80, verbose_name="make")),
                ("vehicle_model", models.CharField(max_length=80, verbose_name="model")),
                ("energy", models.CharField(max_length=10, verbose_name="energy")),
                ("product", models.CharField(max_length=16, verbose_name="product")),
                ("currency", models.CharField(max_length=3)),
                ("financed_amount_minor", models.BigIntegerField(verbose_name="financed amount")),
                ("rent_minor", models.BigIntegerField(verbose_name="rent")),
                ("residual_minor", models.BigIntegerField(verbose_name="residual")),
                (
                    "annual_nominal_rate",
                    models.DecimalField(
                        decimal_places=6, max_digits=9, verbose_name="nominal rate"
                    ),
                ),
                ("term_months", models.PositiveSmallIntegerField(verbose_name="term")),
                ("originated_on", models.DateField(verbose_name="originated")),
                ("maturity_on", models.DateField(verbose_name="maturity")),
                ("record", models.JSONField()),
                ("recorded_by", models.UUIDField()),
                ("recorded_at", models.DateTimeField()),
                (
                    "tape",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="leases",
                        to="origination.tape",
                    ),
                ),
                ("ended_on", models.DateField(null=True, verbose_name="ended")),
            ],
            options={
                "ordering": ["-entry_index", "-recorded_at"],
                "indexes": [
                    models.Index(fields=["vin"], name="origination_vin_37bb12_idx"),
                    models.Index(fields=["-entry_index"], name="lease_newest_first"),
                    models.Index(fields=["province"], name="origination_provinc_16dae3_idx"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("financed_amount_minor__gte", 0), ("rent_minor__gte", 0)
                        ),
                        name="lease_amounts_not_negative",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("maturity_on__gte", models.F("originated_on"))),
                        name="lease_dates_in_order",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TapeUpload",
            fields=[
                ("rid", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("file_name", models.CharField(max_length=200, verbose_name="file")),
                ("sha256", models.CharField(max_length=64, unique=True)),
                ("format", models.CharField(max_length=10)),
                ("encoding", models.CharField(blank=True, max_length=12)),
                ("rows", models.PositiveIntegerField(verbose_name="rows")),
                ("mapping", models.JSONField()),
                ("samples", models.JSONField()),
                ("keep_good", models.BooleanField(default=False)),
                ("confirm_warnings", models.BooleanField(default=False)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("read", "Columns to confirm"),
                            ("checking", "Being checked"),
                            ("checked", "Checked"),
                            ("importing", "Being imported"),
                            ("stopped", "Stopped"),
                            ("failed", "Failed"),
                            ("imported", "Imported"),
                        ],
                        default="read",
                        max_length=10,
                    ),
                ),
                ("is_stop_asked", models.BooleanField(default=False)),
                ("rows_done", models.PositiveIntegerField(default=0)),
                ("report", models.JSONField(default=dict)),
                ("problem", models.JSONField(default=dict)),
                ("uploaded_by", models.UUIDField()),
                ("uploaded_at", models.DateTimeField(verbose_name="uploaded")),
                (
                    "source",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="origination.tapesource",
                    ),
                ),
                (
                    "tape",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="upload",
                        to="origination.tape",
                    ),
                ),
            ],
            options={
                "ordering": ["-uploaded_at"],
            },
        ),
        migrations.CreateModel(
            name="TapeChunk",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("first_row", models.PositiveIntegerField()),
                ("rows", models.PositiveIntegerField()),
                ("content", models.BinaryField(null=True)),
                ("findings", models.BinaryField(null=True)),
                ("entry_index", models.BigIntegerField(null=True, verbose_name="ledger entry")),
                ("taken", models.PositiveIntegerField(default=0)),
                ("is_done", models.BooleanField(default=False)),
                (
                    "upload",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="chunks",
                        to="origination.tapeupload",
                    ),
                ),
            ],
            options={
                "ordering": ["upload", "number"],
                "constraints": [
                    models.UniqueConstraint(fields=("upload", "number"), name="tape_chunk_once")
                ],
            },
        ),
    ]
