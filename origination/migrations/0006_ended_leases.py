from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("origination", "0005_a_lease_may_wait")]

    operations = [
        migrations.AddField("lease", "ended_on", models.DateField(null=True, verbose_name="ended")),
        migrations.AddField("pledgerequest", "released_rids", models.JSONField(default=list)),
    ]
