"""What API views are made with: the permission they need, and how they read."""

import json
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import serializers
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser
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


class ShallowJSON(JSONParser):
    """JSON; what is nested beyond reading, or no text, is a mistake of the sender's."""

    def parse(self, stream, media_type=None, parser_context=None):
        try:
            found = super().parse(stream, media_type, parser_context)
            # no answer could name such a text, and no database keeps one
            json.dumps(found, ensure_ascii=False).encode()
        except RecursionError:
            raise ParseError(_("The JSON is nested too deep.")) from None
        except UnicodeEncodeError:
            raise ParseError(
                _("The JSON holds half of a surrogate pair (\\ud800 to \\udfff): it is no text.")
            ) from None
        return found


class Day(serializers.DateField):
    """An ISO day of an age in which leases live: arithmetic on it stays in the calendar."""

    FIRST, LAST = date(1990, 1, 1), date(2099, 12, 31)
    default_error_messages = {
        "invalid": gettext_lazy("Write year, month and day, 1990 to 2099: 2024-02-29.")
    }

    def to_internal_value(self, value):
        day = super().to_internal_value(value)
        if not self.FIRST <= day <= self.LAST:
            self.fail("invalid", format="YYYY-MM-DD")
        return day
