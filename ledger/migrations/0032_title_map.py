from django.db import migrations, models

from ledger.sql import install


def forwards(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        install(cursor, schema_editor.connection.schema_name)


class Migration(migrations.Migration):
    """Roots of the title registry's map, own rights looked for in it, and proofs asked for."""

    dependencies = [
        ("ledger", "0033_restored_times"),
    ]

    operations = [
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
                            ("unsigned", "A root that the platform did not sign"),
                            ("missing", "A right of ours is not in the map"),
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
                ("claim_id", models.UUIDField()),
                ("right", models.CharField(max_length=16)),
                ("epoch", models.BigIntegerField()),
                (
                    "verdict",
                    models.CharField(
                        choices=[
                            ("free", "Nobody holds it"),
                            ("held", "Held by this institution"),
                            ("taken", "Somebody holds it"),
                        ],
                        max_length=8,
                    ),
                ),
                ("file", models.BinaryField()),
                ("sealed_at", models.DateTimeField()),
                ("asked_by", models.UUIDField()),
                ("asked_at", models.DateTimeField()),
            ],
            options={
                "db_table": "ledger_title_proof",
                "indexes": [
                    models.Index(fields=["claim_id", "-id"], name="ledger_title_proof_claim")
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
                "indexes": [models.Index(fields=["epoch"], name="ledger_title_root_epoch")],
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
