"""Witnessing: whose logs are cosigned here, who cosigns ours; columns that take ML-DSA-44."""

from django.db import migrations, models

from ledger.sql import install


def forwards(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        install(cursor, schema_editor.connection.schema_name)


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0004_refusals"),
    ]

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
        migrations.AlterField(
            model_name="cosignature",
            name="line",
            field=models.CharField(max_length=3600),
        ),
        migrations.AlterField(
            model_name="cosignature",
            name="vkey",
            field=models.CharField(max_length=2200),
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
        migrations.RunPython(forwards, migrations.RunPython.noop),
    ]
