"""What lessors report, what was found in it, payments, grants and vehicles' papers."""

import django.db.models.deletion
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("origination", "0014_leases")]
    replaces = [("origination", "0011_approval_desk")]

    operations = [
        migrations.CreateModel(
            name="ShareGrant",
            fields=[
                ("rid", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("to_tenant_id", models.UUIDField()),
                ("granted_by", models.UUIDField()),
                ("granted_at", models.DateTimeField(verbose_name="granted at")),
                ("ended_at", models.DateTimeField(null=True, verbose_name="ended at")),
            ],
            options={
                "ordering": ["-granted_at"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)),
                        fields=("to_tenant_id",),
                        name="one_running_grant_to_a_tenant",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ReferenceFile",
            fields=[
                ("rid", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("dialect", models.CharField(max_length=40, verbose_name="kind")),
                ("file_name", models.CharField(max_length=200, verbose_name="file")),
                ("sha256", models.CharField(max_length=64, unique=True)),
                ("rows", models.PositiveIntegerField(verbose_name="rows")),
                ("taken", models.PositiveIntegerField(verbose_name="taken")),
                ("table", models.BinaryField()),
                ("figures", models.JSONField()),
                ("entry_index", models.BigIntegerField(verbose_name="ledger entry")),
                ("imported_by", models.UUIDField()),
                ("imported_at", models.DateTimeField(verbose_name="imported at")),
            ],
            options={
                "ordering": ["-imported_at"],
            },
        ),
        migrations.CreateModel(
            name="ReferenceFinding",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("row", models.PositiveIntegerField()),
                ("field", models.CharField(max_length=60)),
                ("code", models.CharField(max_length=40)),
                ("value", models.CharField(blank=True, max_length=120)),
                (
                    "file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="findings",
                        to="origination.referencefile",
                    ),
                ),
            ],
            options={
                "ordering": ["row", "field"],
            },
        ),
        migrations.CreateModel(
            name="RegistryFinding",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("register", models.CharField(max_length=20, verbose_name="register")),
                ("searched_on", models.DateField(verbose_name="searched on")),
                ("result", models.CharField(max_length=12, verbose_name="result")),
                ("holder", models.CharField(blank=True, max_length=120, verbose_name="holder")),
                (
                    "registration_number",
                    models.CharField(blank=True, max_length=60, verbose_name="registration number"),
                ),
                ("entry_index", models.BigIntegerField(verbose_name="ledger entry")),
                (
                    "lease",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="registry_findings",
                        to="origination.lease",
                    ),
                ),
            ],
            options={
                "ordering": ["-searched_on"],
            },
        ),
        migrations.CreateModel(
            name="PaymentEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=10)),
                ("amount_minor", models.BigIntegerField(verbose_name="amount")),
                ("currency", models.CharField(max_length=3)),
                ("bank_reference", models.CharField(max_length=64, verbose_name="bank reference")),
                ("reverses", models.CharField(blank=True, max_length=64)),
                ("effective_at", models.DateTimeField(verbose_name="effective")),
                ("known_at", models.DateTimeField(verbose_name="known")),
                ("entry_index", models.BigIntegerField(verbose_name="ledger entry")),
                (
                    "lease",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="payments",
                        to="origination.lease",
                    ),
                ),
            ],
            options={
                "ordering": ["effective_at", "known_at", "bank_reference"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("lease", "bank_reference"), name="payment_reference_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("amount_minor__gt", 0)), name="payment_amount_positive"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="VehiclePaper",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("paper", models.CharField(max_length=24, verbose_name="paper")),
                ("number", models.CharField(max_length=60, verbose_name="number")),
                ("party", models.CharField(max_length=120, verbose_name="insurer or office")),
                ("from_on", models.DateField(verbose_name="from")),
                ("until_on", models.DateField(null=True, verbose_name="until")),
                ("noted_by", models.UUIDField()),
                ("noted_at", models.DateTimeField(verbose_name="noted at")),
                ("entry_index", models.BigIntegerField(verbose_name="ledger entry")),
                (
                    "lease",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="papers",
                        to="origination.lease",
                    ),
                ),
            ],
            options={
                "ordering": ["lease", "paper", "-pk"],
                "indexes": [models.Index(fields=["lease", "paper", "-id"], name="papers_newest")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("until_on", None),
                            ("until_on__gte", models.F("from_on")),
                            _connector="OR",
                        ),
                        name="paper_ends_after_it_begins",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="TapeFinding",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("row", models.PositiveIntegerField()),
                ("field", models.CharField(max_length=40)),
                ("code", models.CharField(max_length=40)),
                ("value", models.CharField(blank=True, max_length=120)),
                (
                    "tape",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="findings",
                        to="origination.tape",
                    ),
                ),
                (
                    "upload",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="findings",
                        to="origination.tapeupload",
                    ),
                ),
            ],
            options={
                "ordering": ["row", "field"],
            },
        ),
        migrations.CreateModel(
            name="LeaseReport",
            fields=[
                (
                    "lease",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="report",
                        serialize=False,
                        to="origination.lease",
                    ),
                ),
                ("row", models.PositiveIntegerField()),
                ("values", models.JSONField(default=dict)),
                ("extra", models.JSONField(default=dict)),
                ("reported_at", models.DateTimeField()),
                ("gone_at", models.DateTimeField(null=True)),
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
                    "upload",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="origination.tapeupload",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["source", "upload"], name="lease_report_source")],
            },
        ),
    ]
