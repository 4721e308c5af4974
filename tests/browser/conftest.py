"""Browsers and a real server for journeys: `site` serves the fixed cast, `sign_in` opens a door."""

from dataclasses import dataclass
from types import SimpleNamespace

import pytest

from tests.browser.chromium import DESK, PHONE, running_chromium, watched
from tests.conftest import _use_database as use_database
from tests.conftest import people, sign_in_details
from tests.monitoring.live_server import running_server
from tests.template_database import copy_template, drop, ensure_template

#: WhiteNoise answers files by a synchronous iterator, which Django under ASGI reads in a thread.
WHITENOISE_STREAMS = "ignore:StreamingHttpResponse must consume synchronous"


def pytest_collection_modifyitems(items):
    for item in items:
        if "/tests/browser/" in str(item.path):
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.filterwarnings(WHITENOISE_STREAMS))


@pytest.fixture(scope="module")
def chromium():
    with running_chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def site(django_db_setup, django_db_blocker):
    """The product on a free port, over a database of this module: `site.url("anda", "/phone/")`."""
    from django.db import connections

    before = connections.settings["default"]["NAME"]
    with django_db_blocker.unblock():
        name = copy_template(ensure_template())
        use_database(name)
        try:
            with running_server() as port:
                yield Site(port, people())
        finally:
            connections["default"].set_schema_to_public()
            connections["default"].close()
            use_database(before)
            drop(name)


@dataclass(frozen=True)
class Site:
    """Where the product runs, and who works there."""

    port: int
    cast: SimpleNamespace

    def url(self, schema, path="/"):
        host = "localhost" if schema == "public" else f"{schema}.localhost"
        return f"http://{host}:{self.port}{path}"


@pytest.fixture
def open_page(chromium):
    """`open_page(phone=True, language="zh-CN", dark=True)`: a page of a person of its own."""
    contexts = []

    def make(*, phone=False, language="en-GB", dark=False):
        context = chromium.new_context(
            viewport=PHONE if phone else DESK,
            locale=language,
            color_scheme="dark" if dark else "light",
            has_touch=phone,
            reduced_motion="reduce",
        )
        context.set_default_timeout(15_000)
        contexts.append(context)
        return watched(context.new_page())

    yield make
    trouble = [text for context in contexts for page in context.pages for text in page.trouble]
    for context in contexts:
        context.close()
    assert trouble == []


@pytest.fixture
def sign_in(site):
    """`sign_in(page, "officer", "anda", "/phone/")` through the sign-in page."""

    def go(page, person, schema, path="/"):
        email, password = sign_in_details(person)
        page.goto(site.url(schema, f"/sign-in/?next={path}"))
        page.fill("#id_username", email)
        page.fill("#id_password", password)
        page.click("form.form button[type=submit]")
        page.wait_for_url(f"**{path}")
        return page

    return go
