"""Reasons on pages."""

import re

from django.utils.translation import gettext

from ledger.reasons import worded

_SENTENCE = re.compile(r"(?<=[.!?])\s+")
MAX_SENTENCES = 12
"""Of a problem's text; a longer one stays as it is."""


def reason(text: object) -> str:
    """A reason that the core gave, or the sentences of a problem, in the active language."""
    said = str(text)
    words = worded(said, gettext)
    return words if words != said else _sentences(said)


def _sentences(text: str) -> str:
    """Title, detail and mend of a problem, each one or more sentences that the catalogue knows."""
    sentences = _SENTENCE.split(text)
    if len(sentences) > MAX_SENTENCES:
        return text
    told, at = list[str](), 0
    while at < len(sentences):
        for end in range(len(sentences), at, -1):
            known = " ".join(sentences[at:end])
            words = gettext(known) if known else ""
            if words != known or end == at + 1:
                told.append(words)
                at = end
                break
    return " ".join(told) if told != sentences else text
