"""Proofs for people: was a right free as of an epoch? Only of leases that one looks at oneself.

Who may ask names a claim that it made, holds or screens, and the vehicle as its own books name it:
the registry answers for this vehicle only if the claim is on it. Each question is kept, and how
many an institution may ask is limited: nobody reads the registry by asking for every vehicle.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from ledger.core.errors import LedgerError
from ledger.core.title_map import alpha, index_of
from ledger.core.title_proof import HELD, Answer, TitleProof
from ledger.core.title_root import FIELDS, SignedRoot
from ledger.core.vrf import proof_to_hash
from ledger.log_keys import own_log_keys
from ledger.models import Checkpoint, TitleProofKept, TitleRootSeen
from ledger.reasons import Reason
from ledger.services.disclosure import disclosure_file
from ledger.titles.books import identifier_of
from ledger.titles.keys import vrf_secret
from ledger.titles.problems import AskedTooOften, NoEpochYet, NotScreened, ProofDoesNotHold
from ledger.titles.tree import look_up
from ledger.verifier.state import Lie
from ledger.verifier.title import prove_title
from tenants.context import current_tenant
from tenants.models import RightClaim, TitleQuery
from tenants.registry.keys import blind_index, normal
from tenants.registry.locking import enter_registry

#: So many proofs an institution may ask for within so long.
LIMIT, WINDOW = 120, timedelta(minutes=10)


@transaction.atomic
def ask_for_proof(*, claim_id: UUID, right: str, by: UUID, now: datetime) -> TitleProofKept:
    """Have a proof made, verify it here, and keep it. `now` is the clock on the wall.

    Raises `NotScreened`, `AskedTooOften`, `NoEpochYet` or, where the registry's answer does not
    prove what it says, `ProofDoesNotHold`.
    """
    identifier, own = identifier_of(claim_id), current_tenant()
    if identifier is None:
        raise NotScreened
    root = provable_root()
    if root is None:
        raise NoEpochYet
    _count(claim_id, right, root.epoch, by, now)
    [answer] = answers([(claim_id, right, identifier)], epoch=root.epoch, asker=own.pk)
    file = TitleProof(answer, disclosure_file(index=root.index, names=FIELDS)).to_bytes()
    signed = SignedRoot.of_fields(root.fields)
    try:
        proven = prove_title(file, pinned=[own_log_keys().newest], title_key=signed.key)
    except Lie as lie:
        raise ProofDoesNotHold(params={"reason": Reason(LedgerError(lie.detail))}) from lie
    opening = proven.answer.opening
    if proven.verdict == HELD and (opening is None or opening.holder != str(own.pk)):
        raise ProofDoesNotHold(params={"reason": "the right is another's, and was opened to us"})
    return TitleProofKept.objects.create(
        claim_id=claim_id,
        right=right,
        epoch=root.epoch,
        verdict=proven.verdict,
        file=file,
        sealed_at=datetime.fromisoformat(signed.root.sealed_at),
        asked_by=by,
        asked_at=now,
    )


def provable_root() -> TitleRootSeen | None:
    """The newest root on this ledger that a checkpoint covers."""
    sealed = Checkpoint.objects.order_by("-size").values_list("size", flat=True).first()
    own = TitleRootSeen.objects.filter(source=current_tenant().pk, index__lt=sealed or 0)
    return own.order_by("-epoch").first()


def _count(claim_id: UUID, right: str, epoch: int, by: UUID, now: datetime) -> None:
    own = current_tenant()
    recent = TitleQuery.objects.filter(tenant=own, asked_at__gt=now - WINDOW)
    if recent.count() >= LIMIT:
        minutes = int(WINDOW.total_seconds() // 60)
        raise AskedTooOften(params={"limit": LIMIT, "window": minutes})
    TitleQuery.objects.create(
        tenant=own, actor_id=by, claim_id=claim_id, right=right, epoch=epoch, asked_at=now
    )


def answers(wanted: Iterable[tuple[UUID, str, str]], *, epoch: int, asker: UUID) -> list[Answer]:
    """The platform's side: (claim, right, identifier) each, proven in an epoch's map.

    `NotScreened` where the claim is not on this right of this vehicle. The holder alone, if it is
    the asker, gets its commitment opened.
    """
    questions = [(claim_id, right, normal(text)) for claim_id, right, text in wanted]
    _check_claims(questions)
    secret = vrf_secret()
    proofs = [secret.prove(alpha(right, identifier)) for _claim, right, identifier in questions]
    indexes = [index_of(proof_to_hash(proof)) for proof in proofs]
    found = look_up(indexes, epoch)
    made = []
    for (_claim, right, identifier), proof, index in zip(questions, proofs, indexes, strict=True):
        leaf = found[index].leaf
        opened = leaf.opening() if leaf is not None and leaf.holder == asker else None
        commitment = None if leaf is None else leaf.commitment
        made.append(Answer(right, identifier, proof, found[index].proof, commitment, opened))
    return made


def _check_claims(questions: list[tuple[UUID, str, str]]) -> None:
    with transaction.atomic():
        version = enter_registry().current
        rows = RightClaim.objects.filter(claim_id__in={claim for claim, _, _ in questions})
        known = {
            (claim_id, right, bytes(index))
            for claim_id, right, index in rows.values_list("claim_id", "right", "asset_index")
        }
    for claim_id, right, identifier in questions:
        if (claim_id, right, blind_index(identifier, version)) not in known:
            raise NotScreened
