"""Words of this room for templates."""

from django import template

from monitoring.texts import measure_in_words

register = template.Library()


@register.filter
def measure_name(code: str) -> str:
    """What a trigger looks at, in words."""
    return measure_in_words(code)
