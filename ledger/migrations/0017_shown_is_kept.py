"""`ledger_erase` refuses entries that every export must show."""

from django.db import migrations

from ledger.sql import install


def forwards(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        install(cursor, schema_editor.connection.schema_name)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0016_whole_entries")]
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
