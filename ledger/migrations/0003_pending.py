"""The queue of hot tenants, and appending with one statement a level of the tree."""

from django.db import migrations, models

from ledger.sql import install


def forwards(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        install(cursor, schema_editor.connection.schema_name)


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0002_functions"),
    ]

    operations = [
        migrations.CreateModel(
            name="Pending",
            fields=[
                ("seq", models.BigAutoField(primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=40)),
                ("rid", models.UUIDField()),
                ("ts", models.CharField(max_length=27)),
                ("kid", models.CharField(max_length=32)),
                ("leaf", models.BinaryField()),
                ("ciphertext", models.BinaryField()),
                ("wrapped_key", models.BinaryField()),
                ("kek_version", models.IntegerField()),
                ("submitted_at", models.DateTimeField()),
                ("refused_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "ledger_pending",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("rid", "kind", "ts"), name="ledger_pending_no_replay"
                    )
                ],
            },
        ),
        migrations.RunSQL(
            "ALTER TABLE ledger_pending SET (autovacuum_vacuum_scale_factor = 0,"
            " autovacuum_vacuum_threshold = 5000)",  # a queue: all of it dies, again and again
            migrations.RunSQL.noop,
        ),
        migrations.RunPython(forwards, migrations.RunPython.noop),
    ]
