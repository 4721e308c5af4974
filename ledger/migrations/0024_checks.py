from django.db import migrations, models

from ledger.sql import install


def forwards(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        install(cursor, schema_editor.connection.schema_name)


class Migration(migrations.Migration):
    """What came of going over a stored log is kept, and never changed."""

    dependencies = [("ledger", "0023_handed_over")]
    operations = [
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
            ],
            options={"db_table": "ledger_check"},
        ),
        migrations.AddIndex(
            model_name="ledgercheck",
            index=models.Index(fields=["source", "-checked_at"], name="ledger_check_latest"),
        ),
        migrations.RunPython(forwards, migrations.RunPython.noop),
    ]
