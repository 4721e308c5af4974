"""The queue asks the log by the records' ids whatever the planner knows of a log, and passes over all
that cannot be integrated, however many there are."""

from django.db import migrations

from ledger.sql import install


def forwards(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        install(cursor, schema_editor.connection.schema_name)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0053_queue_left_quickly")]
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
