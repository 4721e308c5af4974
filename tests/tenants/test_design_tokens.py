"""The colours can be read: WCAG 2.2 contrast of every pair that the components use, both modes."""

import re
from pathlib import Path

import pytest

UI = Path(__file__).parents[2] / "tenants" / "static" / "ui"
TOKEN = re.compile(r"--([\w-]+):\s*light-dark\((#[0-9a-f]{6}),\s*(#[0-9a-f]{6})\)")
TOKENS = {
    name: (light, dark) for name, light, dark in TOKEN.findall((UI / "tokens.css").read_text())
}
GROUNDS = ["surface", "surface-page", "surface-raised", "surface-sunken", "surface-hover"]
TONES = ["info", "success", "warning", "danger", "neutral"]
READ = [(text, ground) for text in ("text", "text-muted") for ground in GROUNDS]
READ += [("text-faint", ground) for ground in ("surface", "surface-page", "surface-raised")]
READ += [(tone, f"{tone}-soft") for tone in TONES] + [(tone, "surface") for tone in TONES]
READ += [("text", f"{tone}-soft") for tone in TONES]
READ += [("accent", ground) for ground in (*GROUNDS, "accent-soft")]
READ += [("on-accent", "accent"), ("on-accent", "accent-hover"), ("on-danger", "danger")]
READ += [("text-on-chrome", "surface-chrome"), ("text-on-chrome-muted", "surface-chrome")]
READ += [("text-on-chrome-muted", "surface-chrome-hover")]
READ += [("on-heat-low", f"heat-{step}") for step in range(4)]
READ += [("on-heat-high", f"heat-{step}") for step in range(5, 7)]
SEEN = [("border-strong", "surface"), ("focus", "surface"), ("focus", "surface-page")]
SEEN += [(f"chart-{i}", "surface") for i in range(1, 9)] + [("on-heat-high", "heat-4")]


def luminance(colour: str) -> float:
    """Relative luminance of #rrggbb (WCAG 2.2, definition of the term)."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_contrast_of_black_and_white_is_21():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("mode", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("front", "back"), READ)
def test_text_is_readable(front, back, mode):
    assert contrast(TOKENS[front][mode], TOKENS[back][mode]) >= 4.5


@pytest.mark.parametrize("mode", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("front", "back"), SEEN)
def test_edges_and_series_are_seen(front, back, mode):
    assert contrast(TOKENS[front][mode], TOKENS[back][mode]) >= 3


def test_every_token_that_is_used_exists():
    defined = set(re.findall(r"(--[\w-]+):", (UI / "tokens.css").read_text()))
    for sheet in UI.glob("*.css"):
        text = sheet.read_text()
        used = set(re.findall(r"var\((--[\w-]+)", text))
        assert used - defined - set(re.findall(r"(--[\w-]+):", text)) == set(), sheet.name
