"""Create a tenant from the command line, or finish one that the admin registered."""

import subprocess
from uuid import UUID

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from tenants.models import Tenant
from tenants.permissions import Kind
from tenants.problems import Problem
from tenants.provisioning import provision, provision_tenant, register_tenant


class Command(BaseCommand):
    help = "Register an institution and make its schema, or finish one that was registered."

    def add_arguments(self, parser):
        parser.add_argument("tenant", help="schema name of a new tenant, or id of a registered one")
        parser.add_argument("--kind", choices=[kind.value for kind in Kind if kind != "platform"])
        parser.add_argument("--name")
        parser.add_argument("--name-zh", default="")
        parser.add_argument("--domain", default="", help="host name; SCHEMA.<domain> by default")

    def handle(self, *, tenant, kind, name, name_zh, domain, **options):
        try:
            found = self._registered(tenant)
            if found is None:
                if not (kind and name):
                    raise CommandError(f"{tenant!r} is new: say --kind and --name too.")
                found = register_tenant(
                    schema_name=tenant, kind=Kind(kind), name=name, name_zh=name_zh, domain=domain
                )
            elif kind or name or name_zh or domain:
                raise CommandError(
                    f"{tenant!r} exists already ({found.name}, {found.kind}). Change it in the"
                    " operator's admin; to finish its schema, give its name alone."
                )
        except Problem as problem:
            raise CommandError(str(problem)) from problem
        if settings.DATABASE_ROLE != "owner":
            return self._as_owner(found)  # a process of its own, which tells the end
        try:
            provision_tenant(tenant=found)
        except Problem as problem:
            raise CommandError(str(problem)) from problem
        self.stdout.write(f"{found.name}: ready at {found.get_primary_domain()}")

    def _as_owner(self, tenant):
        try:
            provision(tenant_id=str(tenant.pk))
        except subprocess.CalledProcessError as error:
            raise CommandError(
                f"{tenant.name} is registered, but its schema was not made; what went wrong stands"
                f" above. Then: manage.py provision_tenant {tenant.schema_name}"
            ) from error

    def _registered(self, word):
        try:
            return Tenant.objects.get(pk=UUID(word))
        except ValueError:
            return Tenant.objects.filter(schema_name=word).first()
        except Tenant.DoesNotExist:
            raise CommandError(f"No tenant has the id {word}.") from None
