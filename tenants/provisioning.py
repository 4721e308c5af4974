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

from tenants.condensed import refuse_between_versions
from tenants.models import Domain, Membership, Tenant, User
from tenants.naming import HOST_WORDS, SCHEMA_WORDS, is_host_name, is_schema_name
from tenants.permissions import Kind, Role
from tenants.problems import FieldError, Invalid
from tenants.signals import tenant_provisioned


def register_tenant(
    *, schema_name: str, kind: Kind, name: str, name_zh: str = "", domain: str = "", is_demo=False
) -> Tenant:
    """Write the tenant and its host; its schema follows with `provision_tenant`. Idempotent.

    Raises `Invalid` naming the field: an unusable schema or host, a host that another tenant has,
    a schema that exists with another kind.
    """
    host = domain or f"{schema_name.replace('_', '-')}.{settings.PLATFORM_DOMAIN}"
    with schema_context("public"), transaction.atomic():
        _refuse_unusable(schema_name, kind, host)
        tenant, _created = Tenant.objects.update_or_create(
            schema_name=schema_name,
            defaults={"kind": kind, "name": name, "name_zh": name_zh, "is_demo": is_demo},
        )
        Domain.objects.update_or_create(
            domain=host, defaults={"tenant": tenant, "is_primary": True}
        )
    return tenant


def _refuse_unusable(schema_name: str, kind: Kind, host: str) -> None:
    errors = []
    if kind != Kind.PLATFORM and not is_schema_name(schema_name):
        errors.append(FieldError("schema_name", "unusable", *SCHEMA_WORDS))
    if not is_host_name(host):
        errors.append(FieldError("domain", "unusable", *HOST_WORDS))
    taken = Domain.objects.filter(domain=host).exclude(tenant__schema_name=schema_name)
    if taken.exists():
        errors.append(
            FieldError(
                "domain",
                "duplicate",
                "Another institution has this host name.",
                "Choose another host name (--domain).",
            )
        )
    before = Tenant.objects.filter(schema_name=schema_name).exclude(kind=kind)
    if before.exists():
        errors.append(
            FieldError(
                "kind",
                "changed",
                "The institution exists with another kind, and kinds never change.",
                "Choose another schema name for the new institution.",
            )
        )
    if errors:
        raise Invalid(errors=errors)


def provision_tenant(*, tenant: Tenant) -> None:
    """Make and migrate the schema (as the owner), then let the rooms prepare theirs. Idempotent."""
    refuse_between_versions([tenant.schema_name])
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
    *,
    email: str,
    display_name: str,
    password: str | None,
    tenant: Tenant,
    roles: list[Role],
    **extra,
) -> User:
    """A person with exactly these roles added; an existing password is kept. Idempotent.

    Without a password nobody signs in as a new person until one is set.
    """
    with schema_context("public"), transaction.atomic():
        user = User.objects.filter(email__iexact=email).first()
        if user is None:
            user = User.objects.create_user(email, password, display_name=display_name, **extra)
        for role in roles:
            membership = Membership(user=user, tenant=tenant, role=role)
            membership.clean()
            Membership.objects.get_or_create(user=user, tenant=tenant, role=role)
    return user
