"""The side navigation: each room registers its entries once, when it is ready."""

from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse

from tenants.permissions import Kind, Permission


@dataclass(frozen=True)
class Entry:
    """One line of the navigation; `label` and `group` are lazy translations."""

    label: object
    url_name: str
    icon: str
    group: object
    permission: Permission
    kinds: frozenset[Kind]
    order: int


_entries: list[Entry] = []


def register(*, label, url_name, icon, group, permission, kinds, order=100) -> None:
    """Add an entry that people with `permission` in tenants of `kinds` see."""
    entry = Entry(label, url_name, icon, group, permission, frozenset(kinds), order)
    if entry not in _entries:
        _entries.append(entry)


@dataclass(frozen=True)
class SearchPage:
    """Where the box at the top of every page sends what is typed (`typed`, in the body)."""

    url_name: str
    permission: Permission
    kinds: frozenset[Kind]


_searches: list[SearchPage] = []


def register_search(*, url_name, permission, kinds) -> None:
    """Name the search page of people with `permission` in tenants of `kinds`."""
    page = SearchPage(url_name, permission, frozenset(kinds))
    if page not in _searches:
        _searches.append(page)


def search_for(request) -> str:
    """The address of this person's search page on this host, or nothing."""
    from tenants.access import permissions_in  # models: not yet there when rooms register

    tenant, user = getattr(request, "tenant", None), getattr(request, "user", None)
    if tenant is None or user is None or not user.is_authenticated:
        return ""
    for page in _searches:
        if Kind(tenant.kind) in page.kinds and page.permission in permissions_in(user, tenant):
            return reverse(page.url_name, urlconf=getattr(request, "urlconf", None))
    return ""


def _by_group() -> list[Entry]:
    """By order, each group's entries together where its first one stands."""
    first: dict[str, int] = {}
    for entry in sorted(_entries, key=lambda entry: entry.order):
        first.setdefault(str(entry.group), entry.order)
    return sorted(_entries, key=lambda entry: (first[str(entry.group)], entry.order))


def navigation_for(request) -> list[dict]:
    """Entries for this person on this host; `active` marks the longest matching address."""
    from tenants.access import permissions_in  # models: not yet there when rooms register

    tenant = getattr(request, "tenant", None)
    if tenant is None or not request.user.is_authenticated:
        return []
    held, kind = permissions_in(request.user, tenant), Kind(tenant.kind)
    shown = []
    for entry in _by_group():
        if kind not in entry.kinds or entry.permission not in held:
            continue
        try:
            url = reverse(entry.url_name, urlconf=getattr(request, "urlconf", None))
        except NoReverseMatch:
            continue
        line = {"label": entry.label, "url": url, "icon": entry.icon, "group": entry.group}
        shown.append(line)
    matching = [line["url"] for line in shown if request.path.startswith(line["url"])]
    current = max(matching, key=len, default=None)
    for line in shown:
        line["active"] = line["url"] == current
    return shown
