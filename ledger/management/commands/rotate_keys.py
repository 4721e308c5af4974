"""`manage.py rotate_keys kek --tenant anda`: a new key for an old one while traffic runs."""

from django.core.management.base import BaseCommand, CommandError
from django_tenants.utils import tenant_context

from ledger.models import KeyEncryptionKey
from ledger.rotation import kek
from tenants.models import Tenant
from tenants.problems import Problem


class Command(BaseCommand):
    """Run it again after a crash: it goes on. `--retire` destroys what is not needed any more."""

    help = "Rotate a key of one institution or of all: docs/operating.md, Rotating keys."

    def add_arguments(self, parser):
        parser.add_argument("which", choices=["kek"])
        whose = parser.add_mutually_exclusive_group(required=True)
        whose.add_argument("--tenant", metavar="SCHEMA")
        whose.add_argument("--all", action="store_true")
        parser.add_argument("--dry-run", action="store_true", help="say what waits, change nothing")
        parser.add_argument("--retire", action="store_true", help="destroy the old key")

    def handle(self, *args, which, tenant, dry_run, retire, **options):
        tenants = Tenant.objects.exclude(schema_name="public").order_by("schema_name")
        if tenant is not None:
            tenants = tenants.filter(schema_name=tenant)
            if not tenants:
                raise CommandError(f"There is no tenant {tenant!r}.")
        failed = []
        for found in tenants:
            try:
                with tenant_context(found):
                    self._kek(found.schema_name, dry_run, retire)
            except Problem as problem:
                failed.append(f"{found.schema_name}: {problem}")
        if failed:
            raise CommandError("\n".join(failed))

    def _kek(self, name: str, dry_run: bool, retire: bool) -> None:
        if not KeyEncryptionKey.objects.exists():
            self.stdout.write(f"{name}: no key-encryption key yet.")
        elif dry_run:
            versions = KeyEncryptionKey.objects.order_by("version").values_list(
                "version", flat=True
            )
            self.stdout.write(
                f"{name}: key-encryption key versions {', '.join(map(str, versions))}"
            )
            for table, rows in kek.waiting():
                self.stdout.write(f"{name}: {table}: {rows} under an older version")
        elif retire:
            retired = kek.retire_key_encryption_keys()
            self.stdout.write(f"{name}: retired {', '.join(map(str, retired)) or 'nothing'}.")
        else:
            version = kek.rotate_key_encryption_key(
                progress=lambda table, rows: self.stdout.write(f"{name}: {table}: {rows}")
            )
            self.stdout.write(f"{name}: everything is under version {version}.")
