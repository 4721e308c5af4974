"""Who takes part: two lessors, a trust company, an auditor, and a person for every role.

Schemas can only be made by the database owner; `ensure_cast` starts a short process as the owner
when the cast is not complete.
"""

import os
import subprocess
import sys

from django.conf import settings
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX, make_password
from django_tenants.utils import schema_context

from tenants.models import Relationship, Tenant, User
from tenants.permissions import Kind, Role
from tenants.problems import Refused
from tenants.provisioning import ensure_person, ensure_platform, provision_tenant, register_tenant

#: Printed at every start: a demo hides nothing, and production refuses to run it.
PASSWORD = settings.DEMO_PASSWORD

INSTITUTIONS = {
    "anda": (Kind.LESSOR, "Anda Leasing", "安达租赁"),
    "xingyu": (Kind.LESSOR, "Xingyu Auto Leasing", "星宇汽车租赁"),
    "trust": (Kind.TRUST, "Huaxin Trust", "华信信托"),
    "auditor": (Kind.AUDITOR, "Mingde Auditors", "明德会计师事务所"),
}
LESSORS = ("anda", "xingyu")
#: Whose logs the auditor keeps a copy of.
AUDITED = (*LESSORS, "trust")

#: Sign-in name, institution, role and name; the address is name@institution.example.
PEOPLE = (
    ("officer", "anda", Role.LESSOR_OFFICER, "Li Na"),
    ("backoffice", "anda", Role.LESSOR_BACK_OFFICE, "Wang Fang"),
    ("manager", "anda", Role.LESSOR_MANAGER, "Zhao Lei"),
    ("officer", "xingyu", Role.LESSOR_OFFICER, "Chen Jie"),
    ("backoffice", "xingyu", Role.LESSOR_BACK_OFFICE, "Liu Yang"),
    ("manager", "xingyu", Role.LESSOR_MANAGER, "Sun Tao"),
    ("analyst", "trust", Role.TRUST_ANALYST, "Zhou Min"),
    ("committee1", "trust", Role.RISK_COMMITTEE, "Wu Gang"),
    ("committee2", "trust", Role.RISK_COMMITTEE, "Xu Jing"),
    ("committee3", "trust", Role.RISK_COMMITTEE, "He Ping"),
    ("portfolio", "trust", Role.PORTFOLIO_MANAGER, "Hu Bo"),
    ("investor", "trust", Role.INVESTOR, "Gao Yuan"),
    ("custodian", "trust", Role.CUSTODIAN, "Lin Hai"),
    ("reviewer", "trust", Role.EXTERNAL_REVIEWER, "Guo Rui"),
    ("auditor", "auditor", Role.AUDITOR, "Ma Li"),
    # the auditors' person at the institutions that they audit
    ("auditor", "anda", Role.AUDITOR, "Ma Li"),
    ("auditor", "xingyu", Role.AUDITOR, "Ma Li"),
    ("auditor", "trust", Role.AUDITOR, "Ma Li"),
)
OPERATOR = "operator@platform.example"
#: What one operator proposes (a contest's decision) another confirms.
SECOND_OPERATOR = "operator2@platform.example"


class DemoForbidden(Refused):
    """The demo's password is printed for everyone to see."""

    code = "demo.forbidden"
    title = "The demo does not run in production."
    mend = "Unset LL_ENV=production, or set up institutions with `manage.py provision_tenant`."


def refuse_in_production() -> None:
    """Raise DemoForbidden where a demo must not be."""
    if not settings.DEMO_ALLOWED:
        raise DemoForbidden(detail="Its sign-ins are public and its data is made up.")


def address(name: str, institution: str) -> str:
    """The e-mail address that a demo person signs in with."""
    return f"{name}@{institution}.example"


def missing_institutions() -> list[str]:
    """Institutions of the cast that are not ready yet."""
    with schema_context("public"):
        ready = Tenant.objects.filter(provisioned_at__isnull=False)
        found = set(ready.values_list("schema_name", flat=True))
    return [schema for schema in INSTITUTIONS if schema not in found]


def ensure_cast() -> None:
    """The institutions as the owner in a process of its own, then the people. Idempotent."""
    refuse_in_production()
    if missing_institutions():
        command = [sys.executable, "manage.py", "demo_institutions"]
        environment = {**os.environ, "LL_DB_ROLE": "owner", "LL_DB_POOL": ""}
        subprocess.run(command, check=True, cwd=settings.BASE_DIR, env=environment)
    ensure_people()


def make_institutions() -> None:
    """Register and provision every institution. Runs as the database owner."""
    ensure_platform()
    for schema in missing_institutions():
        kind, name, name_zh = INSTITUTIONS[schema]
        tenant = register_tenant(
            schema_name=schema, kind=kind, name=name, name_zh=name_zh, is_demo=True
        )
        provision_tenant(tenant=tenant)


def ensure_people() -> None:
    """Everyone of the cast, the operator, and who exchanges parcels with whom. Idempotent."""
    with schema_context("public"):
        tenants = {tenant.schema_name: tenant for tenant in Tenant.objects.all()}
        for name, institution, role, display_name in PEOPLE:
            ensure_person(
                email=address(name, institution),
                display_name=display_name,
                password=None,
                tenant=tenants[institution],
                roles=[role],
            )
        ensure_person(
            email=OPERATOR,
            display_name="Operator",
            password=None,
            tenant=tenants["public"],
            roles=[Role.PLATFORM_OPERATOR],
            is_staff=True,
            is_superuser=True,
        )
        ensure_person(
            email=SECOND_OPERATOR,
            display_name="Second operator",
            password=None,
            tenant=tenants["public"],
            roles=[Role.PLATFORM_OPERATOR],
        )
        _give_everyone_the_password()
        for lessor in LESSORS:
            for one, other in ((lessor, "trust"), ("trust", lessor)):
                Relationship.objects.get_or_create(sender=tenants[one], receiver=tenants[other])
        for schema in AUDITED:
            Relationship.objects.get_or_create(sender=tenants[schema], receiver=tenants["auditor"])


def _give_everyone_the_password() -> None:
    """Hashed once: it is the same for all, and sixteen hashes take seconds on a slow machine."""
    people = (address(name, institution) for name, institution, *_ in PEOPLE)
    cast = [OPERATOR, SECOND_OPERATOR, *people]
    new = User.objects.filter(email__in=cast, password__startswith=UNUSABLE_PASSWORD_PREFIX)
    if new.exists():
        new.update(password=make_password(PASSWORD))
