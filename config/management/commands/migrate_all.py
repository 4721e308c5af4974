"""Bring every schema to the latest migration (as the owner) and make sure the platform exists."""

from django.core.management import call_command
from django.core.management.base import BaseCommand

from tenants.models import Tenant
from tenants.provisioning import ensure_platform, provision_tenant


class Command(BaseCommand):
    requires_system_checks: list[str] = []  # pages need not load for tables to be made
    help = "Migrate the shared schema and every tenant's. Run as the owner (LL_DB_ROLE=owner)."

    def handle(self, **options):
        call_command("migrate_schemas", shared=True, interactive=False, verbosity=0)
        ensure_platform()
        for tenant in Tenant.objects.exclude(schema_name="public"):
            provision_tenant(tenant=tenant)
        self.stdout.write("The database is up to date.")
