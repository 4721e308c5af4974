"""A note that nobody of the log signed gives way to a signed one, and both are kept."""

from django.db import migrations, models

from ledger.sql import install


def forwards(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        install(cursor, schema_editor.connection.schema_name)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0047_findings")]
    operations = [
        migrations.CreateModel(
            name="ReplacedNote",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("size", models.BigIntegerField()),
                ("note", models.BinaryField()),
                ("sealed_at", models.DateTimeField(null=True)),
                ("replaced_at", models.DateTimeField()),
            ],
            options={
                "db_table": "ledger_replaced_note",
                "indexes": [models.Index(fields=["size"], name="ledger_replaced_note_size")],
            },
        ),
        migrations.RunPython(forwards, migrations.RunPython.noop),
    ]
