"""Switch a tenant's queue on or off; or say who is hot and what waits."""

from django.core.management.base import BaseCommand, CommandError

from ledger.management.named import has_log, inside
from ledger.models import Pending
from ledger.services import drain
from tenants.models import Tenant


class Command(BaseCommand):
    help = "Let a tenant's single records go through the queue (docs/ledger.md, how to choose)."

    def add_arguments(self, parser):
        parser.add_argument("schema", nargs="?", help="the tenant's schema; without it, all")
        parser.add_argument("switch", nargs="?", choices=["on", "off"])

    def handle(self, *, schema, switch, **options):
        tenants = Tenant.objects.exclude(schema_name="public").order_by("schema_name")
        if schema:
            tenants = tenants.filter(schema_name=schema)
            if not tenants:
                raise CommandError(
                    f"There is no tenant {schema!r}. Without a name, all are listed."
                )
        failed = []
        for tenant in tenants:
            try:
                self._one(tenant, switch)
            except CommandError as error:  # the others are told of all the same
                failed.append(f"{tenant.schema_name}: {error}")
        if failed:
            raise CommandError("\n".join(failed))

    def _one(self, tenant, switch):
        with inside(tenant):
            has_log()
            if switch:
                tenant.hot_ledger = switch == "on"
                tenant.save(update_fields=["hot_ledger"])
            if switch == "off":
                drain()
            waiting = Pending.objects.filter(refused_at=None).count()
            refused = Pending.objects.exclude(refused_at=None).count()
        state = "hot" if tenant.hot_ledger else "off"
        self.stdout.write(f"{tenant.schema_name} {state} waiting {waiting} refused {refused}")
