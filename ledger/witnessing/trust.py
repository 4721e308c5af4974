"""The trust policy of this tenant's own log, and which checkpoints meet it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from hashlib import sha256
from itertools import islice
from uuid import UUID

from ledger.core.errors import LedgerError
from ledger.core.notes import Note, NoteKey
from ledger.core.policy import NONE, Missing, Policy, PolicyError
from ledger.core.trust import judge
from ledger.drafts import instant
from ledger.log_keys import own_log_keys, own_second_keys, own_turns
from ledger.models import Checkpoint, Cosignature, TrustPolicy
from ledger.models import Witness as AskedWitness
from ledger.selectors import latest_checkpoint, with_cosignatures
from ledger.witnessing.asking import keys_of
from ledger.witnessing.cosigners import names_of_cosigners
from tenants.context import current_tenant
from tenants.models import PublishedKey, Relationship

#: So many cosignatures are looked at in one query for a checkpoint that meets the policy, and so
#: many checkpoints are read at first: four times as many each time none of them does.
LOOKED, READ, READ_AT_MOST = 4_000, 4, 256
#: Notes that this process found not to meet a policy: what somebody stored to be judged in vain is
#: judged once.
_in_vain: set[bytes] = set()
REMEMBERED = 50_000


@dataclass(frozen=True)
class Lacking:
    """Who has not cosigned: an institution or a witness by its name, or so many of a group."""

    name: str
    needed: int = 1
    of: int = 0  # 0: the one that is named
    by_other_key: bool = False  # it did cosign, by a key that the policy does not name


@dataclass(frozen=True)
class Standing:
    """What the policy says of one checkpoint; `refusal` where it cannot be judged."""

    met: bool
    missing: tuple[Lacking, ...] = ()
    refusal: str = ""


@dataclass(frozen=True)
class Quorum:
    """How many of whom must cosign before a checkpoint counts; `needed` 0: nobody."""

    needed: int
    names: tuple[str, ...]
    is_default: bool


def own_keys(turns: Sequence[int] | None = None) -> list[NoteKey]:
    """The keys of this tenant's log, newest first: Ed25519, and ML-DSA-44 if it has one yet."""
    first = own_log_keys(turns).all
    return [*reversed(first), *reversed(own_second_keys(first[0].name))]


def policy_text() -> str:
    """The policy that was set, or the default one."""
    return set_text() or default_policy()


def set_text() -> str:
    """The policy that was set; empty while the default one counts."""
    return TrustPolicy.objects.values_list("text", flat=True).first() or ""


def default_policy(own: Sequence[NoteKey] | None = None) -> str:
    """All counterparties that cosign and all witnesses that are asked, with any of their keys."""
    groups: dict[str, list[NoteKey]] = {}
    seen: set[bytes] = set()
    for key in (*_counterparty_keys(), *_witness_keys()):
        if key.public not in seen:
            seen.add(key.public)
            groups.setdefault(key.name, []).append(key)
    lines = [f"log {key.vkey()}" for key in (own_keys() if own is None else own)]
    for name, keys in groups.items():
        members = [f"{name}/{key.algorithm.lower()}/{key.id.hex()}" for key in keys]
        pairs = zip(members, keys, strict=True)
        lines += [f"witness {member} {key.vkey()}" for member, key in pairs]
        lines.append(f"group {name} any {' '.join(members)}")
    lines += [f"group everyone all {' '.join(groups)}"] if groups else []
    lines.append("quorum everyone" if groups else "quorum none")
    return "".join(f"{line}\n" for line in lines)


def _counterparty_keys() -> Iterable[NoteKey]:
    related = Relationship.objects.filter(sender=current_tenant(), is_active=True)
    published = PublishedKey.objects.filter(
        purpose=PublishedKey.COSIGNER, tenant__in=related.values("receiver")
    )
    return map(NoteKey.parse, published.order_by("pk").values_list("key", flat=True))


def _witness_keys() -> Iterable[NoteKey]:
    for witness in AskedWitness.objects.order_by("pk"):
        yield from keys_of(witness)


def check_policy(text: str) -> Policy:
    """Read a policy that is to be set for this log; `PolicyError` says what is wrong and where."""
    policy = Policy.parse(text.encode())
    own = own_keys()
    if policy.logs and all(log.key not in own for log in policy.logs):
        raise PolicyError(0, "none of its log lines names a key of this log")
    return policy


def set_policy(*, text: str, by: UUID, at: datetime | str) -> None:
    """Set the policy; an empty text goes back to the default."""
    if text:
        check_policy(text)
    elif not set_text():
        return
    values = {"text": text, "set_by": by, "set_at": instant(at)}
    TrustPolicy.objects.update_or_create(pk=1, defaults=values)


def quorum() -> Quorum:
    """The policy's rule, by names that people know."""
    policy, names = Policy.parse(policy_text().encode()), names_of_cosigners()
    is_default = not set_text()
    if policy.quorum == NONE:
        return Quorum(0, (), is_default)
    group = policy.groups.get(policy.quorum)
    members = group.members if group else (policy.quorum,)
    found = tuple(_lacking(Missing(name), policy, names).name for name in members)
    return Quorum(group.threshold if group else 1, found, is_default)


class _Rule:
    """The policy with all that it is judged by, read once."""

    def __init__(self, turns: Sequence[int] | None = None) -> None:
        self.own = own_keys(turns)
        self.text = (set_text() or default_policy(self.own)).encode()
        self.policy = Policy.parse(self.text)

    @cached_property
    def names(self) -> dict[str, str]:
        return names_of_cosigners()


def _notes(rows: Sequence[Checkpoint]) -> dict[int, bytes]:
    """Checkpoints with their cosignatures, by size, in the order given: one query.

    What is no note stays as it is: whoever judges it says so.
    """
    lines = defaultdict[int, list[Cosignature]](list)
    cosigned = Cosignature.objects.filter(size__in=[row.size for row in rows]).order_by("cosigner")
    for line in cosigned:
        lines[line.size].append(line)
    found = {}
    for row in rows:
        with suppress(LedgerError):
            found[row.size] = with_cosignatures(row, lines[row.size])
    return {row.size: found.get(row.size, bytes(row.note)) for row in rows}


def standings(checkpoints: Iterable[Checkpoint]) -> dict[int, Standing]:
    """By size, whether the quorum is met, and who is missing."""
    rule = _Rule()
    return {size: _standing(note, rule) for size, note in _notes(list(checkpoints)).items()}


def newest_met(index: int) -> Checkpoint | None:
    """The newest checkpoint that covers entry `index` and meets the policy.

    None where none does, or only one that the log's key of today did not sign: whoever pinned this
    key would refuse it (docs/ledger.md says why). Cosignatures that do not verify hide nothing:
    there is no limit of them, and no more of them than of checkpoints.
    """
    newest = latest_checkpoint()
    if newest is None or newest.size <= index:
        return None
    turns = own_turns(newest.size)
    rule, since = _Rule(turns), max(index, *turns, 0)
    sizes, count = _likely(rule.policy, since, newest.size), READ
    # signatures are verified for the likeliest alone
    while chosen := list(islice(sizes, count)):
        rows = list(Checkpoint.objects.filter(size__in=chosen).order_by("-size"))
        notes = _notes(rows)
        for row in rows:
            if _is_met(notes[row.size], rule):
                return row
        count = min(4 * count, READ_AT_MOST)
    return None


def _likely(policy: Policy, since: int, upto: int) -> Iterator[int]:
    """Sizes of checkpoints that carry enough cosignatures by whom they name, newest first."""
    stored = Checkpoint.objects.filter(size__gt=since, size__lte=upto)
    if policy.is_met(frozenset()):
        yield upto
        yield from stored.filter(size__lt=upto).order_by("-size").values_list("size", flat=True)
        return
    names = {item.key.vkey(): name for name, item in policy.witnesses.items()}
    lines = Cosignature.objects.filter(
        size__gt=since, vkey__in=names, size__in=stored.values("size")
    ).order_by("-size")
    looked = max(LOOKED, len(names) + 1)  # one checkpoint's are never more than `names`
    while True:
        page = list(lines.filter(size__lte=upto).values_list("size", "vkey")[:looked])
        by_size = defaultdict[int, set[str]](set)
        for size, vkey in page:
            by_size[size].add(names[vkey])
        if len(page) == looked:  # the last one's may go on
            upto = page[-1][0]
            del by_size[upto]
        yield from (size for size, have in by_size.items() if policy.is_met(frozenset(have)))
        if len(page) < looked:
            return


def _is_met(note: bytes, rule: _Rule) -> bool:
    keys = "".join(f"{key.vkey()}\n" for key in rule.own).encode()
    judged = sha256(b"".join(sha256(part).digest() for part in (rule.text, keys, note))).digest()
    if judged in _in_vain:
        return False
    try:
        if judge(note, rule.policy, logs=rule.own).satisfied:
            return True
    except LedgerError:
        pass
    if len(_in_vain) >= REMEMBERED:
        _in_vain.clear()
    _in_vain.add(judged)
    return False


def _lacking(item: Missing, policy: Policy, names: dict[str, str]) -> Lacking:
    witness = policy.witnesses.get(item.name)
    known = names.get(item.name) or (names.get(witness.key.name) if witness else None)
    if known is not None or not item.among:
        return Lacking(known or item.name)
    return Lacking(item.name, item.needed, len(item.among))


def _standing(note: bytes, rule: _Rule) -> Standing:
    try:
        judged = judge(note, rule.policy, logs=rule.own)
    except LedgerError as error:
        return Standing(False, refusal=str(error))
    others = _cosigned_otherwise(note, rule.policy)
    missing = tuple(
        replace(
            _lacking(item, rule.policy, rule.names),
            by_other_key=not others.isdisjoint(_key_names(item, rule.policy)),
        )
        for item in judged.missing
    )
    return Standing(judged.satisfied, missing)


def _cosigned_otherwise(note: bytes, policy: Policy) -> set[str]:
    """Names of cosigners' keys that stand under a note with a key that the policy does not name."""
    known = {(item.key.name, item.key.id) for item in policy.witnesses.values()}
    return {line.name for line in Note.parse(note).lines if (line.name, line.id) not in known}


def _key_names(item: Missing, policy: Policy) -> set[str]:
    """What the keys are called of a witness that is missing, or of all those of a group."""
    found = (policy.witnesses.get(name) for name in item.among or (item.name,))
    return {witness.key.name for witness in found if witness is not None}
