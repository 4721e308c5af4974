"""Codes of this room in words."""

from django.utils.translation import gettext_lazy as _

REGISTERS = {"zhongdeng": _("Zhongdeng"), "vehicle_office": _("Vehicle office")}


def register_in_words(code: str) -> str:
    """What an outside register is called, or its code."""
    return str(REGISTERS.get(code, code))
