"""Deals from the committee's vote to distributions."""

import django.db.models.deletion
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("pools", "0012_screening")]
    replaces = [("pools", "0010_contested_assets")]

    operations = [
        migrations.CreateModel(
            name="CommitteeVote",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("by", models.UUIDField()),
                ("approves", models.BooleanField()),
                ("reason", models.CharField(blank=True, max_length=400, verbose_name="reason")),
                ("at", models.DateTimeField()),
                (
                    "facility",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="votes",
                        to="pools.facility",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("facility", "by"), name="pools_one_vote_each")
                ],
            },
        ),
        migrations.CreateModel(
            name="Distribution",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("period", models.PositiveIntegerField(verbose_name="period")),
                ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
                ("start", models.DateField(verbose_name="from")),
                ("end", models.DateField(verbose_name="to")),
                ("known_at", models.DateTimeField()),
                ("income_minor", models.BigIntegerField(verbose_name="income")),
                ("principal_minor", models.BigIntegerField(verbose_name="principal")),
                ("pool_opening_minor", models.BigIntegerField(verbose_name="pool before")),
                ("pool_closing_minor", models.BigIntegerField(verbose_name="pool after")),
                ("result", models.JSONField()),
                ("made_by", models.UUIDField()),
                ("made_at", models.DateTimeField()),
                ("ledger_index", models.BigIntegerField()),
                (
                    "pool",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="distributions",
                        to="pools.pool",
                    ),
                ),
                ("payments", models.IntegerField(verbose_name="payments")),
                ("payments_root", models.CharField(max_length=64)),
                ("result_sha256", models.CharField(max_length=64)),
                ("movements", models.JSONField(default=dict)),
            ],
            options={
                "ordering": ["pool", "period", "version"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("pool", "period", "version"), name="pools_distribution_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Disbursement",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("lessor_id", models.UUIDField()),
                ("amount_minor", models.BigIntegerField(verbose_name="amount")),
                ("instructed_by", models.UUIDField()),
                ("instructed_at", models.DateTimeField()),
                (
                    "bank_reference",
                    models.CharField(blank=True, max_length=64, verbose_name="bank reference"),
                ),
                ("confirmed_by", models.UUIDField(null=True)),
                ("confirmed_at", models.DateTimeField(null=True)),
                ("ledger_index", models.BigIntegerField(null=True)),
                (
                    "pool",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="disbursements",
                        to="pools.pool",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("pool", "lessor_id"), name="pools_one_disbursement_a_lessor"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("amount_minor__gt", 0)),
                        name="pools_disbursement_positive",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PoolApproval",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("by", models.UUIDField()),
                ("at", models.DateTimeField()),
                (
                    "pool",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="approvals",
                        to="pools.pool",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("pool", "by"), name="pools_one_pool_approval_each"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PoolAsset",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("source", models.UUIDField()),
                ("balance_minor", models.BigIntegerField(verbose_name="balance")),
                ("net_value_minor", models.BigIntegerField(verbose_name="net value")),
                ("live", models.BooleanField(default=True)),
                (
                    "asset",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="memberships",
                        to="pools.asset",
                    ),
                ),
                (
                    "pool",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="members",
                        to="pools.pool",
                    ),
                ),
                ("released_at", models.DateTimeField(null=True)),
                ("released_index", models.BigIntegerField(null=True)),
                (
                    "release_reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("settled", "Nothing is owed any more"),
                            ("disposed", "The vehicle was sold"),
                            ("replaced", "Replaced by another asset"),
                            ("debt_paid", "The debt is paid"),
                            ("contested", "A contest was upheld"),
                        ],
                        db_default="",
                        max_length=12,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("live", True)),
                        fields=("asset",),
                        name="pools_asset_in_one_live_pool",
                    ),
                    models.UniqueConstraint(
                        fields=("pool", "asset"), name="pools_asset_once_in_a_pool"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Pledge",
            fields=[
                (
                    "rid",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("lessor_id", models.UUIDField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("requested", "Asked for"),
                            ("accepted", "Accepted by the lessor"),
                            ("refused", "Refused by the lessor"),
                            ("perfected", "Perfected"),
                            ("released", "Released"),
                        ],
                        default="requested",
                        max_length=10,
                    ),
                ),
                ("requested_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("requested_index", models.BigIntegerField()),
                ("answered_at", models.DateTimeField(null=True)),
                ("perfected_index", models.BigIntegerField(null=True)),
                (
                    "pool",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="pledges",
                        to="pools.pool",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("pool", "lessor_id"), name="pools_one_pledge_a_lessor"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Holding",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
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
            options={
                "ordering": ["pool", "tranche", "subscribed_at"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("pool", "tranche", "holder"), name="pools_holding_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("units_minor__gt", 0)), name="pools_holding_positive"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="UnitPayment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("payee", models.CharField(max_length=30, verbose_name="class")),
                ("holder", models.CharField(max_length=80, verbose_name="holder")),
                ("amount_minor", models.BigIntegerField(verbose_name="amount")),
                (
                    "distribution",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="unit_payments",
                        to="pools.distribution",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("distribution", "payee", "holder"), name="pools_unit_payment_once"
                    )
                ],
            },
        ),
    ]
