"""Servicing terms, statements and collections."""

import django.db.models.deletion
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("origination", "0015_reports")]
    replaces = [("origination", "0012_contract_changes")]

    operations = [
        migrations.CreateModel(
            name="ServicingTermsSet",
            fields=[
                ("rid", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("versions", models.JSONField()),
                ("set_by", models.UUIDField()),
                ("set_at", models.DateTimeField(verbose_name="set at")),
                ("entry_index", models.BigIntegerField(verbose_name="ledger entry")),
            ],
            options={
                "ordering": ["-set_at"],
            },
        ),
        migrations.CreateModel(
            name="Statement",
            fields=[
                ("rid", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("file_name", models.CharField(max_length=200, verbose_name="file")),
                ("sha256", models.CharField(max_length=64)),
                ("lines_read", models.PositiveIntegerField(verbose_name="lines")),
                ("taken", models.PositiveIntegerField(verbose_name="taken")),
                ("from_day", models.DateField(verbose_name="from")),
                ("to_day", models.DateField(verbose_name="to")),
                ("entry_index", models.BigIntegerField(verbose_name="ledger entry")),
                ("imported_by", models.UUIDField()),
                ("imported_at", models.DateTimeField(verbose_name="imported at")),
            ],
            options={
                "ordering": ["-imported_at"],
            },
        ),
        migrations.CreateModel(
            name="CollectionRulesSet",
            fields=[
                ("rid", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("rules", models.JSONField()),
                ("set_by", models.UUIDField()),
                ("set_at", models.DateTimeField(verbose_name="set at")),
                ("entry_index", models.BigIntegerField(verbose_name="ledger entry")),
            ],
            options={
                "ordering": ["-set_at"],
            },
        ),
        migrations.CreateModel(
            name="StatementLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("place", models.PositiveIntegerField()),
                ("key", models.CharField(max_length=64, unique=True)),
                ("account", models.CharField(blank=True, max_length=64, verbose_name="account")),
                ("booked_on", models.DateField(verbose_name="Booked by the bank on")),
                ("amount_minor", models.BigIntegerField(verbose_name="amount")),
                ("currency", models.CharField(max_length=3)),
                (
                    "reference",
                    models.CharField(blank=True, max_length=64, verbose_name="bank reference"),
                ),
                ("payer_name", models.CharField(blank=True, max_length=140, verbose_name="payer")),
                (
                    "payer_account",
                    models.CharField(blank=True, max_length=64, verbose_name="payer's account"),
                ),
                ("remittance", models.CharField(blank=True, max_length=400, verbose_name="text")),
                ("returns", models.CharField(blank=True, max_length=64)),
                ("is_return", models.BooleanField(default=False)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "In suspense"),
                            ("booked", "Booked"),
                            ("set_aside", "Set aside"),
                        ],
                        default="open",
                        max_length=10,
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=200, verbose_name="reason")),
                ("decided_by", models.UUIDField(null=True)),
                ("decided_at", models.DateTimeField(null=True)),
                ("entry_index", models.BigIntegerField(null=True)),
                (
                    "statement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="origination.statement",
                    ),
                ),
            ],
            options={
                "ordering": ["-booked_on", "statement", "place", "pk"],
                "indexes": [
                    models.Index(fields=["state", "-booked_on"], name="statement_lines_waiting"),
                    models.Index(fields=["payer_account"], name="statement_lines_by_payer"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("amount_minor", 0), _negated=True),
                        name="statement_line_moves_money",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state", "open"), ("decided_at__isnull", False), _connector="OR"
                        ),
                        name="statement_line_decided_by_somebody",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CollectionCase",
            fields=[
                (
                    "lease",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="collection_case",
                        serialize=False,
                        to="origination.lease",
                    ),
                ),
                ("assigned_to", models.UUIDField(null=True)),
                ("assigned_at", models.DateTimeField(null=True)),
                ("last_contact_at", models.DateTimeField(null=True, verbose_name="last contact")),
                ("last_channel", models.CharField(blank=True, max_length=12)),
                ("last_outcome", models.CharField(blank=True, max_length=16)),
                ("next_action_on", models.DateField(null=True, verbose_name="next action")),
                ("do_not_call", models.BooleanField(default=False)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["assigned_to"], name="collection_cases_by_person")
                ],
            },
        ),
        migrations.CreateModel(
            name="CollectionContact",
            fields=[
                ("rid", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("channel", models.CharField(max_length=12, verbose_name="kind")),
                ("outcome", models.CharField(max_length=16, verbose_name="outcome")),
                ("at", models.DateTimeField(verbose_name="when")),
                ("inbound", models.BooleanField(default=False)),
                ("note", models.CharField(blank=True, max_length=1000, verbose_name="note")),
                ("place", models.CharField(blank=True, max_length=200, verbose_name="place")),
                ("latitude", models.DecimalField(decimal_places=6, max_digits=9, null=True)),
                ("longitude", models.DecimalField(decimal_places=6, max_digits=9, null=True)),
                ("next_action_on", models.DateField(null=True, verbose_name="next action")),
                ("breaches", models.JSONField(default=list)),
                ("recorded_by", models.UUIDField()),
                ("recorded_at", models.DateTimeField()),
                ("entry_index", models.BigIntegerField(null=True, verbose_name="ledger entry")),
                (
                    "corrects",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="corrected_by",
                        to="origination.collectioncontact",
                    ),
                ),
                (
                    "lease",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="contacts",
                        to="origination.lease",
                    ),
                ),
            ],
            options={
                "ordering": ["-at", "-recorded_at"],
                "indexes": [models.Index(fields=["lease", "-at"], name="contacts_of_a_lease")],
            },
        ),
        migrations.CreateModel(
            name="PaymentPromise",
            fields=[
                ("rid", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("amount_minor", models.BigIntegerField(verbose_name="amount")),
                ("due_on", models.DateField(verbose_name="promised for")),
                ("grace_days", models.PositiveSmallIntegerField()),
                ("made_at", models.DateTimeField(verbose_name="made at")),
                ("made_with", models.UUIDField()),
                ("days_past_due", models.PositiveIntegerField(verbose_name="days past due")),
                ("owed_minor", models.BigIntegerField(verbose_name="owed")),
                ("entry_index", models.BigIntegerField(verbose_name="ledger entry")),
                ("withdrawn_at", models.DateTimeField(null=True)),
                ("withdrawn_by", models.UUIDField(null=True)),
                ("withdrawn_reason", models.CharField(blank=True, max_length=200)),
                (
                    "lease",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="promises",
                        to="origination.lease",
                    ),
                ),
            ],
            options={
                "ordering": ["made_at", "rid"],
                "indexes": [models.Index(fields=["lease", "-made_at"], name="promises_of_a_lease")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("amount_minor__gt", 0)), name="promise_amount_positive"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("withdrawn_at", None), ("withdrawn_by__isnull", False), _connector="OR"
                        ),
                        name="promise_withdrawn_by_somebody",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LinePart",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=10)),
                ("amount_minor", models.BigIntegerField(verbose_name="amount")),
                (
                    "lease",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="statement_parts",
                        to="origination.lease",
                    ),
                ),
                (
                    "line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="parts",
                        to="origination.statementline",
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
                "constraints": [
                    models.UniqueConstraint(fields=("line", "lease"), name="line_once_on_a_lease"),
                    models.CheckConstraint(
                        condition=models.Q(("amount_minor__gt", 0)), name="line_part_positive"
                    ),
                ],
            },
        ),
    ]
