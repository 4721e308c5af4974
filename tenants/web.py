"""What web views are made with: the permission they need, and the signed-in person."""

from functools import wraps

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied

from tenants.access import has_permission
from tenants.permissions import Permission


def require(permission: Permission):
    """Decorator of a view: strangers are sent to sign in, others without the right get 403."""

    def decorate(view):
        @wraps(view)
        def guarded(request, *args, **kwargs):
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if not has_permission(request.user, request.tenant, permission):
                raise PermissionDenied(permission)
            return view(request, *args, **kwargs)

        guarded.permission = permission
        return guarded

    return decorate


def open_to_all(view):
    """Marks a view that strangers may see; the outsider test reads the mark."""
    view.permission = None
    return view
