"""A leaf is a record of its columns, and an owner's slips are refused in every table of the ledger."""

from django.db import migrations

from ledger.sql import install


def forwards(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        install(cursor, schema_editor.connection.schema_name)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0017_shown_is_kept")]
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
