"""What the platform told of its map so far, by its own table: the newest root, and hand-overs."""

import structlog

from ledger.core.errors import LedgerError, MalformedError
from ledger.core.title_keys import TitleKeys
from ledger.core.title_root import SignedRoot
from tenants.models import TitleEpoch

log = structlog.get_logger("titles")


def newest_told() -> SignedRoot | None:
    """The newest epoch's root that can be read; its signature is not looked at.

    What cannot be read is passed over: it is alarmed on every ledger, and the next epoch is due.
    """
    for row in TitleEpoch.objects.order_by("-epoch").iterator(chunk_size=1):
        try:
            return SignedRoot.of_fields(row.fields)
        except MalformedError as error:
            log.error("title_epoch_unreadable", epoch=row.epoch, reason=str(error))
    return None


def told_in(epoch: int) -> SignedRoot | None:
    """The root of an epoch; None if there is none that can be read."""
    row = TitleEpoch.objects.filter(epoch=epoch).first()
    try:
        return None if row is None else SignedRoot.of_fields(row.fields)
    except MalformedError:
        return None


def told_handovers() -> list[SignedRoot]:
    """The roots from which on other keys reigned, oldest first; those that hold."""
    found = []
    for row in TitleEpoch.objects.filter(fields__has_key="old_key").order_by("epoch"):
        try:
            signed = SignedRoot.of_fields(row.fields)
            signed.verify()
        except LedgerError:
            continue
        found.append(signed)
    return found


def key_handovers() -> tuple[SignedRoot, ...]:
    """Those of them in which the roots' key changed: what leads a reader from one to another."""
    return tuple(item for item in told_handovers() if item.changes_key)


def told_keys() -> TitleKeys | None:
    """The registry's keys as it tells of them; None before the first epoch."""
    first = _first_told()
    try:
        return None if first is None else TitleKeys.led(first.key, key_handovers())
    except LedgerError:
        return TitleKeys(((0, first.key),)) if first is not None else None


def _first_told() -> SignedRoot | None:
    """The oldest epoch's root that can be read and holds."""
    for row in TitleEpoch.objects.order_by("epoch").iterator(chunk_size=1):
        try:
            signed = SignedRoot.of_fields(row.fields)
            signed.verify()
        except LedgerError:
            continue
        return signed
    return None
