"""Proofs for people: were rights free as of an epoch? Only of leases that one looks at oneself.

Who may ask names a lease or a pool of its own books, and the vehicles as these books name them: the
registry answers for a vehicle only if the claim is on it. Each question is kept, and how much an
institution may ask is limited: nobody reads the registry by asking for every vehicle.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Q, Sum

from ledger.core.title_map import alpha, index_of
from ledger.core.title_proof import HELD, MAX_ANSWERS, TAKEN, Answer, TitleProof
from ledger.core.title_root import SignedRoot
from ledger.core.vrf import proof_to_hash
from ledger.log_keys import own_log_keys
from ledger.models import Checkpoint, TitleProofKept, TitleRootSeen
from ledger.services.disclosure import disclosure_file
from ledger.titles.alarms import Kind, raise_alarm
from ledger.titles.books import Claim, Subject, subject_of
from ledger.titles.keys import vrf_secret_in
from ledger.titles.problems import (
    AskedTooOften,
    NoEpochYet,
    NotScreened,
    ProofDoesNotHold,
    TooManyAtOnce,
)
from ledger.titles.told import key_handovers
from ledger.titles.tree import look_up
from ledger.verifier.state import Lie
from ledger.verifier.title import ProvenTitle, prove_title
from ledger.witnessing.trust import newest_met
from tenants.context import current_tenant
from tenants.models import RightClaim, TitleQuery
from tenants.problems import Problem
from tenants.registry.keys import blind_index, normal
from tenants.registry.locking import enter_registry

#: So often an institution may ask within so long, and for so many rights within a day.
LIMIT, WINDOW = 120, timedelta(minutes=10)
LIMIT_A_DAY, DAY = 50_000, timedelta(days=1)


def ask_for_proof(*, subject_id: UUID, by: UUID, now: datetime, at: datetime) -> TitleProofKept:
    """Have proofs for a lease or a pool made, verify them here, and keep them in one file.

    `now` is the clock on the wall, `at` the institution's. Raises what `check_asking` does, and
    `ProofDoesNotHold` where the registry's answer does not prove what it says: that is alarmed too.
    """
    try:
        with transaction.atomic():
            return _ask(subject_id, by, now)
    except ProofDoesNotHold as error:
        evidence = {"subject": str(subject_id), "reason": str(error.params["reason"])}
        raise_alarm(kind=Kind.UNPROVEN, epoch=error.epoch, evidence=evidence, at=at)
        raise


def check_asking(subject_id: UUID, now: datetime) -> tuple[Subject, TitleRootSeen]:
    """What would be asked for, and under which root.

    Raises `NotScreened`, `NoEpochYet`, `TooManyAtOnce` or `AskedTooOften`.
    """
    subject = subject_of(subject_id)
    if subject is None or not subject.claims:
        raise NotScreened
    if len(subject.claims) > MAX_ANSWERS:
        raise TooManyAtOnce(params={"limit": MAX_ANSWERS})
    root = provable_root()
    if root is None:
        raise NoEpochYet
    asked = TitleQuery.objects.filter(tenant=current_tenant(), asked_at__gt=now - DAY).aggregate(
        lately=Count("pk", filter=Q(asked_at__gt=now - WINDOW)), answers=Sum("answers", default=0)
    )
    if asked["lately"] >= LIMIT or asked["answers"] + len(subject.claims) > LIMIT_A_DAY:
        minutes = int(WINDOW.total_seconds() // 60)
        raise AskedTooOften(params={"limit": LIMIT, "window": minutes, "daily": LIMIT_A_DAY})
    return subject, root


def _ask(subject_id: UUID, by: UUID, now: datetime) -> TitleProofKept:
    subject, root = check_asking(subject_id, now)
    TitleQuery.objects.create(
        tenant=current_tenant(),
        actor_id=by,
        claim_id=subject_id,
        answers=len(subject.claims),
        epoch=root.epoch,
        asked_at=now,
    )
    made = answers(subject.claims, epoch=root.epoch, asker=current_tenant().pk)
    entry = disclosure_file(index=root.index, names=list(root.fields))
    file = TitleProof(tuple(made), entry, key_handovers()).to_bytes()
    signed = SignedRoot.of_fields(root.fields)
    proven = _proven(file, signed)
    verdicts = zip(subject.claims, proven.answers, strict=True)
    return TitleProofKept.objects.create(
        subject_id=subject_id,
        answers=len(made),
        taken=[str(claim.claim_id) for claim, (verdict, _answer) in verdicts if verdict == TAKEN],
        epoch=root.epoch,
        verdict=proven.verdict,
        file=file,
        sealed_at=signed.root.instant(),
        asked_by=by,
        asked_at=now,
    )


def newest_file(kept: TitleProofKept) -> bytes:
    """The file of a proof, its root under a newer checkpoint where that meets the trust policy.

    The one that it was made with was cosigned by nobody yet, maybe. Where the registry's key
    changed since, the hand-overs lead who knows the new one to the old one.
    """
    made = TitleProof.parse(bytes(kept.file))
    made = replace(made, handovers=key_handovers() or made.handovers)
    file = made.to_bytes()
    root = TitleRootSeen.objects.filter(source=current_tenant().pk, epoch=kept.epoch).first()
    if root is None or newest_met(root.index) is None:
        return file
    try:
        entry = disclosure_file(index=root.index, names=list(root.fields))
    except Problem:  # what is left of a ledger that came back from a copy
        return file
    return replace(made, entry=entry).to_bytes()


def _proven(file: bytes, signed: SignedRoot) -> ProvenTitle:
    epoch, own = signed.root.epoch, str(current_tenant().pk)
    try:
        proven = prove_title(file, pinned=[own_log_keys().newest], title_key=signed.key)
    except Lie as lie:
        raise ProofDoesNotHold(epoch, lie.detail) from lie
    for verdict, answer in proven.answers:
        if verdict == HELD and (answer.opening is None or answer.opening.holder != own):
            raise ProofDoesNotHold(epoch, "the right is another's, and was opened to us")
    return proven


def provable_root() -> TitleRootSeen | None:
    """The newest root on this ledger that a checkpoint covers."""
    sealed = Checkpoint.objects.order_by("-size").values_list("size", flat=True).first()
    own = TitleRootSeen.objects.filter(source=current_tenant().pk, index__lt=sealed or 0)
    return own.order_by("-epoch").first()


def answers(claims: Sequence[Claim], *, epoch: int, asker: UUID) -> list[Answer]:
    """The platform's side: each claim's right on its vehicle, proven in an epoch's map.

    `NotScreened` where a claim is not on this right of this vehicle, `IndexKeyGone` for an epoch
    whose places nothing draws any more. The holder alone, if it is the asker, gets its commitment
    opened.
    """
    _check(claims)
    secret = vrf_secret_in(epoch)
    names = [(claim.right, normal(claim.identifier)) for claim in claims]
    proofs = [secret.prove(alpha(right, identifier)) for right, identifier in names]
    indexes = [index_of(proof_to_hash(proof)) for proof in proofs]
    found = look_up(indexes, epoch)
    made = []
    for (right, identifier), proof, index in zip(names, proofs, indexes, strict=True):
        leaf = found[index].leaf
        opened = leaf.opening() if leaf is not None and leaf.holder == asker else None
        commitment = None if leaf is None else leaf.commitment
        made.append(Answer(right, identifier, proof, found[index].proof, commitment, opened))
    return made


def _check(claims: Sequence[Claim]) -> None:
    with transaction.atomic():
        version = enter_registry().current
        rows = RightClaim.objects.filter(claim_id__in={claim.claim_id for claim in claims})
        known = {
            (claim_id, right, bytes(index))
            for claim_id, right, index in rows.values_list("claim_id", "right", "asset_index")
        }
    for claim in claims:
        index = blind_index(claim.identifier, version)
        if (claim.claim_id, claim.right, index) not in known:
            raise NotScreened
