"""What is appended is looked at in one pass, before the head is locked."""

from django.db import migrations

from ledger.sql import install


def forwards(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        install(cursor, schema_editor.connection.schema_name)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0018_leaves_and_slips")]
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
