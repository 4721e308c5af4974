"""`manage.py rotate_keys kek --tenant anda`: a new key for an old one while traffic runs."""

from django.core.management.base import BaseCommand, CommandError
from django_tenants.utils import tenant_context

from ledger.keystore import root_keys
from ledger.models import KeyEncryptionKey
from ledger.rotation import kek, root
from tenants.problems import Problem


class Command(BaseCommand):
    """Run it again after a crash: it goes on. `--retire` destroys what is not needed any more."""

    help = "Rotate a key of one institution or of all: docs/operating.md, Rotating keys."

    def add_arguments(self, parser):
        parser.add_argument("which", choices=["root", "kek"])
        whose = parser.add_mutually_exclusive_group()
        whose.add_argument("--tenant", metavar="SCHEMA")
        whose.add_argument("--all", action="store_true")
        parser.add_argument("--dry-run", action="store_true", help="say what waits, change nothing")
        parser.add_argument("--retire", action="store_true", help="destroy the old key")

    def handle(self, *args, which, tenant=None, all=False, dry_run=False, retire=False, **options):
        if which == "root":
            if tenant:
                raise CommandError("The root key is the installation's: leave --tenant out.")
            return self._told(self._root, dry_run, retire)
        if not (tenant or all):
            raise CommandError("Say whose key: --tenant SCHEMA or --all.")
        tenants = root.tenants() if all else root.tenants().filter(schema_name=tenant)
        if not tenants:
            raise CommandError(f"There is no tenant {tenant!r}.")
        failed = []
        for found in tenants:
            try:
                with tenant_context(found):
                    self._kek(found.schema_name, dry_run, retire)
            except Problem as problem:  # the others' keys are rotated all the same
                failed.append(f"{found.schema_name}: {problem}")
        if failed:
            raise CommandError("\n".join(failed))

    def _told(self, work, *arguments):
        try:
            work(*arguments)
        except Problem as problem:
            raise CommandError(str(problem)) from problem

    def _say(self, name: str, words: str) -> None:
        self.stdout.write(f"{name}: {words}")

    def _root(self, dry_run: bool, retire: bool) -> None:
        if retire:
            retired = ", ".join(map(str, root.retire_root_keys()))
            return self._say("root key", f"retired {retired or 'nothing'}.")
        if not dry_run:
            root.begin_root_key()
        self._say("root key", f"versions {', '.join(map(str, root_keys().versions()))}")
        for tenant in root.tenants():
            with tenant_context(tenant):
                count = root.waiting() if dry_run else root.rewrap_by_root_key()
            self._say(tenant.schema_name, f"{count} keys {'wait' if dry_run else 'wrapped anew'}")

    def _kek(self, name: str, dry_run: bool, retire: bool) -> None:
        versions = KeyEncryptionKey.objects.order_by("version").values_list("version", flat=True)
        if not versions:
            self._say(name, "no key-encryption key yet.")
        elif dry_run:
            self._say(name, f"key-encryption key versions {', '.join(map(str, versions))}")
            for table, rows in kek.waiting():
                self._say(name, f"{table}: {rows} under an older version")
        elif retire:
            retired = ", ".join(map(str, kek.retire_key_encryption_keys()))
            self._say(name, f"retired {retired or 'nothing'}.")
        else:
            version = kek.rotate_key_encryption_key(
                progress=lambda table, rows: self._say(name, f"{table}: {rows}")
            )
            self._say(name, f"everything is under version {version}.")
