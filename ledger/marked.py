"""Texts that are translated later, where a reader is: marked for the catalogues, and nothing else.

Django's own `gettext_noop` asks for settings, which the signer in a process of its own has not.
"""


def gettext_noop(text: str) -> str:
    """The text itself; `makemessages` finds it by the name of this function, or by `_`."""
    return text
