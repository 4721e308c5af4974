"""Who cosigned, by the names that people know: one line an institution, whatever keys it used."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Min

from ledger.core.notes import NoteKey, Verified
from ledger.models import Checkpoint, Cosignature
from ledger.models import Witness as AskedWitness
from ledger.told_times import LATEST, told_time
from ledger.witnessing.asking import keys_of
from tenants.models import PublishedKey
from tenants.templatetags.ui import institution


@dataclass
class Cosigner:
    """One institution or witness at one checkpoint. `name` is the key's where nobody is known."""

    name: str
    key_name: str
    is_known: bool
    at: datetime  # as it said itself: of its latest signature
    algorithms: list[str] = field(default_factory=list)


def names_of_cosigners() -> dict[str, str]:
    """Names that people know, in the reader's language, by names of cosigners' keys."""
    found = {}
    for witness in AskedWitness.objects.all():
        found.update({key.name: witness.label for key in keys_of(witness)})
    published = PublishedKey.objects.filter(purpose=PublishedKey.COSIGNER).select_related("tenant")
    for row in published:
        found[row.key.partition("+")[0]] = institution(row.tenant)
    return found


def known_cosigners() -> list[NoteKey]:
    """Cosigners' keys: those in the platform's directory, and of the witnesses that are asked."""
    keys = PublishedKey.objects.filter(purpose=PublishedKey.COSIGNER).order_by("pk")
    found = [NoteKey.parse(text) for text in keys.values_list("key", flat=True)]
    asked = (key for witness in AskedWitness.objects.order_by("pk") for key in keys_of(witness))
    return list(dict.fromkeys([*found, *asked]))


def cosigned_by_size(sizes: Iterable[int]) -> dict[int, list[Cosigner]]:
    """Who cosigned which of our checkpoints."""
    names, grouped = names_of_cosigners(), dict[int, dict[str, Cosigner]]()
    rows = Cosignature.objects.filter(size__in=list(sizes)).order_by("cosigned_at", "pk")
    for row in rows:
        _add(grouped.setdefault(row.size, {}), NoteKey.parse(row.vkey), row.cosigned_at, names)
    return {size: list(found.values()) for size, found in grouped.items()}


def first_cosigned(checkpoints: Iterable[Checkpoint]) -> dict[int, datetime]:
    """When each of those that do not say when they were sealed was cosigned first."""
    sizes = [checkpoint.size for checkpoint in checkpoints if checkpoint.sealed_at is None]
    if not sizes:
        return {}
    rows = Cosignature.objects.filter(size__in=sizes).values("size")
    return dict(rows.annotate(first=Min("cosigned_at")).values_list("size", "first"))


def cosigned(verified: Iterable[Verified]) -> list[Cosigner]:
    """Who cosigned, of the verified lines of one note; not who states a time that is none."""
    names, found = names_of_cosigners(), dict[str, Cosigner]()
    for line in verified:
        if line.time is not None and line.time <= LATEST:
            _add(found, line.key, told_time(line.time), names)
    return list(found.values())


def _add(found: dict[str, Cosigner], key: NoteKey, at: datetime, names: dict[str, str]) -> None:
    known = names.get(key.name)
    one = found.setdefault(key.name, Cosigner(known or key.name, key.name, known is not None, at))
    one.at = max(one.at, at)
    if key.algorithm not in one.algorithms:
        one.algorithms.append(key.algorithm)
