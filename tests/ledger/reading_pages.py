"""What a reader of a page sees of it."""

import re

_HIDDEN = re.compile(r"<(script|style|head|svg|textarea|template)\b.*?</\1>|<!--.*?-->", re.DOTALL)


def english(page):
    """Where three English words stand in a row on a page or in a text."""
    seen = re.sub(r"<[^>]*>", "|", _HIDDEN.sub("|", page))
    return re.findall(r"[A-Za-z']+ [a-z']+ [a-z']+", seen)
