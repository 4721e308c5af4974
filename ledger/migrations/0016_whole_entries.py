"""An entry comes whole or not at all, and a revoked key's waiting record holds up nobody."""

from django.db import migrations

from ledger.sql import install


def forwards(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        install(cursor, schema_editor.connection.schema_name)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0015_keys_are_kept")]
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
