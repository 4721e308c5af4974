"""Whether a file of ours ends too early: its maker's last bytes never came. Pure."""

from __future__ import annotations

import re

#: How each kind of JSON file begins: canonical, so that its first name is known.
DISCLOSURE_START = b'{"beside":'
TITLE_START = b'{"answers":'
CUT_SHORT = "the file is cut short"

_TEXT = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?(\Z))', re.DOTALL)  # \Z: it does not end


def is_cut(data: bytes) -> bool:
    """Whether JSON ends within a text, or before what it opened is closed."""
    bare = _TEXT.sub(lambda text: b"" if text[1] is None else b'"', data)
    opened = bare.count(b"{") + bare.count(b"[")
    return b'"' in bare or opened > bare.count(b"}") + bare.count(b"]")


def is_cut_proof(data: bytes) -> bool:
    """Whether a tlog-proof ends before a signature line of its checkpoint is whole."""
    _proof, _blank, note = data.partition(b"\n\n")
    _text, blank, lines = note.partition(b"\n\n")
    return not blank or not lines.endswith(b"\n")
