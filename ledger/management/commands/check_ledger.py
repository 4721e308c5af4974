"""`manage.py check_ledger SCHEMA`: is everything stored still what was signed?"""

from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from ledger.checking import comparing
from ledger.checking.services import check_stored
from ledger.management.named import has_log, inside, tenant_named
from ledger.models import Head, LedgerCheck, Replica
from tenants import clock
from tenants.models import Tenant

NOT_ALL_COMPARED = 3  # as the verifier's, of what holds together and no more
_NONE = "none here opens with its keys"


class Command(BaseCommand):
    help = "Go over a tenant's whole ledger and the copies that it keeps: docs/operating.md."

    def add_arguments(self, parser):
        parser.add_argument("schema", help="the tenant's schema name")

    def handle(self, *, schema, **options):
        with inside(tenant_named(schema)):
            if not has_log():
                self.stdout.write("own log: none yet")
            names = dict(Tenant.objects.values_list("pk", "name"))
            is_as_signed, is_compared = True, True
            for replica, row in check_stored(now=clock.now):
                if row is not None:
                    name = "own log" if replica is None else _copy(replica, names)
                    self.stdout.write(f"{name}: {_words(row)}")
                    if replica is None and comparing.published_head(Head.objects.get()) is None:
                        self.stdout.write(f"{name}: not compared with published files ({_NONE})")
                    is_as_signed &= row.is_as_signed
                    is_compared &= not row.unheard
        if not is_as_signed:
            raise CommandError(
                "Something is not as it was signed: docs/operating.md says what to do."
            )
        if not is_compared:  # a log that was rewritten as a whole passes without the signer's word
            raise CommandError(
                "What was read is as signed, but the signer was not heard: start it, check again.",
                returncode=NOT_ALL_COMPARED,
            )


def _copy(replica: Replica, names: dict[UUID, str]) -> str:
    return f"copy of {names.get(replica.source, 'an unknown log')} ({replica.origin})"


def _words(row: LedgerCheck) -> str:
    unheard = f" (not compared with the signer: {row.unheard})" if row.unheard else ""
    return _found(row) + unheard


def _found(row: LedgerCheck) -> str:
    if row.is_as_signed:
        counts = f"{row.entries} entries, {row.contents} contents, {row.checkpoints} checkpoints"
        return f"{counts}, all as signed"
    return f"{row.part} {row.index}: {row.detail}"
