"""The usual leaf, read in one look.

Nearly every leaf is ASCII without an escape, in one of two shapes; then its canonical bytes are
one regular expression, and what was signed is a part of them. Where this says None, `Leaf.parse`
decides; what this accepts, `Leaf.parse` accepts with the same members (tested).
"""

from __future__ import annotations

import re
from binascii import a2b_base64

from ledger.core.leaves import Core, Leaf

_TEXT = rb"[ !#-\[\]-~]*"
_HASH = rb"[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]="
_SIGNATURE = rb"[A-Za-z0-9+/]{85}[AQgw]=="
_UUID = rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_COUNT = rb"0|[1-9][0-9]{0,17}"  # all below 2^63; of more digits the strict reading decides
_MAX_USUAL = 4_096

_usual = re.compile(
    rb'\{"alg":"A256GCM","ct_sha256":"%b","dev_sig":"(%b)",'
    rb'("device":"(%b)","fields_root":"%b",(?:"items_count":"(?:%b)",'
    rb'"items_root":"%b",)?)"prev":(?:null|"%b"),'
    rb'("rid":"%b","tenant_log":"(%b)","ts":"%b","type":"(%b)","v":"lease-leaf/1"\})'
    % (_HASH, _SIGNATURE, _TEXT, _HASH, _COUNT, _HASH, _UUID, _UUID, _TEXT, _TEXT, _TEXT)
).fullmatch
_members = re.compile(
    rb'\{"alg":"A256GCM","ct_sha256":"(%b)","dev_sig":"(%b)",'
    rb'"device":"(%b)","fields_root":"(%b)",(?:"items_count":"(%b)",'
    rb'"items_root":"(%b)",)?"prev":(?:null|"(%b)"),'
    rb'"rid":"(%b)","tenant_log":"(%b)","ts":"(%b)","type":"(%b)","v":"lease-leaf/1"\}'
    % (_HASH, _SIGNATURE, _TEXT, _HASH, _COUNT, _HASH, _UUID, _UUID, _TEXT, _TEXT, _TEXT)
).fullmatch


def scan(leaf: bytes) -> tuple[bytes, bytes, bytes, bytes, bytes] | None:
    """(signature, core, device, log id, kind) of a usual signed leaf; None where it is another."""
    if len(leaf) > _MAX_USUAL or (found := _usual(leaf)) is None:
        return None
    signature, first, device, second, log_id, kind = found.groups()
    return a2b_base64(signature), b"{" + first + second, device, log_id, kind


def read(data: bytes) -> Leaf:
    """`Leaf.parse`, in one look where the leaf is a usual signed one."""
    if len(data) > _MAX_USUAL or (found := _members(data)) is None:
        return Leaf.parse(data)
    sealed, signature, device, fields, count, items, prev, *words = found.groups()
    rid, log_id, ts, kind = (word.decode() for word in words)
    core = Core(
        kind,
        rid,
        log_id,
        device.decode(),
        ts,
        a2b_base64(fields),
        None if items is None else a2b_base64(items),
        int(count or 0),
    )
    before = None if prev is None else prev.decode()
    return Leaf(core, a2b_base64(sealed), a2b_base64(signature), None, before)
