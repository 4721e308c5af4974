from django.db import migrations, models


class Migration(migrations.Migration):
    """A log's key may hand over to another: the directory says at which entry."""

    dependencies = [("tenants", "0009_contests")]
    operations = [
        migrations.AddField("publishedkey", "from_index", models.BigIntegerField(null=True)),
    ]
