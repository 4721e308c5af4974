"""Which tenant a command was told to work on."""

from django.core.management import CommandError

from tenants.models import Tenant


def tenant_named(schema: str) -> Tenant:
    """The tenant of a schema, or an error that names it."""
    found = Tenant.objects.filter(schema_name=schema).first()
    if found is None:
        raise CommandError(f"There is no tenant {schema!r}.")
    return found
