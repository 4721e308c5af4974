"""Every page of the navigation, as each person sees it, at both widths and in both languages."""

import pytest

from tests.browser.chromium import DESK, PHONE
from tests.cast import PEOPLE

WIDTH = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
#: A bar of tabs has no scroll bar: what is not in sight would not be found.
HIDDEN_TABS = (
    "[...document.querySelectorAll('.tabs')].some((bar) => bar.scrollWidth > bar.clientWidth)"
)
LINKS = "[...document.querySelectorAll('.sidenav__link')].map((link) => link.href)"
#: One person of each role that a tenant gives.
ROLES = {role: (person, schema) for person, (schema, role, _) in reversed(PEOPLE.items())}


@pytest.mark.parametrize("role", sorted(ROLES))
def test_pages_fit_and_break_no_rule(site, open_page, sign_in, role):
    person, schema = ROLES[role]
    page = sign_in(open_page(), person, schema, "/")
    addresses = page.evaluate(LINKS) or [page.url]
    wrong = []
    for address in dict.fromkeys([site.url(schema), *addresses]):
        for size in (DESK, PHONE):
            page.set_viewport_size(size)
            answer = page.goto(address)
            if answer.status != 200:
                wrong.append((address, answer.status))
            if overflow := page.evaluate(WIDTH):
                wrong.append((address, size["width"], f"{overflow} px too wide"))
            if page.evaluate(HIDDEN_TABS):
                wrong.append((address, size["width"], "tabs out of sight"))
            if page.locator("h1").count() != 1 and "/phone/" not in address:
                wrong.append((address, "not one h1"))
    assert wrong == []


def test_a_slash_goes_to_the_search_and_nothing_typed_to_the_address(site, open_page, sign_in):
    page = sign_in(open_page(), "back_office", "anda", "/book/")
    page.set_viewport_size(DESK)
    page.keyboard.press("/")
    page.keyboard.type("欧阳/4")
    page.keyboard.press("Enter")
    page.wait_for_selector("#search-typed")
    assert page.url == site.url("anda") + "search/"
    assert page.input_value("#search-typed") == "欧阳/4"
    page.fill("#search-typed", "欧阳晓明")
    page.wait_for_selector(".empty")
    assert page.url.endswith("/search/")
