"""`manage.py check_ledger SCHEMA`: is everything stored still what was signed?"""

from django.core.management.base import BaseCommand, CommandError

from ledger.checking.services import check_stored
from ledger.management.named import has_log, inside, tenant_named
from ledger.models import LedgerCheck
from tenants import clock


class Command(BaseCommand):
    help = "Go over a tenant's whole ledger and the copies that it keeps: docs/operating.md."

    def add_arguments(self, parser):
        parser.add_argument("schema", help="the tenant's schema name")

    def handle(self, *, schema, **options):
        with inside(tenant_named(schema)):
            if not has_log():
                self.stdout.write("own log: none yet")
            is_as_signed = True
            for name, row in check_stored(now=clock.now):
                if row is not None:
                    self.stdout.write(f"{name}: {_words(row)}")
                    is_as_signed &= row.is_as_signed
        if not is_as_signed:
            raise CommandError(
                "Something is not as it was signed: docs/operating.md says what to do."
            )


def _words(row: LedgerCheck) -> str:
    unheard = f" (not compared with the signer: {row.unheard})" if row.unheard else ""
    return _found(row) + unheard


def _found(row: LedgerCheck) -> str:
    if row.is_as_signed:
        counts = f"{row.entries} entries, {row.contents} contents, {row.checkpoints} checkpoints"
        return f"{counts}, all as signed"
    return f"{row.part} {row.index}: {row.detail}"
