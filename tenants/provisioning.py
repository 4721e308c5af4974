"""Bringing a tenant to life: its row, hosts, schema, tables and first keys.

Schemas are made by the database owner only. A process that serves (role ll_app) writes the row and
enqueues `provision`; the job starts a short-lived process that connects as the owner.
"""

import os
import subprocess
import sys

from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone
from django_tenants.utils import schema_context, tenant_context
from procrastinate.contrib.django import app

from tenants.models import Domain, Membership, Tenant, User
from tenants.permissions import Kind, Role
from tenants.problems import FieldError, Invalid
from tenants.signals import tenant_provisioned

RESERVED_SCHEMAS = {"public", "information_schema", "extensions", "template"}


def register_tenant(
    *, schema_name: str, kind: Kind, name: str, name_zh: str = "", domain: str = "", is_demo=False
) -> Tenant:
    """Write the tenant and its host; its schema follows with `provision_tenant`. Idempotent."""
    if kind != Kind.PLATFORM and (
        schema_name in RESERVED_SCHEMAS or not schema_name.isidentifier()
    ):
        error = FieldError(
            "schema_name",
            "unusable",
            f"{schema_name!r} cannot be used as a schema.",
            "Use lower-case letters, digits and underscores, starting with a letter.",
        )
        raise Invalid(errors=[error])
    with schema_context("public"), transaction.atomic():
        tenant, _created = Tenant.objects.update_or_create(
            schema_name=schema_name,
            defaults={"kind": kind, "name": name, "name_zh": name_zh, "is_demo": is_demo},
        )
        host = domain or f"{schema_name.replace('_', '-')}.{settings.PLATFORM_DOMAIN}"
        Domain.objects.update_or_create(
            domain=host, defaults={"tenant": tenant, "is_primary": True}
        )
    return tenant


def provision_tenant(*, tenant: Tenant) -> None:
    """Make and migrate the schema (as the owner), then let the rooms prepare theirs. Idempotent."""
    with schema_context("public"):
        connection.cursor().execute(f'CREATE SCHEMA IF NOT EXISTS "{tenant.schema_name}"')
        call_command(
            "migrate_schemas", schema_name=tenant.schema_name, interactive=False, verbosity=0
        )
        with tenant_context(tenant):
            tenant_provisioned.send(sender=Tenant, tenant=tenant)
        tenant.provisioned_at = tenant.provisioned_at or timezone.now()
        tenant.save(update_fields=["provisioned_at"])


@app.task(name="tenants.provision", queue="default", retry=3)
def provision(tenant_id: str) -> None:
    """Job: provision one tenant in a process of its own that connects as the owner."""
    command = [sys.executable, "manage.py", "provision_tenant", tenant_id]
    environment = {**os.environ, "LL_DB_ROLE": "owner"}
    subprocess.run(command, check=True, cwd=settings.BASE_DIR, env=environment)


def ensure_platform() -> Tenant:
    """The public tenant and its host."""
    tenant = register_tenant(
        schema_name="public",
        kind=Kind.PLATFORM,
        name="LeaseLedger",
        name_zh="租赁账本",
        domain=settings.PLATFORM_DOMAIN,
    )
    if tenant.provisioned_at is None:
        tenant.provisioned_at = timezone.now()
        tenant.save(update_fields=["provisioned_at"])
    return tenant


def ensure_person(
    *, email: str, display_name: str, password: str, tenant: Tenant, roles: list[Role], **extra
) -> User:
    """A person with exactly these roles added; an existing password is kept. Idempotent."""
    with schema_context("public"), transaction.atomic():
        user = User.objects.filter(email__iexact=email).first()
        if user is None:
            user = User.objects.create_user(email, password, display_name=display_name, **extra)
        for role in roles:
            membership = Membership(user=user, tenant=tenant, role=role)
            membership.clean()
            Membership.objects.get_or_create(user=user, tenant=tenant, role=role)
    return user
