"""Bring every schema to the latest migration (as the owner) and make sure the platform exists."""

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from tenants.condensed import refuse_between_versions
from tenants.models import Tenant
from tenants.problems import Problem
from tenants.provisioning import ensure_platform, provision_tenant


class Command(BaseCommand):
    requires_system_checks: list[str] = []  # pages need not load for tables to be made
    help = "Migrate the shared schema and every tenant's. Run as the owner (LL_DB_ROLE=owner)."

    def handle(self, **options):
        try:
            refuse_between_versions(self._schemas())
        except Problem as problem:
            raise CommandError(str(problem)) from problem
        call_command("migrate_schemas", shared=True, interactive=False, verbosity=0)
        ensure_platform()
        for tenant in Tenant.objects.exclude(schema_name="public"):
            provision_tenant(tenant=tenant)
        self.stdout.write("The database is up to date.")

    def _schemas(self) -> list[str]:
        """The shared schema and every tenant's; of a new database the shared one."""
        if Tenant._meta.db_table not in connection.introspection.table_names():
            return ["public"]
        return sorted({"public", *Tenant.objects.values_list("schema_name", flat=True)})
