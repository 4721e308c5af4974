"""A log whose checkpoints are refused takes no entries: the head says so, a row says why."""

from django.db import migrations, models

from ledger.sql import install


def forwards(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        install(cursor, schema_editor.connection.schema_name)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0028_leaves_without_subtransactions")]
    operations = [
        migrations.AddField(
            model_name="head",
            name="halted_at",
            field=models.DateTimeField(null=True),
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
            ],
            options={"db_table": "ledger_halt"},
        ),
        migrations.RunPython(forwards, migrations.RunPython.noop),
    ]
