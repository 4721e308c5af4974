"""Witnesses, checks, standstills, receipts and anchors."""

import django.db.models.deletion
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ledger", "0059_copies")]
    replaces = [("ledger", "0055_newest_by_number")]

    operations = [
        migrations.CreateModel(
            name="Witness",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("url", models.CharField(max_length=300, unique=True, verbose_name="address")),
                ("label", models.CharField(max_length=120, verbose_name="name")),
                ("vkeys", models.TextField(verbose_name="verifier keys")),
                ("size", models.BigIntegerField(default=0)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("cosigned", "Cosigned"),
                            ("waiting", "Not asked yet"),
                            ("unreachable", "Not reachable"),
                            ("refused", "Refused"),
                            ("hostile", "Answered wrongly"),
                            ("contradicts", "Holds another tree"),
                        ],
                        default="waiting",
                        max_length=12,
                        verbose_name="state",
                    ),
                ),
                ("detail", models.CharField(blank=True, max_length=500)),
                ("failures", models.IntegerField(default=0)),
                ("asked_at", models.DateTimeField(null=True)),
                ("next_at", models.DateTimeField(null=True)),
                ("added_by", models.UUIDField(null=True)),
                ("added_at", models.DateTimeField(auto_now_add=True)),
                ("params", models.JSONField(default=dict)),
            ],
            options={
                "db_table": "ledger_witness",
            },
        ),
        migrations.CreateModel(
            name="WitnessedLog",
            fields=[
                ("origin", models.CharField(max_length=200, primary_key=True, serialize=False)),
                ("origin_hash", models.CharField(max_length=64, unique=True)),
                ("vkey", models.CharField(max_length=2200)),
                ("source", models.UUIDField(null=True)),
                ("size", models.BigIntegerField(default=0)),
                ("root", models.BinaryField(default=b"")),
                ("note", models.BinaryField(null=True)),
                ("cosigned_at", models.DateTimeField(null=True)),
                ("added_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "db_table": "ledger_witnessed",
            },
        ),
        migrations.CreateModel(
            name="TrustPolicy",
            fields=[
                ("id", models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("text", models.TextField()),
                ("set_by", models.UUIDField(null=True)),
                ("set_at", models.DateTimeField()),
            ],
            options={
                "db_table": "ledger_trust_policy",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("id", 1)), name="ledger_trust_policy_single"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="AnchorTarget",
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
                            ("timestamp", "Time-stamping authority (RFC 3161)"),
                            ("evm", "Contract on an EVM chain"),
                        ],
                        max_length=12,
                        verbose_name="kind",
                    ),
                ),
                ("name", models.CharField(max_length=80, unique=True, verbose_name="name")),
                ("url", models.CharField(max_length=300, verbose_name="address")),
                ("terms", models.JSONField(default=dict)),
                (
                    "every_hours",
                    models.PositiveIntegerField(
                        default=24, verbose_name="at most every so many hours"
                    ),
                ),
                ("is_active", models.BooleanField(default=False, verbose_name="active")),
                ("added_by", models.UUIDField()),
                ("added_at", models.DateTimeField()),
            ],
            options={
                "db_table": "ledger_anchor_target",
            },
        ),
        migrations.CreateModel(
            name="WitnessWord",
            fields=[
                ("url", models.CharField(max_length=300, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=255)),
                ("size", models.BigIntegerField(null=True)),
                ("silent", models.CharField(blank=True, max_length=500)),
                ("asked_at", models.DateTimeField()),
                ("params", models.JSONField(default=dict)),
            ],
            options={
                "db_table": "ledger_witness_word",
            },
        ),
        migrations.CreateModel(
            name="LedgerCheck",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("source", models.UUIDField(null=True)),
                ("entries", models.BigIntegerField()),
                ("contents", models.BigIntegerField()),
                ("checkpoints", models.BigIntegerField()),
                ("part", models.CharField(blank=True, max_length=20)),
                ("index", models.BigIntegerField(null=True)),
                ("detail", models.CharField(blank=True, max_length=300)),
                ("checked_at", models.DateTimeField()),
                ("unheard", models.CharField(blank=True, default="", max_length=300)),
            ],
            options={
                "db_table": "ledger_check",
                "indexes": [models.Index(fields=["source", "-id"], name="ledger_check_latest")],
            },
        ),
        migrations.CreateModel(
            name="Halt",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=40)),
                ("detail", models.CharField(max_length=400)),
                ("params", models.JSONField(default=dict)),
                ("halted_at", models.DateTimeField()),
                ("lifted_at", models.DateTimeField(null=True)),
                ("lifted_why", models.CharField(blank=True, default="", max_length=400)),
                ("findings", models.IntegerField(default=1)),
            ],
            options={
                "db_table": "ledger_halt",
            },
        ),
        migrations.CreateModel(
            name="Receipt",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("about", models.UUIDField()),
                ("number", models.BigIntegerField()),
                ("statement", models.BinaryField()),
                ("mac", models.BinaryField()),
            ],
            options={
                "db_table": "ledger_receipt",
                "constraints": [
                    models.UniqueConstraint(fields=("about", "number"), name="ledger_receipt_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="AnchorReceipt",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("size", models.BigIntegerField()),
                ("digest", models.BinaryField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "To be posted"),
                            ("posted", "Posted, not yet confirmed"),
                            ("confirmed", "Confirmed"),
                            ("failed", "Refused"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("receipt", models.BinaryField(default=b"")),
                ("reference", models.CharField(blank=True, max_length=120)),
                ("detail", models.CharField(blank=True, max_length=500)),
                ("tries", models.PositiveIntegerField(default=0)),
                ("asked_at", models.DateTimeField(null=True)),
                ("anchored_at", models.DateTimeField(null=True)),
                (
                    "target",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="receipts",
                        to="ledger.anchortarget",
                    ),
                ),
            ],
            options={
                "db_table": "ledger_anchor_receipt",
                "constraints": [
                    models.UniqueConstraint(fields=("target", "size"), name="ledger_anchor_once")
                ],
            },
        ),
    ]
