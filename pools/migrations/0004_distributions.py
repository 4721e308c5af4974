import uuid

import django.db.models.deletion
from django.db import migrations, models

ID = models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)


class Migration(migrations.Migration):
    """Nothing was distributed or subscribed before: the table of holdings is made anew."""

    dependencies = [("pools", "0003_deals")]

    operations = [
        migrations.DeleteModel(name="Holding"),
        migrations.CreateModel(
            name="Holding",
            fields=[
                ("id", ID),
                ("tranche", models.CharField(max_length=30, verbose_name="class")),
                ("holder", models.CharField(max_length=80, verbose_name="holder")),
                ("user_id", models.UUIDField(null=True)),
                ("units_minor", models.BigIntegerField(verbose_name="units")),
                ("subscribed_by", models.UUIDField()),
                ("subscribed_at", models.DateTimeField(verbose_name="subscribed")),
                ("ledger_index", models.BigIntegerField()),
                (
                    "pool",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="holdings",
                        to="pools.pool",
                    ),
                ),
            ],
            options={"ordering": ["pool", "tranche", "subscribed_at"]},
        ),
        migrations.AddConstraint(
            model_name="holding",
            constraint=models.UniqueConstraint(
                fields=("pool", "tranche", "holder"), name="pools_holding_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="holding",
            constraint=models.CheckConstraint(
                condition=models.Q(("units_minor__gt", 0)), name="pools_holding_positive"
            ),
        ),
        migrations.RemoveField(model_name="distribution", name="standing"),
        migrations.AddField(
            model_name="distribution",
            name="payments",
            field=models.IntegerField(default=0, verbose_name="payments"),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="distribution",
            name="payments_root",
            field=models.CharField(default="", max_length=64),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="distribution",
            name="result_sha256",
            field=models.CharField(default="", max_length=64),
            preserve_default=False,
        ),
    ]
