"""Templates keep the rules of the design system, in every room."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ["tenants", "ledger", "origination", "pools", "monitoring", "mobile_api", "config"]
TEMPLATES = sorted(path for room in ROOMS for path in (ROOT / room).rglob("templates/**/*.html"))
ICONS = set(
    re.findall(r'<symbol id="([\w-]+)"', (ROOT / "tenants/static/ui/icons.svg").read_text())
)


def names(paths):
    return [str(path.relative_to(ROOT)) for path in paths]


@pytest.mark.parametrize("path", TEMPLATES, ids=names(TEMPLATES))
def test_no_inline_style_or_script(path):
    text = path.read_text()
    assert not re.search(r"<[^>]*\sstyle=", text)
    assert not re.search(r"<[^>]*\son[a-z]+=", text)
    assert "<style" not in text
    for attributes in re.findall(r"<script([^>]*)>", text):
        assert "src=" in attributes or 'type="application/json"' in attributes


@pytest.mark.parametrize("path", TEMPLATES, ids=names(TEMPLATES))
def test_every_icon_exists(path):
    used = set(re.findall(r'\{% icon "([\w-]+)"', path.read_text()))
    assert used - ICONS == set()


def test_every_include_says_its_parameters():
    folder = ROOT / "tenants/templates/ui"
    pages = {"gallery.html", "topbar.html", "language_switch.html", "theme_toggle.html"}
    pages |= {"user_menu.html"}
    silent = [f.name for f in folder.glob("*.html") if "{% comment %}" not in f.read_text()]
    assert set(silent) - pages == set()
