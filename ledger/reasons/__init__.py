"""Reasons that the ledger's core gives, in the reader's language.

The core, the exchange and the witnesses raise and store English sentences, because logs, the
command line and counterparties read them, too. Pages look up the template that a sentence was made
of (`formats`, `proofs`, `exchange`, `titles`, and those of the verifier in the browser), translate
it and put its values back. A value may be a reason itself ("entry 5: the signature does not
match").
"""

from collections.abc import Callable

from ledger.reasons.exchange import EXCHANGE
from ledger.reasons.formats import FORMATS
from ledger.reasons.matching import Templates, filled
from ledger.reasons.proofs import PROOFS
from ledger.reasons.titles import TITLES
from ledger.verdict_words import REFUSALS

REASONS = frozenset((*FORMATS, *PROOFS, *EXCHANGE, *TITLES, *REFUSALS))
_TEMPLATES = Templates(REASONS)
MAX_DEPTH = 6
"""Reasons within reasons; deeper ones stay as they are."""


def worded(text: str, translate: Callable[[str], str], depth: int = MAX_DEPTH) -> str:
    """A stored reason in the language of `translate`; what is no reason of ours as it is."""
    found = _TEMPLATES.find(text) if depth else None
    if found is None:
        return text
    template, values = found
    return filled(translate(template), (worded(value, translate, depth - 1) for value in values))


class Reason(str):
    """A reason among the params of a `Problem`, which words it when the problem is shown."""

    __slots__ = ()

    def worded(self, translate: Callable[[str], str]) -> str:
        """In the language of `translate`."""
        return worded(self, translate)
