"""Which stored checkpoints the log's key signed.

The database lets nobody store one of another tree, but cannot tell who signed: where somebody
stored a note of his own, going over the log names it, sealing seals anew, and files do without it.
"""

from collections.abc import Sequence

from ledger.core.errors import LedgerError
from ledger.core.log_keys import LogKeys
from ledger.core.notes import Note, NoteKey
from ledger.log_keys import own_log_keys, own_second_keys
from ledger.models import Checkpoint


def newest_signed(keys: LogKeys | None = None) -> Checkpoint | None:
    """The newest checkpoint that a key of the log signed; `keys`: the log's, for who has them."""
    # a ledger that is lost, or was never opened, has no keys, and no checkpoint
    second = None
    for row in Checkpoint.objects.order_by("-size").iterator(chunk_size=1):
        keys = keys or own_log_keys()
        second = own_second_keys(keys.first.name) if second is None else second
        if is_signed(row, keys, second):
            return row
    return None


def signed_covering(index: int) -> Checkpoint | None:
    """That one, if it covers entry `index`."""
    found = newest_signed()
    return found if found is not None and found.size > index else None


def is_signed(
    checkpoint: Checkpoint, keys: LogKeys, second: Sequence[NoteKey] | None = None
) -> bool:
    """Whether its note is one that this log made: by the key that signs a log of its size, where
    the log's key changes by both, and with no line that does not hold or is somebody else's.

    Who serves may store any note of the tree: without a line of the log's, or with a broken one,
    it would end the exports of all times. `second`: the log's ML-DSA-44 keys, for who has them.
    """
    try:
        note = Note.parse(bytes(checkpoint.note))
        second = own_second_keys(keys.first.name) if second is None else second
        tree, verified = keys.open(bytes(checkpoint.note), (*keys.all, *second))
    except LedgerError:
        return False
    wanted = {keys.at(tree.size)}
    if tree.size - 1 in keys.handed_over:
        wanted.add(keys.at(tree.size - 1))
    own = all(line.name == tree.origin for line in note.lines)
    lines_fit = len(note.lines) <= 2 * len(keys.reigns)  # each key of either kind once
    return own and lines_fit and wanted <= {item.key for item in verified}
