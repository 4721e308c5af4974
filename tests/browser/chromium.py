"""Chromium for tests: started once, quiet, from the system or from LL_CHROMIUM."""

import os
import shutil
from contextlib import contextmanager

from django.db import connections
from playwright.sync_api import sync_playwright

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1440, "height": 900}


def executable() -> str:
    found = os.environ.get("LL_CHROMIUM") or shutil.which("chromium")
    if not found:
        raise RuntimeError("Chromium is missing: `apt install chromium`, or name it in LL_CHROMIUM")
    return found


@contextmanager
def running_chromium():
    """A browser; contexts opened in it are separate people."""
    with running_browsers(1) as (browser,):
        yield browser


@contextmanager
def running_browsers(count):
    """So many browsers, each a process of its own.

    Playwright keeps an event loop in this thread, which Django takes for asynchronous code; the
    tests' own database calls are synchronous, so its guard is lifted meanwhile. While the loop runs
    this thread has database connections of its own: they end with it, and none is found there that
    leads into the dropped database of another module.
    """
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    try:
        with sync_playwright() as playwright:
            connections.close_all()
            launch = playwright.chromium.launch
            browsers = [launch(executable_path=executable(), args=ARGUMENTS) for _ in range(count)]
            try:
                yield browsers
            finally:
                for browser in browsers:
                    browser.close()
                connections.close_all()
    finally:
        if before is None:
            del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]
        else:
            os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = before


def watched(page):
    """Collects what must not happen on a page: uncaught errors and refusals of the CSP."""
    page.trouble = []
    page.on("pageerror", lambda error: page.trouble.append(str(error)))

    def read(message):
        text = message.text
        if "Content Security Policy" in text or "Uncaught" in text:
            page.trouble.append(text)

    page.on("console", read)
    return page
