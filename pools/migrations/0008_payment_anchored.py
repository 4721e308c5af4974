from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("pools", "0007_shadow_runs")]

    operations = [
        migrations.AddIndex(
            model_name="assetpayment",
            index=models.Index(fields=["anchored_at"], name="pools_payment_anchored"),
        ),
    ]
