"""Adds up what the blocks say: the tree over all of them, checkpoint by checkpoint."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Container, Iterable
from dataclasses import dataclass, field

from ledger.core.bundle import End, Header
from ledger.core.notes import NoteKey
from ledger.core.tree import Frontier
from ledger.verifier.examine import Examined, Segment
from ledger.verifier.state import Lie, Opened


@dataclass
class Report:
    """What was proven."""

    header: Header
    log_keys: tuple[NoteKey, ...]
    entries: int = 0
    signatures: int = 0
    tape_rows: int = 0
    payloads: int = 0
    shown_fields: int = 0
    items: int = 0
    checkpoints: int = 0
    cosignatures: int = 0
    root: bytes = b""
    cosigners: set[str] = field(default_factory=set)
    cosigner_keys: set[NoteKey] = field(default_factory=set)
    erased: list[int] = field(default_factory=list)
    last_cosigned: tuple[NoteKey, ...] = ()
    bytes_read: int = 0
    seconds: float = 0.0
    hashing_seconds: float = 0.0
    checking_seconds: float = 0.0
    processes: int = 1


class Tally:
    """Takes the blocks of one bundle in order; raises the first `Lie`."""

    def __init__(self, opened: Opened) -> None:
        self._frontier = Frontier()
        self._covered = self._log_keys = 0
        self._counts: Counter[str] = Counter()
        self._report = Report(opened.header, opened.log_keys)

    def add(self, found: Examined) -> None:
        """Take the next block."""
        report = self._report
        for segment in found.segments:
            self._extend(segment)
        if found.lie is not None:
            raise Lie(*found.lie)
        report.entries += found.entries
        report.erased += found.erased
        report.hashing_seconds += found.hashing_seconds
        report.checking_seconds += found.checking_seconds
        self._counts.update(found.counts)

    def _extend(self, segment: Segment) -> None:
        for level, node in segment.nodes:
            self._frontier.append_node(level, node)
        checkpoint, report, size = segment.checkpoint, self._report, self._frontier.size
        if checkpoint is None:
            return
        root = self._frontier.root()
        if checkpoint.root != root:
            raise Lie(
                f"checkpoint of {size} entries",
                "checkpoint",
                f"entries {self._covered} to {size - 1} do not lead to the root that was signed",
            )
        origin = report.header.origin  # its ML-DSA-44 line is the log's own, no one else's
        keys = {item.key for item in segment.cosigned if item.key.name != origin}
        names = {key.name for key in keys}
        report.checkpoints += 1
        report.last_cosigned = tuple(item.key for item in segment.cosigned)
        report.cosignatures += len(names)
        report.cosigners |= names
        report.cosigner_keys |= keys
        self._covered, report.root, self._log_keys = size, root, segment.log_keys

    def report(self, end: End) -> Report:
        """What was proven, once the end record agrees with what was met."""
        report = self._report
        for name, count in self._counts.items():
            setattr(report, name, count)
        if end.entries != report.entries:
            raise Lie("end", "end", f"{end.entries} entries were exported, {report.entries} stand")
        if end.checkpoints != report.checkpoints:
            detail = f"{end.checkpoints} checkpoints were exported, {report.checkpoints} stand"
            raise Lie("end", "end", detail)
        if self._covered != report.entries or not report.entries:
            raise Lie("end", "end", f"entries from {self._covered} on are under no checkpoint")
        if self._log_keys != len(report.log_keys):
            detail = f"the header names {len(report.log_keys)} keys of the log, entries tell of "
            raise Lie("end", "end", f"{detail}{self._log_keys}")
        return report


def told_of_cosigners(keys: Iterable[NoteKey], pinned: Container[NoteKey]) -> list[str]:
    """A line for each cosigner. A name that only came with the file is told as the file's word."""
    names: dict[str, bool] = {}
    for key in keys:
        names[key.name] = names.get(key.name, False) or key in pinned
    return [
        f"cosigned by {'' if is_pinned else 'a key that the file calls '}{_quoted(name)}"
        for name, is_pinned in sorted(names.items())
    ]


def _quoted(name: str) -> str:
    return json.dumps(name, ensure_ascii=False)


def unpinned_cosigners(keys: Iterable[NoteKey], pinned: Container[NoteKey]) -> list[str]:
    """What the reader must not take for proven of them."""
    if all(key in pinned for key in keys):
        return []
    return ["who cosigned: the names are the file's word (pin their keys by --policy)"]
