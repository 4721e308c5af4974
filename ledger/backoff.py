"""How long whoever failed is left alone before he is asked again. Pure."""

from datetime import timedelta

_DOUBLINGS = 12  # `last` is reached long before; keeps the product within what timedelta holds


def wait_after(failures: int, *, first: timedelta, last: timedelta) -> timedelta:
    """`first`, doubled for each of `failures`, at most `last`."""
    return min(first * 2 ** min(failures, _DOUBLINGS), last)
