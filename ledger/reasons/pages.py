"""Reasons on pages."""

import re

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from ledger.reasons import worded

#: What pages say in place of a reason that only a developer understands.
_PLAINER = {
    "entry {0}: fields_root: {1}": _("entry {0}, its signed fields: {1}"),
    "entry {0}: tenant_log: {1}": _("entry {0}, whose log it is of: {1}"),
    "entry {0}: dev_sig: {1}": _("entry {0}, its signature: {1}"),
    "entry {0}: device: {1}": _("entry {0}, the key that it enrols: {1}"),
    "entry {0}: batch: {1}": _("entry {0}, its place in a signed tape: {1}"),
    "entry {0}: leaf: {1}": _("entry {0} itself: {1}"),
    "the ciphertext is not the one that was signed": _(
        "the encrypted content that is stored is not the one that was signed"
    ),
    "two different trees of the same size {0}": _(
        "{0} entries lead to two different roots: at least one of them is not the same in both"
    ),
}
_SENTENCE = re.compile(r"(?<=[.!?])\s+")
MAX_SENTENCES = 12
"""Of a problem's text; a longer one stays as it is."""


def reason(text: object) -> str:
    """A reason that the core gave, or the sentences of a problem, in the active language."""
    said = str(text)
    words = worded(said, lambda template: gettext(_PLAINER.get(template, template)))
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
