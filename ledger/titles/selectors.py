"""What pages show of the map: roots, who agrees, own rights, alarms, proofs."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet

from ledger.core.encoding import unb64
from ledger.models import TitleAlarm, TitleCheck, TitleProofKept, TitleRootSeen
from ledger.titles.alarms import readable
from ledger.titles.asking import provable_root
from ledger.titles.books import Claim, Subject
from tenants import clock
from tenants.context import current_tenant
from tenants.models import Tenant

SHOWN = 20
RECENT = timedelta(days=14)
STALE_AFTER = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Epoch:
    """An epoch as this ledger holds it; `same`: copies of others' ledgers with the same root."""

    row: TitleRootSeen
    sealed_at: datetime
    root: str
    rights: int
    same: int


def own_epochs() -> list[Epoch]:
    """The newest epochs on this ledger, newest first."""
    own = current_tenant().pk
    rows = list(TitleRootSeen.objects.filter(source=own).order_by("-epoch")[:SHOWN])
    texts = {row.epoch: row.fields for row in rows}
    others = TitleRootSeen.objects.filter(epoch__in=texts).exclude(source=own)
    same = Counter(row.epoch for row in others if row.fields == texts[row.epoch])
    return [
        Epoch(
            row=row,
            sealed_at=signed.root.instant(),
            root=unb64(row.fields["root"]).hex(),
            rights=int(row.fields["rights"]),
            same=same[row.epoch],
        )
        for row in rows
        if (signed := readable(row)) is not None
    ]


@dataclass(frozen=True, slots=True)
class Reign:
    """The map's keys from an epoch on: `key` signs roots (vkey), `vrf_key` names places (hex)."""

    row: TitleRootSeen
    sealed_at: datetime
    key: str
    vrf_key: str
    is_first: bool


def own_reigns() -> list[Reign]:
    """The registry's keys as this ledger was told, newest first; it began with the last of them."""
    own = TitleRootSeen.objects.filter(source=current_tenant().pk)
    rows = own.order_by("epoch").iterator()
    first = next((row for row in rows if readable(row) is not None), None)
    if first is None:
        return []
    turns = own.filter(fields__has_key="old_key", epoch__gt=first.epoch).order_by("-epoch")
    return [
        Reign(
            row=row,
            sealed_at=signed.root.instant(),
            key=row.fields["key"],
            vrf_key=unb64(row.fields["vrf_key"]).hex(),
            is_first=row is first,
        )
        for row in [*turns[:SHOWN], first]
        if (signed := readable(row)) is not None
    ]


def minutes_to_next(newest: Epoch, now: datetime) -> int:
    """Before so many minutes of the clock on the wall the timer seals no other; 0 if it may."""
    wait = newest.sealed_at + timedelta(minutes=settings.TITLE_EPOCH_MINUTES) - now
    return max(0, -(-wait // timedelta(minutes=1)))


def is_stale(newest: Epoch, now: datetime) -> bool:
    """Whether the platform seals no more: an epoch is due each day, also if nothing changed."""
    return now - newest.sealed_at > STALE_AFTER


def latest_check() -> TitleCheck | None:
    """When own rights were looked for last."""
    return TitleCheck.objects.order_by("-epoch").first()


def alarms() -> list[tuple[TitleAlarm, Tenant | None]]:
    """Each with the counterparty that it concerns, newest first."""
    rows = list(TitleAlarm.objects.order_by("-pk")[:SHOWN])
    others = Tenant.objects.in_bulk({row.other for row in rows if row.other})
    return [(row, others.get(row.other)) for row in rows]


def recent_alarms() -> int:
    """Alarms of the last two weeks: the home page counts them."""
    return TitleAlarm.objects.filter(at__gt=clock.now() - RECENT).count()


def proofs(subject_id: UUID | None = None) -> QuerySet[TitleProofKept]:
    """Proofs that were asked for, newest first; of one lease or pool, or all."""
    found = TitleProofKept.objects.defer("file").order_by("-pk")
    return found if subject_id is None else found.filter(subject_id=subject_id)


def taken_of(subject: Subject, proof: TitleProofKept) -> list[Claim]:
    """Of what somebody else holds the right, by a proof."""
    taken = set(proof.taken)
    return [claim for claim in subject.claims if str(claim.claim_id) in taken]


def title_facts(subject_id: UUID) -> dict[str, object]:
    """For the page of a lease or pool: its last proof, as `ledger/_title_proof.html` shows it."""
    newest = provable_root()
    return {
        "title_subject": subject_id,
        "title_proof": proofs(subject_id).first(),
        "title_newest": newest and newest.epoch,
    }
