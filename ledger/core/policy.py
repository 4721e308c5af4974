"""Trust policies: C2SP tlog-policy. Which logs, which witnesses, and how many make a quorum.

Lines, items separated by spaces or tabs, `#` comments:

    log <vkey> [<url>]
    witness <name> <vkey> [<url>]
    group <name> all|any|<k> <member>…
    quorum <name>|none
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ledger.core.errors import LedgerError, MalformedError
from ledger.core.notes import COSIGNATURES, ED25519, MLDSA44_COSIGNATURE, NoteKey

NONE = "none"
MAX_BYTES = 1 << 18
MAX_DEFINITIONS = 256
_LOG_KINDS = frozenset((ED25519, MLDSA44_COSIGNATURE))


class PolicyError(MalformedError):
    """A line of a policy that cannot be read: its number from 1 (0: the whole), and why."""

    def __init__(self, line: int, detail: str) -> None:
        super().__init__(f"line {line}: {detail}" if line else detail)
        self.line = line
        self.detail = detail


@dataclass(frozen=True, slots=True)
class PolicyLog:
    """A log that the policy accepts."""

    key: NoteKey
    url: str = ""


@dataclass(frozen=True, slots=True)
class PolicyWitness:
    """A cosigner, under the name that the policy gives it."""

    name: str
    key: NoteKey
    url: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Witnessed when at least `threshold` of its members are."""

    name: str
    threshold: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Missing:
    """Who has to cosign before the quorum is met: `needed` of `among` (of one: that witness)."""

    name: str
    needed: int = 1
    among: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Policy:
    """Logs and witnesses that are known, and the rule for cosignatures."""

    quorum: str
    logs: tuple[PolicyLog, ...] = ()
    witnesses: Mapping[str, PolicyWitness] = field(default_factory=dict)
    groups: Mapping[str, Group] = field(default_factory=dict)

    def witnessed(self, name: str, cosigned: frozenset[str]) -> bool:
        """Whether a witness or group has cosigned, given the witnesses that did."""
        group = self.groups.get(name)
        if group is None:
            return name in cosigned
        return sum(self.witnessed(member, cosigned) for member in group.members) >= group.threshold

    def is_met(self, cosigned: frozenset[str]) -> bool:
        """Whether these witnesses are a quorum."""
        return self.quorum == NONE or self.witnessed(self.quorum, cosigned)

    def missing(self, cosigned: frozenset[str]) -> tuple[Missing, ...]:
        """What the quorum lacks; empty when it is met."""
        return () if self.quorum == NONE else tuple(self._missing(self.quorum, cosigned))

    def _missing(self, name: str, cosigned: frozenset[str]) -> Iterable[Missing]:
        if self.witnessed(name, cosigned):
            return
        group = self.groups.get(name)
        if group is None:
            yield Missing(name)
            return
        absent = [item for item in group.members if not self.witnessed(item, cosigned)]
        needed = group.threshold - (len(group.members) - len(absent))
        if needed < len(absent):
            yield Missing(name, needed, tuple(absent))
            return
        for member in absent:
            yield from self._missing(member, cosigned)

    @classmethod
    def parse(cls, data: bytes) -> Policy:
        """Read a policy file strictly; `PolicyError` names the line."""
        return _Parser().run(data)


class _Parser:
    def __init__(self) -> None:
        self.line = 0
        self.logs: list[PolicyLog] = []
        self.witnesses: dict[str, PolicyWitness] = {}
        self.groups: dict[str, Group] = {}
        self.members: set[str] = set()
        self.keys: dict[str, set[bytes]] = {"log": set(), "witness": set()}
        self.quorum: str | None = None

    def run(self, data: bytes) -> Policy:
        if len(data) > MAX_BYTES:
            raise PolicyError(0, f"a policy is at most {MAX_BYTES} bytes")
        if data and not data.endswith(b"\n"):
            raise PolicyError(data.count(b"\n") + 1, "the last line does not end with a newline")
        # names are opaque octets: those that are no UTF-8 stay what they are
        for line in data.decode("utf-8", "surrogateescape").split("\n")[:-1]:
            self.line += 1
            self._take(line)
        if self.quorum is None:
            raise PolicyError(0, "there is no quorum line (write one, or: quorum none)")
        return Policy(self.quorum, tuple(self.logs), self.witnesses, self.groups)

    def _take(self, line: str) -> None:
        if any((sign < " " and sign != "\t") or sign == "\x7f" for sign in line):
            raise self._error("it holds a control character (lines end with a bare newline)")
        items = [item for item in re.split("[ \t]+", line) if item]
        if not items or items[0].startswith("#"):
            return
        keyword, *rest = items
        taken = {
            "log": self._log,
            "witness": self._witness,
            "group": self._group,
            "quorum": self._quorum,
        }.get(keyword)
        if taken is None:
            raise self._error(f"{keyword[:40]!r} is none of log, witness, group, quorum")
        taken(rest)
        if len(self.logs) + len(self.witnesses) + len(self.groups) > MAX_DEFINITIONS:
            raise self._error(f"more than {MAX_DEFINITIONS} logs, witnesses and groups")

    def _error(self, detail: str) -> PolicyError:
        return PolicyError(self.line, detail)

    def _key(self, text: str, what: str, kinds: frozenset[int]) -> NoteKey:
        try:
            key = NoteKey.parse(text)
        except LedgerError as error:
            raise self._error(f"its verifier key cannot be read: {error}") from error
        if key.kind not in kinds:
            raise self._error(f"a key of type 0x{key.kind:02x} is not one of a {what}")
        if key.public in self.keys[what]:
            raise self._error(f"another {what} has the same public key")
        self.keys[what].add(key.public)
        return key

    def _log(self, rest: list[str]) -> None:
        if len(rest) not in (1, 2):
            raise self._error("a log line is: log <vkey> [<url>]")
        self.logs.append(PolicyLog(self._key(rest[0], "log", _LOG_KINDS), *rest[1:]))

    def _fresh(self, name: str) -> str:
        if name == NONE:
            raise self._error("the name none is taken: it means no cosignature at all")
        if name in self.witnesses or name in self.groups:
            raise self._error(f"the name {name!r} is defined twice")
        return name

    def _witness(self, rest: list[str]) -> None:
        if len(rest) not in (2, 3):
            raise self._error("a witness line is: witness <name> <vkey> [<url>]")
        name = self._fresh(rest[0])
        key = self._key(rest[1], "witness", COSIGNATURES)
        self.witnesses[name] = PolicyWitness(name, key, *rest[2:])

    def _known(self, name: str) -> str:
        if name not in self.witnesses and name not in self.groups:
            raise self._error(f"{name!r} is no witness or group of a line above")
        return name

    def _group(self, rest: list[str]) -> None:
        if len(rest) < 3:
            raise self._error("a group line is: group <name> all|any|<k> <member>…")
        name, rule, *members = rest
        self._fresh(name)
        for member in members:
            self._known(member)
            if member in self.members:
                raise self._error(f"{member!r} is a member already, here or of another group")
            self.members.add(member)
        self.groups[name] = Group(name, self._threshold(rule, len(members)), tuple(members))

    def _threshold(self, rule: str, count: int) -> int:
        if rule in ("all", "any"):
            return count if rule == "all" else 1
        if not re.fullmatch("[1-9][0-9]{0,3}", rule):
            raise self._error(f"{rule[:40]!r} is none of all, any or a number")
        if int(rule) > count:
            raise self._error(f"{rule} of {count} members cannot be met")
        return int(rule)

    def _quorum(self, rest: list[str]) -> None:
        if len(rest) != 1:
            raise self._error("a quorum line is: quorum <name>|none")
        if self.quorum is not None:
            raise self._error("there is a quorum line above already")
        self.quorum = rest[0] if rest[0] == NONE else self._known(rest[0])
