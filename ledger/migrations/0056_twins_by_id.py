"""What was erased meanwhile is found by its record's id, whatever the planner knows of the log."""

from django.db import migrations

from ledger.sql import install


def forwards(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        install(cursor, schema_editor.connection.schema_name)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0055_newest_by_number")]
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
