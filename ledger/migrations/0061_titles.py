"""Erasures and the watch over the map of titles; then the functions, triggers and grants.

From here on only the functions write the log.
"""

from django.db import migrations, models

from ledger.sql import install


def forwards(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        install(cursor, schema_editor.connection.schema_name)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0060_witnesses")]
    replaces = [("ledger", "0057_copies_by_kind")]

    operations = [
        migrations.CreateModel(
            name="Erasure",
            fields=[
                ("index", models.BigIntegerField(primary_key=True, serialize=False)),
                ("told_by", models.BigIntegerField(unique=True)),
                ("reason", models.CharField(max_length=24)),
                ("erased_by", models.UUIDField(null=True)),
                ("erased_at", models.DateTimeField()),
            ],
            options={
                "db_table": "ledger_erasure",
            },
        ),
        migrations.CreateModel(
            name="ErasureAnswer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("index", models.BigIntegerField()),
                ("to_tenant", models.UUIDField()),
                ("held", models.BooleanField()),
                ("erased_at", models.DateTimeField()),
            ],
            options={
                "db_table": "ledger_erasure_answer",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("index", "to_tenant"), name="ledger_erasure_answer_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ReplicaErasure",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("source", models.UUIDField()),
                ("index", models.BigIntegerField()),
                ("told_by", models.BigIntegerField()),
                ("reason", models.CharField(max_length=24)),
                ("held", models.BooleanField()),
                ("erased_at", models.DateTimeField()),
            ],
            options={
                "db_table": "ledger_replica_erasure",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("source", "index"), name="ledger_replica_erasure_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="TitleAlarm",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("different", "Two roots for one epoch"),
                            ("broken", "An epoch does not follow the one before"),
                            ("untimely", "The time of an epoch cannot be true"),
                            ("malformed", "A root of the platform that cannot be read"),
                            ("unsigned", "A root that the platform did not sign"),
                            ("missing", "A right of ours is not in the map"),
                            ("unproven", "An answer of the registry does not hold"),
                        ],
                        max_length=10,
                    ),
                ),
                ("epoch", models.BigIntegerField()),
                ("other", models.UUIDField(null=True)),
                ("by_us", models.BooleanField(default=True)),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("evidence", models.JSONField()),
                ("at", models.DateTimeField()),
            ],
            options={
                "db_table": "ledger_title_alarm",
            },
        ),
        migrations.CreateModel(
            name="TitleCheck",
            fields=[
                ("epoch", models.BigIntegerField(primary_key=True, serialize=False)),
                ("held", models.IntegerField()),
                ("missing", models.JSONField(default=list)),
                ("checked_at", models.DateTimeField()),
                ("looked_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "ledger_title_check",
            },
        ),
        migrations.CreateModel(
            name="TitleProofKept",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("epoch", models.BigIntegerField()),
                (
                    "verdict",
                    models.CharField(
                        choices=[
                            ("free", "Nobody holds it"),
                            ("held", "Held by this institution"),
                            ("mixed", "Held in part by this institution, the rest by nobody"),
                            ("taken", "Somebody holds it"),
                        ],
                        max_length=8,
                    ),
                ),
                ("file", models.BinaryField()),
                ("sealed_at", models.DateTimeField()),
                ("asked_by", models.UUIDField()),
                ("asked_at", models.DateTimeField()),
                ("subject_id", models.UUIDField()),
                ("answers", models.IntegerField()),
                ("taken", models.JSONField(default=list)),
            ],
            options={
                "db_table": "ledger_title_proof",
                "indexes": [
                    models.Index(fields=["subject_id", "-id"], name="ledger_title_proof_of")
                ],
            },
        ),
        migrations.CreateModel(
            name="TitleRootSeen",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("source", models.UUIDField()),
                ("epoch", models.BigIntegerField()),
                ("index", models.BigIntegerField()),
                ("fields", models.JSONField()),
                ("seen_at", models.DateTimeField()),
            ],
            options={
                "db_table": "ledger_title_root",
                "indexes": [
                    models.Index(fields=["epoch"], name="ledger_title_root_epoch"),
                    models.Index(
                        condition=models.Q(("fields__has_key", "old_key")),
                        fields=["source", "epoch"],
                        name="ledger_title_root_hands_over",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("source", "index"), name="ledger_title_root_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="TitleWatch",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("claim_id", models.UUIDField()),
                ("right", models.CharField(max_length=16)),
                ("identifier", models.CharField(max_length=80)),
                ("grip", models.CharField(max_length=60)),
                ("map_index", models.BinaryField(max_length=32)),
                ("seen_at", models.DateTimeField()),
                ("seen_epoch", models.BigIntegerField()),
                ("vrf_key", models.BinaryField(max_length=32)),
            ],
            options={
                "db_table": "ledger_title_watch",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("claim_id", "right", "grip"), name="ledger_title_watch_once"
                    )
                ],
            },
        ),
        migrations.RunPython(forwards, migrations.RunPython.noop),
    ]
