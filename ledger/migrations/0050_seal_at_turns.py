"""A checkpoint in which the log's key changes is stored, or put back, also below newer ones."""

from django.db import migrations

from ledger.sql import install


def forwards(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        install(cursor, schema_editor.connection.schema_name)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0049_former_keys")]
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
