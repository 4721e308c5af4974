"""Indexes of a customer's page: applications by the end of the number, leases by group."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("origination", "0018_found_by_part")]

    operations = [
        migrations.RunSQL(
            """
            CREATE INDEX application_by_number_end ON origination_applicationversion
                (right(record->>'lessee_id_number', 4));
            CREATE INDEX lease_by_group ON origination_lease ((record->>'lessee_group'))
                WHERE record->>'lessee_group' IS NOT NULL;
            """,
            "DROP INDEX application_by_number_end, lease_by_group",
        )
    ]
