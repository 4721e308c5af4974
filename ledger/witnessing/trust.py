"""The trust policy of this tenant's own log, and which checkpoints meet it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from ledger.core.errors import LedgerError
from ledger.core.notes import NoteKey
from ledger.core.policy import NONE, Missing, Policy, PolicyError
from ledger.core.trust import judge
from ledger.drafts import instant
from ledger.log_keys import own_log_keys, own_second_keys
from ledger.models import Checkpoint, Cosignature, TrustPolicy
from ledger.models import Witness as AskedWitness
from ledger.selectors import with_cosignatures
from ledger.witnessing.asking import keys_of
from ledger.witnessing.cosigners import names_of_cosigners
from tenants.context import current_tenant
from tenants.models import PublishedKey, Relationship


@dataclass(frozen=True)
class Lacking:
    """Who has not cosigned: an institution or a witness by its name, or so many of a group."""

    name: str
    needed: int = 1
    of: int = 0  # 0: the one that is named


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


def own_keys() -> list[NoteKey]:
    """The keys of this tenant's log, newest first: Ed25519, and ML-DSA-44 if it has one yet."""
    return [*reversed(own_log_keys().all), *reversed(own_second_keys())]


def policy_text() -> str:
    """The policy that was set, or the default one."""
    return set_text() or default_policy()


def set_text() -> str:
    """The policy that was set; empty while the default one counts."""
    return TrustPolicy.objects.values_list("text", flat=True).first() or ""


def default_policy() -> str:
    """All counterparties that cosign and all witnesses that are asked, with any of their keys."""
    groups: dict[str, list[NoteKey]] = {}
    seen: set[bytes] = set()
    for key in (*_counterparty_keys(), *_witness_keys()):
        if key.public not in seen:
            seen.add(key.public)
            groups.setdefault(key.name, []).append(key)
    lines = [f"log {key.vkey()}" for key in own_keys()]
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


def standings(checkpoints: Iterable[Checkpoint]) -> dict[int, Standing]:
    """By size, whether the quorum is met, and who is missing."""
    policy, own, names = Policy.parse(policy_text().encode()), own_keys(), names_of_cosigners()
    rows, lines = list(checkpoints), defaultdict[int, list[Cosignature]](list)
    cosigned = Cosignature.objects.filter(size__in=[row.size for row in rows]).order_by("cosigner")
    for line in cosigned:
        lines[line.size].append(line)
    notes = {row.size: with_cosignatures(row, lines[row.size]) for row in rows}
    return {size: _standing(note, policy, own, names) for size, note in notes.items()}


def _lacking(item: Missing, policy: Policy, names: dict[str, str]) -> Lacking:
    witness = policy.witnesses.get(item.name)
    known = names.get(item.name) or (names.get(witness.key.name) if witness else None)
    if known is not None or not item.among:
        return Lacking(known or item.name)
    return Lacking(item.name, item.needed, len(item.among))


def _standing(note: bytes, policy: Policy, own: list[NoteKey], names: dict[str, str]) -> Standing:
    try:
        judged = judge(note, policy, logs=own)
    except LedgerError as error:
        return Standing(False, refusal=str(error))
    missing = tuple(_lacking(item, policy, names) for item in judged.missing)
    return Standing(judged.satisfied, missing)
