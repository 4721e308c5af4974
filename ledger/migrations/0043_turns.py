"""Whatever is decided under a lock is decided at READ COMMITTED."""

from django.db import migrations

from ledger.sql import install


def forwards(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        install(cursor, schema_editor.connection.schema_name)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0042_submit_in_one_look")]
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
