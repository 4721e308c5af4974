"""Proves a bundle, record by record, and names the first lie.

What holds after `verify_bundle` returned: every entry is canonical and of this log; each was signed
by a key that the log itself had approved then, or is a row of a tape that such a key signed; the
entries lead to every checkpoint, which the log's key signed, in order; every disclosed payload,
field and item is what was signed; nothing was added, left out, reordered or damaged.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import BinaryIO

from ledger.core.audit import AuditError, LogAuditor, Taken
from ledger.core.bundle import (
    CHECKPOINT,
    ENTRY,
    FIELDS,
    HEADER,
    ITEMS,
    PAYLOAD,
    TRAILER,
    BundleReader,
    Header,
    Record,
    Trailer,
    disclosure_from_bytes,
)
from ledger.core.checkpoints import open_checkpoint
from ledger.core.errors import LedgerError, MalformedError, ProofError
from ledger.core.fields import Disclosure, verify_disclosure
from ledger.core.items import share_from_bytes
from ledger.core.keyring import KeyRing
from ledger.core.leaves import Leaf
from ledger.core.notes import NoteKey
from ledger.core.payloads import Payload


class Lie(Exception):
    """The first thing in a bundle that is not true: where, what, and why."""

    def __init__(self, where: str, part: str, detail: str) -> None:
        super().__init__(f"{where}: {part}: {detail}")
        self.where = where
        self.part = part
        self.detail = detail


@dataclass
class Report:
    """What was proven."""

    header: Header
    log_key: NoteKey
    entries: int = 0
    signatures: int = 0
    tape_rows: int = 0
    payloads: int = 0
    shown_fields: int = 0
    items: int = 0
    checkpoints: int = 0
    cosignatures: int = 0
    covered: int = 0
    root: bytes = b""
    bytes_read: int = 0
    cosigners: set[str] = field(default_factory=set)


class BundleVerifier:
    """Takes the records of one bundle in order."""

    def __init__(self, *, pinned: NoteKey | None = None, portable: bool = True) -> None:
        self._pinned = pinned
        self._portable = portable
        self._payload: Payload | None = None
        self._fields: Disclosure | None = None
        self._last: Taken | None = None
        self._done = False
        self.report: Report | None = None

    def run(self, stream: BinaryIO) -> Report:
        """Verify a whole bundle; raises `Lie`."""
        try:
            reader = BundleReader(stream)
        except MalformedError as error:
            raise Lie("file", "format", str(error)) from error
        try:
            for record in reader:
                self._take(record, reader)
        except MalformedError as error:
            raise Lie(self._place(), "format", str(error)) from error
        if self.report is None or not self._done:
            raise Lie(self._place(), "trailer", "the file ends before its trailer")
        self.report.bytes_read = reader.size
        return self.report

    def _place(self) -> str:
        return "file" if self.report is None else f"after entry {self.report.entries - 1}"

    def _take(self, record: Record, reader: BundleReader) -> None:
        where = self._where(record)
        try:
            self._dispatch(record, reader)
        except AuditError as error:
            raise Lie(f"entry {error.index}", error.part, error.detail) from error
        except LedgerError as error:
            raise Lie(where, _PARTS[record.kind], str(error)) from error
        if record.damaged:
            raise Lie(where, _PARTS[record.kind], "its bytes are not those that were exported")

    def _where(self, record: Record) -> str:
        if self.report is None or record.kind == HEADER:
            return "header"
        if record.kind in (ENTRY, PAYLOAD, FIELDS):
            return f"entry {self.report.entries}"
        if record.kind == TRAILER:
            return "trailer"
        if record.kind == CHECKPOINT:
            return f"checkpoint of {self.report.entries} entries"
        return f"entry {self.report.entries - 1}"

    def _dispatch(self, record: Record, reader: BundleReader) -> None:
        if self._done:
            raise MalformedError("something follows the trailer")
        if (record.kind == HEADER) != (self.report is None):
            raise MalformedError("the header stands first, and once")
        if record.kind == HEADER:
            self._open(Header.parse(record.payload))
        elif record.kind == PAYLOAD:
            self._alone()
            self._payload = Payload.parse(record.payload)
        elif record.kind == FIELDS:
            self._alone()
            self._fields = disclosure_from_bytes(record.payload)
        elif record.kind == ENTRY:
            self._entry(record.payload)
        elif record.kind == ITEMS:
            self._items(record.payload)
        elif record.kind == CHECKPOINT:
            self._alone()
            self._checkpoint(record.payload)
        else:
            self._alone()
            self._trailer(Trailer.parse(record.payload), reader)

    def _alone(self) -> None:
        if self._payload is not None or self._fields is not None:
            raise MalformedError("a payload stands without its entry")

    def _open(self, header: Header) -> None:
        log_key = NoteKey.parse(header.log_key)
        if log_key.name != header.origin:
            raise ProofError("the log's key has another name than its origin")
        if self._pinned is not None and log_key != self._pinned:
            raise ProofError(f"the log's key is {header.log_key}, not the one you trust")
        self._cosigners = [NoteKey.parse(text) for text in header.cosigners]
        self._auditor = LogAuditor(header.log_id, keys=KeyRing(portable=self._portable))
        self.report = Report(header, log_key)

    def _show(self, leaf: Leaf) -> Payload | None:
        if self._fields is not None:
            verify_disclosure(self._fields, leaf.core.fields_root)
        return self._payload

    def _entry(self, data: bytes) -> None:
        report = self._report()
        self._last = self._auditor.take(data, self._show)
        report.entries += 1
        report.tape_rows += self._last.leaf.row is not None
        report.signatures += self._last.leaf.row is None
        report.payloads += self._payload is not None
        report.shown_fields += 0 if self._fields is None else len(self._fields.shown)
        self._payload = self._fields = None

    def _items(self, data: bytes) -> None:
        if self._last is None or self._last.leaf.core.items_root is None:
            raise MalformedError("items stand after an entry that has none")
        core, share = self._last.leaf.core, share_from_bytes(data)
        share.verify(core.items_root or b"", core.items_count)
        self._report().items += len(share.places)

    def _checkpoint(self, data: bytes) -> None:
        report = self._report()
        checkpoint, verified = open_checkpoint(data, report.log_key, self._cosigners)
        if checkpoint.size != report.entries:
            raise ProofError(f"it is of size {checkpoint.size}, but {report.entries} entries stand")
        if checkpoint.root != self._auditor.frontier.root():
            since = f"entries {report.covered} to {report.entries - 1}"
            raise ProofError(f"{since} do not lead to the root that was signed")
        names = {item.key.name for item in verified if item.time is not None}
        report.checkpoints += 1
        report.cosignatures += len(names)
        report.cosigners |= names
        report.covered, report.root = checkpoint.size, checkpoint.root

    def _trailer(self, trailer: Trailer, reader: BundleReader) -> None:
        report = self._report()
        if trailer.entries != report.entries:
            raise ProofError(f"{trailer.entries} entries were exported, {report.entries} stand")
        if trailer.sha256 != reader.digest_before():
            raise ProofError("the bytes before it are not those that were exported")
        if report.covered != report.entries:
            raise ProofError(f"entries from {report.covered} on are under no checkpoint")
        self._done = True

    def _report(self) -> Report:
        assert self.report is not None
        return self.report


_PARTS = {
    HEADER: "header",
    PAYLOAD: "payload",
    FIELDS: "fields",
    ENTRY: "leaf",
    ITEMS: "items",
    CHECKPOINT: "checkpoint",
    TRAILER: "trailer",
}


def verify_bundle(
    stream: BinaryIO, *, pinned: NoteKey | None = None, portable: bool = True
) -> Report:
    """Prove a bundle; answers what was proven, raises `Lie` for the first thing that is not true.

    `pinned` is the log key that the reader trusts; without it the bundle's own is taken, and the
    reader must compare it. `portable` checks signatures with pycryptodome only.
    """
    return BundleVerifier(pinned=pinned, portable=portable).run(stream)
