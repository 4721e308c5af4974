"""The design system in a browser: no sideways scrolling, no refused resource, both languages."""

import pytest

from tests.browser.chromium import DESK, PHONE

WIDTH = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.mark.parametrize("language", ["en-GB", "zh-CN"])
def test_the_gallery_fits_and_draws(site, open_page, language):
    page = open_page(language=language)
    failed = []
    page.on("response", lambda answer: failed.append(answer.url) if not answer.ok else None)
    for size in (DESK, PHONE):
        page.set_viewport_size(size)
        page.goto(site.url("anda", "/design/"))
        page.locator("[data-drawn]").nth(3).wait_for()
        assert page.evaluate(WIDTH) == 0
    assert failed == []


def test_theme_is_remembered_and_repaints_charts(site, open_page):
    page = open_page()
    page.goto(site.url("anda", "/design/"))
    page.locator("[data-drawn]").nth(3).wait_for()
    ground = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(ground)
    page.click(".topbar [data-theme-toggle]")
    assert page.evaluate(ground) != light
    page.reload()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_the_language_switch_keeps_the_page(site, open_page):
    page = open_page()
    page.goto(site.url("anda", "/design/"))
    page.click(".topbar button[value=zh-hans]")
    assert page.url == site.url("anda", "/design/")
    assert page.text_content("h1").strip() == "设计系统"
    assert page.get_attribute("html", "lang") == "zh-hans"


def test_the_dialogue_opens_and_closes(site, open_page):
    page = open_page()
    page.goto(site.url("anda", "/design/"))
    page.click("[data-open-dialog]")
    assert page.is_visible("#gallery-dialog")
    page.click("#gallery-dialog .button--primary")
    assert page.is_hidden("#gallery-dialog")


def test_a_form_with_errors_is_described_to_screen_readers(site, open_page):
    page = open_page()
    page.goto(site.url("anda", "/design/"))
    wrong = page.locator("#id_starts_on")
    assert wrong.get_attribute("aria-invalid") == "true"
    described = wrong.get_attribute("aria-describedby")
    assert page.is_visible(f"#{described.split()[0]}")


def test_pages_that_do_not_exist_are_humane(site, open_page):
    page = open_page(phone=True)
    answer = page.goto(site.url("anda", "/no-such-page/"))
    assert answer.status == 404
    assert page.text_content("h1").strip() == "There is nothing here"
    assert page.evaluate(WIDTH) == 0
