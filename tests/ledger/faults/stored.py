"""Going over what is stored, and altering it as whoever owns the database can."""

from contextlib import contextmanager

from django_tenants.utils import tenant_context

from ledger.checking.services import check_copy, check_own
from ledger.models import LedgerCheck, Replica
from tests.ledger.faults.conftest import AT


def own(pair) -> LedgerCheck:
    with tenant_context(pair.lessor):
        return check_own(at=AT)


def copied(pair) -> LedgerCheck:
    with tenant_context(pair.trust):
        return check_copy(Replica.objects.get(), at=AT)


def found(row: LedgerCheck) -> tuple[str, int | None]:
    return row.part, row.index


@contextmanager
def altered(pair, table: str, statement: str):
    """The statement's effect on one table, inside only."""
    kept = f"kept_{table.partition('.')[2]}"
    pair.raw.execute(f"CREATE TEMP TABLE {kept} AS TABLE {table}")
    try:
        pair.raw.execute(statement)
        yield
    finally:
        pair.raw.execute(f"DELETE FROM {table}")
        pair.raw.execute(f"INSERT INTO {table} TABLE {kept}")
        pair.raw.execute(f"DROP TABLE {kept}")
