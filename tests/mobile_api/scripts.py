"""Runs the phone page's modules in Chromium, without a server: they are served from the tree."""

import json
from pathlib import Path

ROOT = Path(__file__).parents[2]
ORIGIN = "http://localhost:9"  # a secure context; every request is answered here
FOLDERS = [ROOT / app / "static" for app in ("mobile_api", "ledger", "tenants")]
FOLDERS += [ROOT / "static_vendor"]
TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}


def _answer(route):
    path = route.request.url.partition("?")[0].removeprefix(ORIGIN).removeprefix("/static/")
    for folder in FOLDERS:
        if (folder / path).is_file():
            body = (folder / path).read_bytes()
            return route.fulfill(body=body, content_type=TYPES[(folder / path).suffix])
    html = '<!doctype html><meta name="noble" content="/static/vendor/noble-ed25519/index.js">'
    return route.fulfill(body=html, content_type="text/html")


def module_page(browser):
    """A page on which `import("/static/…")` works."""
    page = browser.new_page()
    page.route("**/*", _answer)
    page.goto(ORIGIN)
    return page


def run(page, code, argument=None):
    """Evaluate the body of an async function of `x`; `use(name)` imports one of the phone's
    modules, `check(name)` one of the ledger's verifier."""
    source = f"""async (argument) => {{
      const x = JSON.parse(argument);  // a member may be called __proto__, which Playwright loses
      const use = (name) => import(`/static/mobile/${{name}}.js`);
      const check = (name) => import(`/static/ledger/verify/${{name}}.js`);
      const bytes = (list) => Uint8Array.from(list);
      {code}
    }}"""
    return page.evaluate(source, json.dumps(argument))
