"""Reasons on pages."""

from django.utils.translation import gettext

from ledger.reasons import worded


def reason(text: object) -> str:
    """A reason that the core gave, in the active language."""
    return worded(str(text), gettext)
