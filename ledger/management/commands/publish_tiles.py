"""`manage.py publish_tiles SCHEMA`: a log as static files, compared and repaired with `--check`."""

from django.core.management.base import BaseCommand, CommandError
from django_tenants.utils import tenant_context

from ledger.management.named import tenant_named
from ledger.models import Head
from ledger.tiles import publishing
from tenants.problems import Problem


class Command(BaseCommand):
    help = "Publish a tenant's log as static files (C2SP tlog-tiles) under LL_TILE_DIR."

    def add_arguments(self, parser):
        parser.add_argument("schema", help="the tenant's schema name")
        parser.add_argument("--check", action="store_true", help="compare every file with the log")
        entries = parser.add_mutually_exclusive_group()
        entries.add_argument(
            "--open-entries", action="store_true", help="publish entries too, from now on"
        )
        entries.add_argument(
            "--close-entries", action="store_true", help="publish hashes and checkpoints only"
        )

    def handle(self, *, schema, check, open_entries, close_entries, **options):
        tenant = tenant_named(schema)
        with tenant_context(tenant):
            if not Head.objects.exists():
                raise CommandError(f"The ledger of {schema!r} is empty.")
            try:
                if open_entries:
                    publishing.open_entries()
                if close_entries:
                    publishing.close_entries()
                found = publishing.publish_tiles(again=check)
            except Problem as problem:
                raise CommandError(str(problem)) from problem
        if found is None:
            raise CommandError(f"No checkpoint of {schema!r} is sealed yet.")
        for path in found.repaired:
            self.stdout.write(f"repaired {path}")
        self.stdout.write(f"{found.size} entries published, {found.written} files written")
