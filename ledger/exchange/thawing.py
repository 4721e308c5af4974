"""A log taken back while its signer is frozen: the freeze ends where the log has what froze it."""

from django.db import transaction

from ledger.core.errors import LedgerError, ProofError
from ledger.core.log_keys import HandedOver, LogKeys
from ledger.drafts import instant
from ledger.selectors import root_at
from ledger.signing import Signer
from ledger.signing.freeze import Contradiction, Freeze
from ledger.witnessing.hearing import is_ours


def is_mended(found: Contradiction, size: int, keys: LogKeys) -> bool:
    """Whether the stored log of `size` entries has the tree that froze it."""
    if not found.proven:
        return size >= found.held > 0
    try:
        return is_ours(keys.open_reigning(found.note.encode()))
    except LedgerError:
        return False


def _proves(found: Contradiction, keys: LogKeys) -> bool:
    """Whether the key that signs a log of that size signed what froze this one.

    A file of before the log's key changed may rest on what another key signed.
    """
    try:
        return found.proven and bool(keys.open_reigning(found.note.encode()))
    except HandedOver:
        return False
    except LedgerError:
        return True


def check_restored(signer: Signer, size: int, keys: LogKeys) -> Contradiction | None:
    """Raise `ProofError` unless the restored log has what was signed, and what froze it if it is.

    Answers the freeze that is thereby mended; None where there is none, or what proves nothing: a
    mere word for more, which ends by itself, or a tree that another key of the log signed.
    """
    signed = signer.last()
    if signed is not None and signed[0] > size:
        raise ProofError(
            f"the signer remembers {signed[0]} entries, and only {size} came back; "
            "ask a counterparty that holds more, or restore a backup"
        )
    if signed is not None and root_at(signed[0]) != signed[1]:
        raise ProofError(
            f"what came back is another history than the {signed[0]} entries that were signed; "
            "ask another counterparty, or restore a backup"
        )
    found = signer.freeze.read()
    if found is None or is_mended(found, size, keys):
        return found
    if _proves(found, keys):
        raise ProofError(
            f"the signer is frozen by a tree of {found.held} entries, which the {size} that came "
            f"back do not have; ask whoever holds it: {found.witness}"
        )
    return None


def resolve_after_commit(freeze: object, giver: str, at: object) -> None:
    """Once the restored log stands, its freeze is resolved, where this process keeps the file.

    A signer that runs apart takes that from nobody over its socket: its user does it.
    """
    if isinstance(freeze, Freeze):
        reason = f"the log was restored from the copy of {giver}, and has the tree that froze it"
        transaction.on_commit(lambda: freeze.resolve(reason=reason, at=instant(at).isoformat()))
