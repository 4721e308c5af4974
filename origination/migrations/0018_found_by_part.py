"""Indexes of the search: pairs of letters, ends of numbers, beginnings of bank references.

A pair index needs no extension, and two letters are enough for it (decision 0022).
"""

from django.db import migrations

_LEASE = r"contract_number || E'\n' || lessee_name || E'\n' || vin || E'\n' || coalesce(record->>'plate', '')"
_VERSION = r"contract_number || E'\n' || lessee_name || E'\n' || coalesce(record->>'vin', '') || E'\n' || coalesce(record->>'plate', '')"

_MADE = f"""
    CREATE FUNCTION origination_grams(said text) RETURNS bigint[]
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN (
        SELECT coalesce(array_agg((ascii(one)::bigint << 21) | ascii(next)), '{{}}'::bigint[])
        FROM (
            SELECT one, lead(one) OVER () AS next
            FROM string_to_table(lower(said), NULL) AS one
        ) AS pairs
        WHERE ascii(one) > 32 AND ascii(next) > 32
    );
    CREATE INDEX lease_by_part ON origination_lease USING gin (origination_grams({_LEASE}));
    CREATE INDEX lease_by_number_end ON origination_lease (right(lessee_id_number, 4));
    CREATE INDEX lease_by_phone_end ON origination_lease (right(record->>'lessee_phone', 4));
    CREATE INDEX application_by_part ON origination_applicationversion
        USING gin (origination_grams({_VERSION}));
    CREATE INDEX paper_by_part ON origination_vehiclepaper
        USING gin (origination_grams(number || E'\\n' || party));
    CREATE INDEX statement_line_by_part ON origination_statementline
        USING gin (origination_grams(reference || E'\\n' || payer_name || E'\\n' || remittance));
    CREATE INDEX payment_by_reference ON origination_paymentevent
        (upper(bank_reference) text_pattern_ops);
"""
_GONE = """
    DROP INDEX payment_by_reference, statement_line_by_part, paper_by_part, application_by_part,
        lease_by_phone_end, lease_by_number_end, lease_by_part;
    DROP FUNCTION origination_grams(text);
"""


class Migration(migrations.Migration):
    dependencies = [("origination", "0017_desk")]

    operations = [migrations.RunSQL(_MADE, _GONE)]
