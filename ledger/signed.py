"""Which stored checkpoints the log's key signed.

The database lets nobody store one of another tree, but cannot tell who signed: where somebody
stored a note of his own, going over the log names it, sealing seals anew, and files do without it.
"""

from ledger.core.errors import LedgerError
from ledger.core.log_keys import LogKeys
from ledger.log_keys import own_log_keys
from ledger.models import Checkpoint


def newest_signed(keys: LogKeys | None = None) -> Checkpoint | None:
    """The newest checkpoint that a key of the log signed; `keys`: the log's, for who has them."""
    # a ledger that is lost, or was never opened, has no keys, and no checkpoint
    for row in Checkpoint.objects.order_by("-size").iterator(chunk_size=1):
        keys = keys or own_log_keys()
        if is_signed(row, keys):
            return row
    return None


def signed_covering(index: int) -> Checkpoint | None:
    """That one, if it covers entry `index`."""
    found = newest_signed()
    return found if found is not None and found.size > index else None


def is_signed(checkpoint: Checkpoint, keys: LogKeys) -> bool:
    """Whether the key that signs a log of its size signed it."""
    try:
        keys.open(bytes(checkpoint.note))
    except LedgerError:
        return False
    return True
