from datetime import UTC, datetime

from django.db import migrations, models


def _keyring(apps, schema_editor):
    apps.get_model("tenants", "TitleKeyring").objects.get_or_create(
        id=1, defaults={"current": 1, "changed_at": datetime.now(UTC)}
    )


class Migration(migrations.Migration):
    dependencies = [("tenants", "0007_mldsa_keys")]

    operations = [
        migrations.AddField("rightclaim", "sealed", models.BinaryField(null=True)),
        migrations.CreateModel(
            name="TitleKeyring",
            fields=[
                (
                    "id",
                    models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False),
                ),
                ("current", models.PositiveSmallIntegerField(default=1)),
                ("other", models.PositiveSmallIntegerField(null=True)),
                ("filled_to", models.BigIntegerField(default=0)),
                ("changed_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("id", 1)), name="title_keyring_is_one_row"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("other", None),
                            ("other", models.F("current") + 1),
                            ("other", models.F("current") - 1),
                            _connector="OR",
                        ),
                        name="title_keyring_neighbours",
                    ),
                ],
            },
        ),
        migrations.RunPython(_keyring, migrations.RunPython.noop),
    ]
