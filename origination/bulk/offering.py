"""Which acts stand beside a list."""

from origination.bulk.actions import Action
from origination.bulk.running import ACTIONS
from tenants.access import permissions_in


def offered(request, of: str) -> list[Action]:
    """The acts on leases or applications that a person may do."""
    held = permissions_in(request.user, request.tenant)
    return [one for one in ACTIONS.values() if one.of == of and one.permission in held]
