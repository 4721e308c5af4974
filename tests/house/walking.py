"""Every URL of an institution's host, with something in the place of each parameter."""

import re
import uuid

from django.urls import URLPattern, URLResolver, get_resolver

from tenants.middleware import URLCONF_OF_KIND

VALUES = {"uuid": str(uuid.UUID(int=7)), "int": "1", "slug": "x", "str": "x", "path": "x"}
_PLACE = re.compile(r"<(?:(\w+):)?(\w+)>")


def walk(kind):
    """(pattern, route) of every URL of this kind of institution; routes keep their places."""
    yield from _walk(get_resolver(URLCONF_OF_KIND[kind]).url_patterns, "/")


def _walk(patterns, prefix):
    for pattern in patterns:
        route = prefix + str(pattern.pattern).removeprefix("^")
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern):
            yield pattern, route


def filled(route, values=VALUES):
    """The route with a value in each place: by the place's name, or by its kind."""

    def value(match):
        kind, name = match[1] or "str", match[2]
        return values.get(name, values.get(kind, "x"))

    return _PLACE.sub(value, route)
