"""A pair index for each field of a lease: what all contract numbers hold is no lessee's name."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("origination", "0021_bulk_actions")]

    operations = [
        migrations.RunSQL(
            """
            DROP INDEX lease_by_part;
            CREATE INDEX lease_contract_by_part ON origination_lease
                USING gin (origination_grams(contract_number));
            CREATE INDEX lease_name_by_part ON origination_lease
                USING gin (origination_grams(lessee_name));
            CREATE INDEX lease_vehicle_by_part ON origination_lease
                USING gin (origination_grams(vin || E'\\n' || coalesce(record->>'plate', '')));
            """,
            """
            DROP INDEX lease_contract_by_part, lease_name_by_part, lease_vehicle_by_part;
            CREATE INDEX lease_by_part ON origination_lease USING gin (origination_grams(
                contract_number || E'\\n' || lessee_name || E'\\n' || vin || E'\\n'
                || coalesce(record->>'plate', '')));
            """,
        )
    ]
