"""Unlock secrets, each encrypted; one being stored keeps its key-encryption key."""

from django.db import migrations, models

from ledger.sql import install


def forwards(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        install(cursor, schema_editor.connection.schema_name)


class Migration(migrations.Migration):
    dependencies = [
        ("mobile_api", "0002_photos_hold_their_key"),
        ("ledger", "0057_copies_by_kind"),
    ]

    operations = [
        migrations.CreateModel(
            name="UnlockSecret",
            fields=[
                ("kid", models.CharField(max_length=32, primary_key=True, serialize=False)),
                ("person", models.UUIDField()),
                ("phone", models.UUIDField(db_index=True)),
                ("version", models.UUIDField()),
                ("ciphertext", models.BinaryField()),
                ("wrapped_key", models.BinaryField()),
                ("kek_version", models.IntegerField()),
                ("given_at", models.DateTimeField()),
            ],
            options={"db_table": "mobile_unlock_secret"},
        ),
        migrations.RunPython(forwards, migrations.RunPython.noop),
    ]
