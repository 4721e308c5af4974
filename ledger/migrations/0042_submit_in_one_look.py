"""What a submitted entry must be is asked in one statement."""

from django.db import migrations

from ledger.sql import install


def forwards(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        install(cursor, schema_editor.connection.schema_name)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0041_map_keys_rotate")]
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
