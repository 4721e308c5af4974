from django.db import migrations, models


class Migration(migrations.Migration):
    """The key that seals identifiers and contests has versions, too."""

    dependencies = [("tenants", "0014_title_prepared")]
    operations = [
        migrations.AddField("titlekeyring", "sealing", models.PositiveSmallIntegerField(default=1)),
    ]
