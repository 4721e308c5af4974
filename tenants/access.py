"""The one question about rights: may this person do this in this tenant?"""

from uuid import UUID

from tenants.models import Membership, Tenant, User
from tenants.permissions import Kind, Permission, Role, permissions_of


def permissions_in(user: User, tenant: Tenant) -> frozenset[Permission]:
    """Everything `user` may do in `tenant`; empty for strangers and the inactive."""
    if not user.is_authenticated or not user.is_active:
        return frozenset()
    cache = user.__dict__.setdefault("_permissions_in", {})
    if tenant.pk not in cache:
        roles = Membership.objects.filter(user=user, tenant=tenant, is_active=True)
        cache[tenant.pk] = permissions_of(roles.values_list("role", flat=True))
    return cache[tenant.pk]


def roles_in(user: User, tenant: Tenant) -> frozenset[Role]:
    """The roles that a person holds in a tenant now."""
    if not user.is_authenticated or not user.is_active:
        return frozenset()
    held = Membership.objects.filter(user=user, tenant=tenant, is_active=True)
    return frozenset(Role(role) for role in held.values_list("role", flat=True))


def has_permission(user: User, tenant: Tenant, permission: Permission) -> bool:
    """True when one of the person's roles in the tenant carries the permission."""
    return permission in permissions_in(user, tenant)


def is_stranger(user: User, tenant: Tenant) -> bool:
    """True for a known person who holds no role in the tenant (staff may enter the platform)."""
    if permissions_in(user, tenant):
        return False
    return not (tenant.kind == Kind.PLATFORM and user.is_staff)


def demo_people(tenant: Tenant) -> list[Membership]:
    """Memberships of a demo institution, for its door: its sign-ins are public."""
    held = Membership.objects.filter(tenant=tenant, is_active=True, user__is_active=True)
    return list(held.select_related("user").order_by("id"))


def people_named(ids: set[UUID]) -> dict[UUID, str]:
    """Display names for actor ids, for pages that show who did what."""
    return {user.pk: str(user) for user in User.objects.filter(pk__in=ids)}


def holders_among(people: set[UUID], tenant: Tenant, permission: Permission) -> set[UUID]:
    """Those of `people` who hold `permission` in the tenant now; one query for all of them."""
    memberships = Membership.objects.filter(
        user_id__in=people, user__is_active=True, tenant=tenant, is_active=True
    )
    return {
        user_id
        for user_id, role in memberships.values_list("user_id", "role")
        if permission in permissions_of([role])
    }
