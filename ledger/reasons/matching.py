"""Which template a finished text was made of, and what stood in its places.

A template is literal text with places `{0}`, `{1}`, …, each once and in order. A place holds
whatever stands there, at least one character. Of several that fit, the one with the most literal
text is meant. Matching looks for each literal once from the left: no text makes it slow.
"""

import re
from collections.abc import Iterable

_PLACE = re.compile(r"\{\d\}")

Literals = tuple[str, ...]
"""What stands before, between and behind the places of a template."""


class Templates:
    """Finds the template of a text."""

    def __init__(self, templates: Iterable[str]) -> None:
        self._plain = set[str]()
        self._placed: list[tuple[str, Literals]] = []
        for template in templates:
            literals = tuple(_PLACE.split(template))
            if len(literals) == 1:
                self._plain.add(template)
            else:
                self._placed.append((template, literals))
        self._placed.sort(key=lambda item: -sum(map(len, item[1])))

    def find(self, text: str) -> tuple[str, list[str]] | None:
        """The template and the values of its places; None where nothing fits."""
        if text in self._plain:
            return text, []
        for template, literals in self._placed:
            values = _values(text, literals)
            if values is not None:
                return template, values
        return None


def _values(text: str, literals: Literals) -> list[str] | None:
    first, *between, last = literals
    end = len(text) - len(last)
    if not (text.startswith(first) and text.endswith(last)):
        return None
    at, values = len(first), list[str]()
    for literal in between:
        found = text.find(literal, at + 1, end)
        if found < 0:
            return None
        values.append(text[at:found])
        at = found + len(literal)
    return [*values, text[at:end]] if at < end else None


def filled(template: str, values: Iterable[str]) -> str:
    """The template with its values; braces in values stay as they are."""
    held = list(values)
    return _PLACE.sub(lambda place: held[int(place[0][1])], template)
