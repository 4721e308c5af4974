"""What a log says of entries that it lost is shown to everybody: the database lets nobody erase it."""

from django.db import migrations

from ledger.sql import install


def forwards(apps, schema_editor):
    schema = schema_editor.connection.schema_name
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_proc WHERE pronamespace = %s::regnamespace"
            " AND proname = 'ledger_erase' AND prosrc LIKE '%%log.resumed%%')",
            [schema],
        )
        if not cursor.fetchone()[0]:  # a new schema has the newest functions already
            install(cursor, schema)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0061_titles")]

    operations = [migrations.RunPython(forwards, migrations.RunPython.noop, elidable=True)]
