"""Those who append queue at an advisory lock before they take the head's row."""

from django.db import migrations

from ledger.sql import install


def forwards(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        install(cursor, schema_editor.connection.schema_name)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0007_head_guard")]
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
