"""What the commands that import a file have in common: whose file, by whom, and its bytes."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django_tenants.utils import tenant_context

from tenants import clock
from tenants.models import Membership, Tenant
from tenants.permissions import Kind, Permission, Role, permissions_of
from tenants.problems import Problem


class ImportCommand(BaseCommand):
    """`take` does the work inside the lessor; a Problem becomes the command's error."""

    permission: Permission

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)
        parser.add_argument("--tenant", required=True, help="schema name of the lessor")
        parser.add_argument("--by", required=True, help="e-mail of who imports it")

    def handle(self, *, file, tenant, by, **options):
        lessor = self._lessor(tenant)
        person = self._importer(by, lessor)
        try:
            content = file.read_bytes()
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}.") from error
        try:
            with tenant_context(lessor):
                self.take(content, name=file.name, by=person, at=clock.now(), **options)
        except Problem as problem:
            raise CommandError(str(problem)) from problem

    def take(self, content, *, name, by, at, **options):
        """Import the bytes and tell what became of them."""
        raise NotImplementedError

    def _lessor(self, schema):
        lessors = Tenant.objects.filter(kind=Kind.LESSOR)
        if found := lessors.filter(schema_name=schema).first():
            return found
        known = ", ".join(lessors.values_list("schema_name", flat=True))
        raise CommandError(f"There is no lessor {schema!r}. There are: {known or 'none'}.")

    def _importer(self, email, lessor):
        """The person's id, if one of the person's roles here permits it."""
        found = Membership.objects.filter(
            user__email__iexact=email, user__is_active=True, tenant=lessor, is_active=True
        )
        for user_id, role in found.values_list("user_id", "role"):
            if self.permission in permissions_of([Role(role)]):
                return user_id
        raise CommandError(
            f"{email} may not do this for {lessor.schema_name}: it takes a role with"
            f" {self.permission.value} (see: manage.py add_person)."
        )


class ImportLinesCommand(ImportCommand):
    """A file of lines about leases in the book: `service` imports it and answers a report."""

    def add_arguments(self, parser):
        super().add_arguments(parser)
        parser.add_argument("--keep-good", action="store_true", help="keep the lines that are good")

    def take(self, content, *, name, by, at, keep_good, **options):
        report = self.service(content=content, at=at, keep_good=keep_good)
        for found in report.findings:
            self.stdout.write(f"row {found.row}: {found.error()} ({found.value or 'empty'})")
        self.stdout.write(
            f"{name}: {report.lines} lines, {report.taken} taken,"
            f" {report.lines - report.taken} not taken"
        )
        if report.appended is None:
            raise CommandError(
                "Nothing was written. Mend the lines named, or keep the good ones with --keep-good."
            )
        self.stdout.write(f"ledger entry {report.appended.index}")
