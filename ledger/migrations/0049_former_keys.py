"""What wrapped a key before it was wrapped anew is kept until the new one was seen to open."""

import django.db.models.functions.datetime
from django.db import migrations, models

from ledger.sql import install


def forwards(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        install(cursor, schema_editor.connection.schema_name)


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0048_replaced_notes"),
    ]

    operations = [
        migrations.CreateModel(
            name="FormerKey",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("holder", models.CharField(max_length=63)),
                ("place", models.BigIntegerField()),
                ("kek_version", models.IntegerField(null=True)),
                ("wrapped_key", models.BinaryField()),
                (
                    "kept_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
            ],
            options={
                "db_table": "ledger_former_key",
                "indexes": [
                    models.Index(fields=["holder", "place"], name="ledger_former_key_of"),
                    models.Index(fields=["kek_version"], name="ledger_former_key_under"),
                ],
            },
        ),
        migrations.RunPython(forwards, migrations.RunPython.noop),
    ]
