"""The outsider walks every URL of every institution and sees nothing."""

import re
import uuid

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from tenants.middleware import URLCONF_OF_KIND
from tenants.permissions import Kind

# what strangers may see: the door, probes, the API's description, the phone's shell files
OPEN = {
    "sign_in",
    "sign_out",
    "set_language",
    "healthz",
    "readyz",
    "api-schema",
    "api-docs",
    "home",
}
_VALUES = {"uuid": str(uuid.UUID(int=7)), "int": "1", "slug": "x", "str": "x", "path": "x"}


def _walk(patterns, prefix=""):
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern):
            yield (
                pattern,
                "/"
                + re.sub(
                    r"<(?:(\w+):)?\w+>", lambda match: _VALUES.get(match[1] or "str", "x"), route
                ),
            )


def _is_open(pattern):
    view = pattern.callback
    marked = getattr(view, "permission", "unmarked") is None
    klass = getattr(view, "view_class", None) or getattr(view, "cls", None)
    return pattern.name in OPEN or marked or getattr(klass, "permission", "unmarked") is None


@pytest.mark.parametrize("kind", [Kind.LESSOR, Kind.TRUST, Kind.AUDITOR])
@pytest.mark.parametrize("who", ["nobody", "outsider"])
def test_every_url_refuses_the_outsider(kind, who, cast, client_of):
    host = {Kind.LESSOR: "anda", Kind.TRUST: "trust", Kind.AUDITOR: "auditor"}[kind]
    tenant = getattr(cast.tenants, host)
    user = None if who == "nobody" else cast.rival_manager
    seen = []
    for pattern, url in _walk(get_resolver(URLCONF_OF_KIND[kind]).url_patterns):
        if _is_open(pattern):
            continue
        for method in ("get", "post"):
            client = client_of(user, tenant)
            status = getattr(client, method)(url).status_code
            location = ""
            if status not in {302, 401, 403, 405}:
                seen.append((method, url, status, location))
    assert seen == []
