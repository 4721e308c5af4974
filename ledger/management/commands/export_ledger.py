"""`manage.py export_ledger SCHEMA FILE`: the whole log of a tenant as one provable file."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django_tenants.utils import tenant_context

from ledger.management.named import tenant_named
from ledger.models import Head
from ledger.services import export_ledger
from tenants import clock


class Command(BaseCommand):
    help = "Export a tenant's ledger as one file that `python -m ledger.verifier` proves."

    def add_arguments(self, parser):
        parser.add_argument("schema", help="the tenant's schema name")
        parser.add_argument("file", type=Path)
        parser.add_argument("--disclose", action="store_true", help="with every payload, open")
        parser.add_argument("--items", action="store_true", help="with the items of every batch")

    def handle(self, *, schema, file, disclose, items, **options):
        tenant = tenant_named(schema)
        with tenant_context(tenant):
            if not Head.objects.exists():
                raise CommandError(f"The ledger of {schema!r} is empty.")
            part = file.with_name(file.name + ".part")
            with part.open("wb") as stream:
                entries = export_ledger(
                    stream=stream, at=clock.now(), disclose=disclose, items=items
                )
            part.replace(file)
        size = file.stat().st_size
        self.stdout.write(f"{entries} entries, {size:,} bytes: {file}")
