"""Each reason of a standstill is lifted by itself."""

from django.db import migrations

from ledger.sql import install


def forwards(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        install(cursor, schema_editor.connection.schema_name)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0038_title_watch_order")]
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
