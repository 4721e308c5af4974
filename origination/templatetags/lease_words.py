"""Words for a lease's fields and codes, from the one list of fields."""

from django import template
from django.utils.translation import gettext

from origination.domain.lease_fields import BY_NAME

register = template.Library()


@register.filter
def field_label(name: str) -> str:
    """The field's label in the reader's language, or its name."""
    spec = BY_NAME.get(name)
    return gettext(spec.label) if spec else name


@register.filter
def code_label(code: str, name: str) -> str:
    """`{{ lease.energy|code_label:"energy" }}`: the code's label, or the code."""
    spec = BY_NAME.get(name)
    label = spec.codes.get(code) if spec else None
    return gettext(label) if label else code
