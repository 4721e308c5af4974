"""Which device a request says that it comes from: its browser and system, no more. Pure."""

from __future__ import annotations

from typing import Final

#: In this order: every browser also names those that it descends from.
_BROWSERS: Final = (
    ("MicroMessenger", "WeChat"), ("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"),
    ("Chrome", "Chrome"), ("Safari", "Safari"),
)  # fmt: skip
_SYSTEMS: Final = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("HarmonyOS", "HarmonyOS"),
    ("Windows", "Windows"), ("Mac OS X", "macOS"), ("Linux", "Linux"),
)  # fmt: skip
_LONGEST: Final = 80


def client_named(user_agent: str) -> str:
    """`Chrome · Windows`; of what is no browser its own first word; empty where nothing is said."""
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    words = [name for name in (browser, system) if name]
    first = user_agent.split(" ")[0] if user_agent.isprintable() else ""
    return (" · ".join(words) or first)[:_LONGEST]
