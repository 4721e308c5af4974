"""`manage.py witness_log SCHEMA VKEY`: have a tenant's witness cosign one more log."""

from django.core.management.base import BaseCommand, CommandError

from ledger.core.errors import LedgerError
from ledger.management.named import inside, tenant_named
from ledger.witnessing.contradictions import rule_on
from ledger.witnessing.state import replace_key, watch_log
from tenants import clock


class Command(BaseCommand):
    help = "Let a tenant's witness cosign the checkpoints of a log, by the log's verifier key."

    def add_arguments(self, parser):
        parser.add_argument("schema", help="the tenant's schema name")
        parser.add_argument("vkey", help="the log's Ed25519 verifier key")
        parser.add_argument(
            "--instead-of", metavar="VKEY", help="the key of the log that this one replaces"
        )
        parser.add_argument(
            "--go-on",
            metavar="REASON",
            help="why a log that was convicted of two histories is cosigned again",
        )

    def handle(self, *, schema, vkey, instead_of=None, go_on="", **options):
        tenant = tenant_named(schema)
        try:
            with inside(tenant):
                row = replace_key(instead_of, vkey) if instead_of else watch_log(vkey)
                if go_on:
                    rule_on(row, reason=go_on, at=clock.now())
        except LedgerError as error:
            raise CommandError(f"{error}.") from error
        self.stdout.write(f"{schema} witnesses {row.origin}, cosigned up to {row.size} entries.")
