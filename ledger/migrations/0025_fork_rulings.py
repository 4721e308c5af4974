from django.db import migrations, models

from ledger.sql import install


def forwards(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        install(cursor, schema_editor.connection.schema_name)


class Migration(migrations.Migration):
    """Who decided to go on with a log that was convicted of two histories, and why."""

    dependencies = [("ledger", "0024_checks")]
    operations = [
        migrations.CreateModel(
            name="ForkRuling",
            fields=[
                ("digest", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("reason", models.CharField(max_length=400)),
                ("ruled_by", models.UUIDField()),
                ("ruled_at", models.DateTimeField()),
            ],
            options={"db_table": "ledger_fork_ruling"},
        ),
        migrations.RunPython(forwards, migrations.RunPython.noop),
    ]
