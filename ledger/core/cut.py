"""Whether a file of ours ends too early: its maker's last bytes never came. Pure."""

from __future__ import annotations

from ledger.core.bounds import pieces

#: How each kind of JSON file begins: canonical, so that its first name is known.
DISCLOSURE_START = b'{"beside":'
TITLE_START = b'{"answers":'
CUT_SHORT = "the file is cut short"


def is_cut(data: bytes) -> bool:
    """Whether JSON ends within a text, or before what it opened is closed."""
    open_now = 0
    for piece in pieces(data):
        if piece is None:
            return True
        _texts, bare = piece
        open_now += bare.count(b"{") + bare.count(b"[") - bare.count(b"}") - bare.count(b"]")
    return open_now > 0


def is_cut_proof(data: bytes) -> bool:
    """Whether a tlog-proof ends before a signature line of its checkpoint is whole."""
    _proof, _blank, note = data.partition(b"\n\n")
    _text, blank, lines = note.partition(b"\n\n")
    return not blank or not lines.endswith(b"\n")
