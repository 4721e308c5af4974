"""What waits for a person: each room says once how to count it, the home page shows it."""

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse

from tenants.models import User
from tenants.permissions import Kind, Permission


@dataclass(frozen=True)
class Waiting:
    """A kind of work; `count` is called inside the tenant with the person who asks.

    `said` makes the line of a number, such as "3 devices to approve", in the active language.
    """

    said: Callable[[int], str]
    count: Callable[[User], int]
    url_name: str
    icon: str
    permission: Permission
    kinds: frozenset[Kind]


_kinds_of_work: list[Waiting] = []


def register(work: Waiting) -> None:
    """Add a kind of work; adding it again changes nothing."""
    if all(
        (known.url_name, known.count) != (work.url_name, work.count) for known in _kinds_of_work
    ):
        _kinds_of_work.append(work)


def waiting_for(request) -> list[dict]:
    """Lines of what this person is waited for, in the order of registration; none for nothing."""
    from tenants.access import permissions_in

    held, kind = permissions_in(request.user, request.tenant), Kind(request.tenant.kind)
    lines = []
    for work in _kinds_of_work:
        if kind not in work.kinds or work.permission not in held:
            continue
        try:
            url = reverse(work.url_name, urlconf=getattr(request, "urlconf", None))
        except NoReverseMatch:
            continue
        if count := work.count(request.user):
            lines.append({"said": work.said(count), "url": url, "icon": work.icon})
    return lines
