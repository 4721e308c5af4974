"""The head only moves forward, for the owner of the tables too."""

from django.db import migrations

from ledger.sql import install


def forwards(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        install(cursor, schema_editor.connection.schema_name)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0006_anchoring")]
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
