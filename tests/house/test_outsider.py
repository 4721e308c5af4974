"""The outsider walks every URL of every institution and sees nothing."""

import pytest

from tenants.permissions import Kind
from tests.house.walking import filled, walk

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
    seen, client = [], client_of(user, tenant)
    for pattern, route in walk(kind):
        if _is_open(pattern):
            continue
        url = filled(route)
        for method in ("get", "post"):
            if user is not None:
                client.force_login(user)  # whoever does not belong here is signed out
            status = getattr(client, method)(url).status_code
            location = ""
            if status not in {302, 401, 403, 405}:
                seen.append((method, url, status, location))
    assert seen == []
