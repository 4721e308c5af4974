"""Contests for a lessor's business."""

import django.db.models.deletion
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tenants", "0017_titles")]
    replaces = [("tenants", "0015_sealing_key")]

    operations = [
        migrations.CreateModel(
            name="Contest",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("right", models.CharField(max_length=16)),
                ("fingerprint", models.BinaryField(max_length=32)),
                ("sealed", models.BinaryField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("contest_open", "Under way"),
                            ("upheld", "Upheld"),
                            ("dismissed", "Dismissed"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        default="contest_open",
                        max_length=14,
                    ),
                ),
                ("opened_by", models.UUIDField()),
                ("opened_at", models.DateTimeField()),
                ("answer_by", models.DateTimeField()),
                ("opened_index", models.BigIntegerField(null=True)),
                ("proposed_state", models.CharField(blank=True, max_length=14)),
                ("proposed_reason", models.TextField(blank=True)),
                ("proposed_by", models.UUIDField(null=True)),
                ("closed_by", models.UUIDField(null=True)),
                ("closed_at", models.DateTimeField(null=True)),
                ("reason", models.TextField(blank=True)),
                ("closed_index", models.BigIntegerField(null=True)),
                (
                    "contestant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenants.tenant",
                    ),
                ),
            ],
            options={
                "ordering": ["-opened_at"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "contest_open")),
                        fields=("contestant", "right", "fingerprint"),
                        name="contest_open_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["contest_open", "upheld", "dismissed", "withdrawn"])
                        ),
                        name="contest_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("proposed_by", models.F("closed_by")), _negated=True),
                            ("state__in", ["contest_open", "withdrawn"]),
                            _connector="OR",
                        ),
                        name="contest_decided_by_two",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ContestQuestion",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[("holder", "Holds the right"), ("claimant", "Gave the right")],
                        max_length=10,
                    ),
                ),
                ("claim_id", models.UUIDField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("asked", "Waits for an answer"),
                            ("answered", "Answered"),
                            ("lapsed", "Not answered in time"),
                            ("question_closed", "Closed without an answer"),
                        ],
                        default="asked",
                        max_length=16,
                    ),
                ),
                ("sealed", models.BinaryField(null=True)),
                ("answered_by", models.UUIDField(null=True)),
                ("answered_at", models.DateTimeField(null=True)),
                ("answered_index", models.BigIntegerField(null=True)),
                ("entry_index", models.BigIntegerField(null=True)),
                ("leaf", models.BinaryField(null=True)),
                ("proof", models.BinaryField(null=True)),
                ("told_after", models.DateTimeField(null=True)),
                ("decided_index", models.BigIntegerField(null=True)),
                (
                    "contest",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="questions",
                        to="tenants.contest",
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenants.tenant",
                    ),
                ),
            ],
            options={
                "ordering": ["role", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("contest", "tenant", "claim_id"), name="contest_question_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["asked", "answered", "lapsed", "question_closed"])
                        ),
                        name="contest_question_state_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ContestPaper",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("file_name", models.CharField(max_length=120)),
                ("media_type", models.CharField(max_length=40)),
                ("size", models.PositiveIntegerField()),
                ("sha256", models.CharField(max_length=64)),
                ("sealed", models.BinaryField()),
                (
                    "contest",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="papers",
                        to="tenants.contest",
                    ),
                ),
                (
                    "question",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="papers",
                        to="tenants.contestquestion",
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
            },
        ),
    ]
