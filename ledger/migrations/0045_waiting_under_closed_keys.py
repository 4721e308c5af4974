"""What waits under a closed key-encryption key goes into the log, and keeps the key."""

from django.db import migrations

from ledger.sql import install


def forwards(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        install(cursor, schema_editor.connection.schema_name)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0044_seal_names_its_tree")]
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
