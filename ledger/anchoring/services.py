"""Adding outsiders, showing them checkpoints, and following what becomes of it.

Nothing here is part of sealing: an outsider that is away, hostile or dear only delays its own
receipt. The row is committed before the outsider is asked, so a crash leaves something to go on
from; asking twice does no harm (`Anchor.post`).
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import transaction

from ledger.anchoring.statement import AnchorError, Standing, Statement
from ledger.anchoring.targets import anchor_of, check_packages, hours_of, terms_of
from ledger.backoff import wait_after
from ledger.models import AnchorKind, AnchorReceipt, AnchorTarget, Checkpoint, ReceiptState
from ledger.problems import AnchorKept, AnchorUnwanted
from ledger.signed import newest_signed
from tenants.problems import FieldError

log = structlog.get_logger("anchoring")
_OPEN = (ReceiptState.WAITING, ReceiptState.POSTED)
MAX_WAIT = timedelta(hours=6)


@transaction.atomic
def add_target(*, typed: Mapping[str, str], by: UUID, at: datetime) -> AnchorTarget:
    """A new outsider, switched off. Raises `AnchorUnwanted` naming every wrong field."""
    kind, name = typed.get("kind", ""), typed.get("name", "").strip()
    terms = terms_of(kind, typed)
    if not name or len(name) > 80 or AnchorTarget.objects.filter(name=name).exists():
        text = "A name of its own is expected, of at most 80 characters."
        raise AnchorUnwanted(errors=[FieldError("name", "not_its_own", text)])
    return AnchorTarget.objects.create(
        kind=kind,
        name=name,
        url=typed["url"],
        terms=terms,
        every_hours=hours_of(typed.get("every_hours", "")),
        added_by=by,
        added_at=at,
    )


@transaction.atomic
def switch_target(*, target: AnchorTarget, on: bool) -> AnchorTarget:
    """Switch an outsider on or off. Receipts stay; raises if it cannot be asked from here."""
    if on:
        check_packages(target.kind)
        if target.kind == AnchorKind.EVM and not target.terms["contract"]:
            text = "The contract is not deployed yet: name its address first."
            raise AnchorUnwanted(errors=[FieldError("contract", "missing", text)])
    target.is_active = on
    target.save(update_fields=["is_active"])
    return target


def is_removable(target: AnchorTarget, by: UUID) -> bool:
    """Whether this person may delete it: who added it, while it was never asked."""
    return target.added_by == by and not target.receipts.exists()


@transaction.atomic
def delete_target(*, target: AnchorTarget, by: UUID) -> None:
    """Delete an outsider that was never asked, by who added it. Raises `AnchorKept`."""
    locked = AnchorTarget.objects.select_for_update().get(pk=target.pk)
    if locked.receipts.exists():
        raise AnchorKept
    if not is_removable(locked, by):
        raise AnchorKept(detail="Only the person who added it may delete it.")
    locked.delete()


@transaction.atomic
def name_contract(*, target: AnchorTarget, contract: str) -> None:
    """The address at which a target's contract stands."""
    locked = AnchorTarget.objects.select_for_update().get(pk=target.pk)
    terms = {name: str(value) for name, value in locked.terms.items()} | {"contract": contract}
    locked.terms = terms_of(locked.kind, terms | {"url": locked.url})
    locked.save(update_fields=["terms"])


def anchor_now(*, target: AnchorTarget, at: datetime) -> AnchorReceipt | None:
    """Take one target a step further: post the newest checkpoint, or follow what was posted.

    Answers the receipt that it worked on; None if nothing is due. Call outside of a transaction.
    """
    receipt = target.receipts.filter(state__in=_OPEN).order_by("size").first()
    if receipt is not None and _is_early(receipt, at):
        return None
    if receipt is None:
        receipt = _begin(target, at)
    if receipt is None:
        return None
    statement = Statement(bytes(Checkpoint.objects.get(size=receipt.size).note))
    try:
        found = _ask(target, receipt, statement)
    except AnchorError as error:
        _note_failure(receipt, error, at)
        return receipt
    receipt.state = ReceiptState.CONFIRMED if found.is_confirmed else ReceiptState.POSTED
    receipt.receipt, receipt.reference = found.receipt, found.reference[:120]
    receipt.anchored_at, receipt.asked_at, receipt.detail = found.at, at, ""
    receipt.save()
    return receipt


def _begin(target: AnchorTarget, at: datetime) -> AnchorReceipt | None:
    """A row for the newest checkpoint, if it is new and the last one long enough ago."""
    latest = newest_signed()
    last = target.receipts.order_by("-size").first()
    if latest is None or (last is not None and last.size >= latest.size):
        return None
    begun = None if last is None else last.asked_at
    if begun is not None and begun <= at < begun + timedelta(hours=target.every_hours):
        return None
    digest = Statement(bytes(latest.note)).digest
    return AnchorReceipt.objects.create(target=target, size=latest.size, digest=digest)


def _is_early(receipt: AnchorReceipt, at: datetime) -> bool:
    """After each failure twice the time, from one minute up to `MAX_WAIT`."""
    if receipt.asked_at is None or at < receipt.asked_at:  # a clock set back delays nothing
        return False
    wait = wait_after(receipt.tries, first=timedelta(minutes=1), last=MAX_WAIT)
    return at < receipt.asked_at + wait


def _ask(target: AnchorTarget, receipt: AnchorReceipt, statement: Statement) -> Standing:
    anchor = anchor_of(target)
    if receipt.state == ReceiptState.WAITING:
        return anchor.post(statement)
    found = anchor.check(statement, bytes(receipt.receipt))
    if not found.is_confirmed and receipt.tries >= 5:
        receipt.tries = 0
        return anchor.post(statement)  # lost on its way, or a reorganisation took it
    receipt.tries += 1
    return found


def _note_failure(receipt: AnchorReceipt, error: AnchorError, at: datetime) -> None:
    receipt.tries, receipt.detail, receipt.asked_at = receipt.tries + 1, str(error)[:500], at
    if error.final:
        receipt.state = ReceiptState.FAILED
    receipt.save()
    log.warning("anchor_failed", target=receipt.target.name, reason=str(error))
