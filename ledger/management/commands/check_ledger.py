"""`manage.py check_ledger SCHEMA`: is everything stored still what was signed?"""

from django.core.management.base import BaseCommand, CommandError
from django_tenants.utils import tenant_context

from ledger.checking.services import check_copy, check_own
from ledger.models import LedgerCheck, Replica
from tenants import clock
from tenants.models import Tenant


class Command(BaseCommand):
    help = "Go over a tenant's whole ledger and the copies that it keeps: docs/operating.md."

    def add_arguments(self, parser):
        parser.add_argument("schema", help="the tenant's schema name")

    def handle(self, *, schema, **options):
        tenant = Tenant.objects.filter(schema_name=schema).first()
        if tenant is None:
            raise CommandError(f"There is no tenant {schema!r}.")
        with tenant_context(tenant):
            found = [("own log", check_own(at=clock.now()))]
            for replica in Replica.objects.order_by("origin"):
                found.append((f"copy of {replica.origin}", check_copy(replica, at=clock.now())))
        told = [(name, row) for name, row in found if row is not None]
        for name, row in told:
            self.stdout.write(f"{name}: {_words(row)}")
        if any(not row.is_as_signed for _, row in told):
            raise CommandError(
                "Something is not as it was signed: docs/operating.md says what to do."
            )


def _words(row: LedgerCheck) -> str:
    if row.is_as_signed:
        counts = f"{row.entries} entries, {row.contents} contents, {row.checkpoints} checkpoints"
        return f"{counts}, all as signed"
    return f"{row.part} {row.index}: {row.detail}"
