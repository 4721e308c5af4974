"""A living demo and its people in two browsers: what the journey is written with."""

import os
import re
import time
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from config.demo.cast import PASSWORD, address
from tests.browser.chromium import DESK, PHONE, watched
from tests.played_demo import LEASES
from tests.servers import answers, free_port, of_this_test, start, stop, wait_until

DAY_SECONDS = 12
#: An exchange crosses once a simulated day; a day with a screening in it is long on a busy machine.
CROSSING_SECONDS = 240


@contextmanager
def living_demo(scene):
    """`manage.py demo` as a person starts it, on this test's copy; yields its port."""
    port = free_port()
    environment = of_this_test() | {
        "LL_KEY_DIR": str(settings.KEY_DIR),
        "LL_MEDIA_DIR": str(settings.MEDIA_ROOT),
        "LL_TILE_DIR": str(settings.TILE_DIR),
        "LL_DEMO_DIR": str(scene.folder),
        "LL_PORT": str(port),
        "LL_LOG_LEVEL": "WARNING",
    }
    process = start(
        "manage.py", "demo", "--port", str(port), "--leases", str(LEASES),
        "--day-seconds", str(DAY_SECONDS), environment=environment,
    )  # fmt: skip
    try:
        wait_until(lambda: process.poll() is not None or answers(port), "the demo never answered")
        assert process.poll() is None, "the demo ended"
        yield port
    finally:
        stop(process)


class Person:
    """Somebody of the cast at a page of their own."""

    def __init__(self, browser, port, name, institution, *, phone=False):
        self._origin = f"http://{institution}.localhost:{port}"
        context = browser.new_context(
            viewport=PHONE if phone else DESK,
            locale="en-GB",
            has_touch=phone,
            reduced_motion="reduce",
            accept_downloads=True,
        )
        context.set_default_timeout(120_000)  # other tests run beside it
        self.page = watched(context.new_page())
        self.page.goto(f"{self._origin}/sign-in/")
        self.page.fill("#id_username", address(name, institution))
        self.page.fill("#id_password", PASSWORD)
        self.page.click("form.form button[type=submit]")
        self.page.wait_for_url(f"{self._origin}/")

    def go(self, path):
        """Open a page that must be there."""
        answer = self.page.goto(f"{self._origin}{path}")
        assert answer.status == 200, (path, answer.status, self.page.text_content("h1"))
        return self.page

    def press(self, label):
        """Press the button or follow the link of that name."""
        by_name = {"name": re.compile(rf"^\s*{re.escape(label)}\s*$")}
        button = self.page.get_by_role("button", **by_name)
        chosen = button if button.count() else self.page.get_by_role("link", **by_name)
        chosen.first.click()
        self.page.wait_for_load_state()

    def sees(self, text):
        """Text that is on the page now."""
        return text in self.page.locator("main").inner_text()

    def wait_for(self, path, holds, what):
        """Open a page again and again until it shows what an exchange brings."""
        deadline = time.monotonic() + CROSSING_SECONDS
        while True:
            answer = self.page.goto(f"{self._origin}{path}")
            if answer.status == 200 and holds(self.page):
                return self.page
            assert time.monotonic() < deadline, f"{what} never arrived at {path}"
            self.page.wait_for_timeout(1_000)

    def download(self, selector, folder):
        """Save what a link downloads; its path."""
        with self.page.expect_download() as waiting:
            self.page.click(selector)
        path = Path(folder) / waiting.value.suggested_filename
        waiting.value.save_as(path)
        return path

    @property
    def trouble(self):
        return self.page.trouble


def shot(person, name):
    """A picture for a person's eyes, where LL_SHOTS names a folder."""
    if folder := os.environ.get("LL_SHOTS"):
        person.page.screenshot(path=f"{folder}/journey-{name}.png", full_page=True)
