"""`manage.py publish_tiles SCHEMA`: a log as static files, compared and repaired with `--check`."""

from django.core.management.base import BaseCommand, CommandError

from ledger.management.named import inside, need_log, tenant_named
from ledger.tiles import publishing


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
        with inside(tenant):
            need_log(tenant)
            opened = publishing.open_entries() if open_entries else None
            if close_entries:
                publishing.close_entries()
            found = publishing.publish_tiles(again=check)
        if found is None:
            raise CommandError(f"No checkpoint of {schema!r} is sealed yet.")
        for path in found.repaired:
            self.stdout.write(f"repaired {path}")
        written = found.written + (opened.written if opened else 0)
        self.stdout.write(f"{found.size} entries published, {written} files written")
