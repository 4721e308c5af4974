"""What outside registers say of an asset now: each register's newest answer that still counts."""

SEARCH_DAYS = 90  # a search is as good as its day: older ones count as none
#: One row a lease: `encumbered` if any register's newest answer says so. Needs `since`.
LATEST_SEARCHES = """
    SELECT lease_rid, bool_or(result <> 'clear') AS encumbered, max(searched_on) AS searched_on
    FROM (
        SELECT DISTINCT ON (lease_rid, register) lease_rid, result, searched_on
        FROM pools_assetsearch WHERE searched_on > %(since)s
        ORDER BY lease_rid, register, searched_on DESC, result DESC
    ) newest GROUP BY lease_rid
"""
