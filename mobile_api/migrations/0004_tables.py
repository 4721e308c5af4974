"""Photos and unlock secrets, each encrypted; one being stored keeps its key-encryption key."""

from django.db import migrations, models

from ledger.sql import install


def forwards(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        install(cursor, schema_editor.connection.schema_name)


class Migration(migrations.Migration):
    initial = True

    dependencies = [("ledger", "0061_titles")]
    replaces = [
        ("mobile_api", "0001_photo"),
        ("mobile_api", "0002_photos_hold_their_key"),
        ("mobile_api", "0003_unlock_secrets"),
    ]

    operations = [
        migrations.CreateModel(
            name="Photo",
            fields=[
                ("sha256", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("media_type", models.CharField(max_length=20)),
                ("size", models.PositiveIntegerField()),
                ("ciphertext", models.BinaryField()),
                ("wrapped_key", models.BinaryField()),
                ("kek_version", models.IntegerField()),
                ("uploaded_by", models.UUIDField()),
                ("uploaded_at", models.DateTimeField()),
            ],
            options={
                "db_table": "mobile_photo",
            },
        ),
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
            options={
                "db_table": "mobile_unlock_secret",
            },
        ),
        migrations.RunPython(forwards, migrations.RunPython.noop),
    ]
