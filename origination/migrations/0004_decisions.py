from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("origination", "0003_reference_files"),
    ]

    operations = [
        migrations.AddField(
            model_name="financingapplication",
            name="decided_at",
            field=models.DateTimeField(null=True, verbose_name="decided at"),
        ),
        migrations.AddField(
            model_name="financingapplication",
            name="expires_on",
            field=models.DateField(null=True, verbose_name="expires"),
        ),
        migrations.AddField(
            model_name="financingapplication",
            name="form",
            field=models.CharField(blank=True, max_length=24, verbose_name="form"),
        ),
        migrations.AddField(
            model_name="financingapplication",
            name="limit_minor",
            field=models.BigIntegerField(null=True, verbose_name="limit"),
        ),
        migrations.AddField(
            model_name="financingapplication",
            name="state",
            field=models.CharField(
                choices=[
                    ("sent", "Sent"),
                    ("declined", "Declined"),
                    ("approved", "Approved"),
                    ("refused", "Refused"),
                ],
                default="sent",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="pledgerequest",
            name="bank_reference",
            field=models.CharField(blank=True, max_length=64, verbose_name="bank reference"),
        ),
        migrations.AddField(
            model_name="pledgerequest",
            name="closed_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="pledgerequest",
            name="paid_at",
            field=models.DateTimeField(null=True, verbose_name="paid at"),
        ),
        migrations.AddField(
            model_name="pledgerequest",
            name="paid_minor",
            field=models.BigIntegerField(null=True, verbose_name="paid"),
        ),
        migrations.AlterField(
            model_name="pledgerequest",
            name="state",
            field=models.CharField(
                choices=[
                    ("requested", "Requested"),
                    ("accepted", "Accepted"),
                    ("refused", "Refused"),
                    ("perfected", "Perfected"),
                    ("released", "Released"),
                ],
                default="requested",
                max_length=10,
            ),
        ),
    ]
