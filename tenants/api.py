"""What API views are made with: the permission they need."""

from rest_framework.permissions import BasePermission

from tenants.access import has_permission
from tenants.permissions import Permission


class Nobody(BasePermission):
    """The default: a view that names no permission serves nobody."""

    def has_permission(self, request, view):
        return False


def Requires(permission: Permission):
    """Permission class for a DRF view: the person must hold `permission` in this tenant."""

    class _Requires(BasePermission):
        needed = permission

        def has_permission(self, request, view):
            user, tenant = request.user, request._request.tenant
            return tenant is not None and has_permission(user, tenant, permission)

    _Requires.__name__ = f"Requires_{permission.value}"
    return _Requires
