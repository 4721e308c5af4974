"""Import a lease tape for one lessor and say row by row what was taken, refused and why."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django_tenants.utils import tenant_context

from origination.services import import_tape
from tenants.models import Membership, Tenant
from tenants.permissions import Permission, Role, permissions_of
from tenants.problems import Problem


class Command(BaseCommand):
    help = "Import a CSV or Parquet tape of leases; nothing is kept of one that has wrong rows."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)
        parser.add_argument("--tenant", required=True, help="schema name of the lessor")
        parser.add_argument("--by", required=True, help="e-mail of who imports it")
        parser.add_argument("--keep-good", action="store_true", help="keep the rows that are good")

    def handle(self, *, file, tenant, by, keep_good, **options):
        lessor = Tenant.objects.filter(schema_name=tenant).first()
        if lessor is None:
            raise CommandError(f"There is no tenant {tenant!r}: name its schema.")
        person = self._importer(by, lessor)
        try:
            content = file.read_bytes()
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}.") from error
        try:
            with tenant_context(lessor):
                report = import_tape(
                    content=content,
                    file_name=file.name,
                    by=person,
                    at=timezone.now(),
                    keep_good=keep_good,
                )
        except Problem as problem:
            raise CommandError(str(problem)) from problem
        self._tell(report)

    def _importer(self, email, lessor):
        """The person's id, if one of the person's roles here may import tapes."""
        found = Membership.objects.filter(
            user__email=email, user__is_active=True, tenant=lessor, is_active=True
        )
        for user_id, role in found.values_list("user_id", "role"):
            if Permission.IMPORT_TAPE in permissions_of([Role(role)]):
                return user_id
        raise CommandError(f"{email} may not import tapes for {lessor.schema_name}.")

    def _tell(self, report):
        for found in report.findings:
            self.stdout.write(f"row {found.row}: {found.error()}")
        self.stdout.write(
            f"{report.file_name}: {report.rows} rows, {report.taken} taken,"
            f" {report.rows - report.taken} not taken; sha256 {report.sha256}"
        )
        if report.tape is None:
            raise CommandError(
                "Nothing was written. Mend the rows named, or keep the good ones with --keep-good."
            )
