"""The fixed cast: four institutions, one person for each role, and an outsider.

Run as `python -m tests.cast` (as the owner) it puts them into the template database.
"""

import os

PASSWORD = "a long password for tests"
TENANTS = {
    "anda": ("lessor", "Anda Leasing", "安达租赁"),
    "xingyu": ("lessor", "Xingyu Auto Finance Leasing", "星宇汽车租赁"),
    "trust": ("trust", "Huaxin Trust", "华信信托"),
    "auditor": ("auditor", "Mingde Auditors", "明德会计师事务所"),
}
PEOPLE = {
    "officer": ("anda", "lessor_officer", "Li Na"),
    "back_office": ("anda", "lessor_back_office", "Wang Fang"),
    "manager": ("anda", "lessor_manager", "Zhao Lei"),
    "rival_officer": ("xingyu", "lessor_officer", "Chen Jie"),
    "rival_back_office": ("xingyu", "lessor_back_office", "Liu Yang"),
    "rival_manager": ("xingyu", "lessor_manager", "Sun Tao"),
    "analyst": ("trust", "trust_analyst", "Zhou Min"),
    "committee": ("trust", "risk_committee", "Wu Gang"),
    "committee_two": ("trust", "risk_committee", "Xu Jing"),
    "committee_three": ("trust", "risk_committee", "He Ping"),
    "portfolio_manager": ("trust", "portfolio_manager", "Hu Bo"),
    "investor": ("trust", "investor", "Gao Yuan"),
    "custodian": ("trust", "custodian", "Lin Hai"),
    "reviewer": ("trust", "external_reviewer", "Guo Rui"),
    "auditor": ("auditor", "auditor", "Ma Li"),
}


def email(name: str) -> str:
    return f"{name}@example.test"


def populate() -> None:
    from tenants.models import Relationship, Tenant
    from tenants.permissions import Kind, Role
    from tenants.provisioning import (
        ensure_person,
        ensure_platform,
        provision_tenant,
        register_tenant,
    )

    platform = ensure_platform()
    for schema, (kind, name, name_zh) in TENANTS.items():
        tenant = register_tenant(
            schema_name=schema, kind=Kind(kind), name=name, name_zh=name_zh, is_demo=True
        )
        provision_tenant(tenant=tenant)
    tenants = {tenant.schema_name: tenant for tenant in Tenant.objects.all()}
    for lessor in ("anda", "xingyu"):
        for one, other in ((lessor, "trust"), ("trust", lessor)):
            Relationship.objects.get_or_create(sender=tenants[one], receiver=tenants[other])
    for person, (schema, role, name) in PEOPLE.items():
        ensure_person(
            email=email(person),
            display_name=name,
            password=PASSWORD,
            tenant=tenants[schema],
            roles=[Role(role)],
        )
    ensure_person(
        email=email("operator"),
        display_name="Operator",
        password=PASSWORD,
        tenant=platform,
        roles=[Role.PLATFORM_OPERATOR],
        is_staff=True,
        is_superuser=True,
    )


if __name__ == "__main__":
    import django
    from django.conf import settings

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    populate()
