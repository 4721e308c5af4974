"""Going over this tenant's own log."""

from ledger import selectors
from ledger.checking import comparing
from ledger.checking.contents import NO_ROW, Erasures, is_there, look, look_at_items
from ledger.checking.holding import check_held
from ledger.checking.lives import Lives, Teller, check_tellers
from ledger.checking.reading import Content, chunks, own_content, own_rows
from ledger.checking.receipts import check_cosignatures
from ledger.core.audit import AuditError
from ledger.core.erasures import KIND, SHOWN
from ledger.core.gathering import Gathered
from ledger.core.leaves import Leaf
from ledger.core.payloads import Payload
from ledger.core.stored import StoredLog
from ledger.drafts import instant
from ledger.log_keys import own_log_keys, own_second_keys
from ledger.models import Checkpoint, Cosignature, Erasure, Head, Items, Restoration
from ledger.problems import LogKeysUnreadable
from tenants.problems import Problem

_WENT_ON = "other entries were signed up to here, with a checkpoint that is not stored"
TAPE = "tape.imported"  # its items are the rows that follow it


class OwnCheck:
    """One check; `run` raises `AuditError` with the first thing that is not as it was signed."""

    def __init__(self) -> None:
        self.walk: StoredLog | None = None
        self.unheard = ""
        self._erasures = Erasures(_still_there)
        self._lives = Lives()
        self._tellers: dict[str, Teller] = {}

    def run(self) -> None:
        """Go over all that the log holds when this begins."""
        if (head := Head.objects.first()) is None:
            raise AuditError(0, "head", "it is missing")
        words, self.unheard = comparing.words_of_others(head)
        head.refresh_from_db()  # it is never behind what others said before
        try:
            keys, second = own_log_keys(), own_second_keys()
        except LogKeysUnreadable as problem:
            raise AuditError(0, "directory", problem.text("detail")) from problem
        with Gathered() as signatures:
            self.walk = walk = StoredLog(head.log_id, keys.first, second, signatures.check)
            self._walk(walk, head, words)
        comparing.check_beyond()
        comparing.check_turns(walk.keys)
        comparing.check_directory(walk.keys, keys)
        self._erasures.end(head.size, Erasure.objects.all(), _says)
        check_tellers(self._tellers)
        comparing.check_signing_keys(walk.keys, self._lives, head.size)
        check_cosignatures(head.size, head.log_id)
        check_held(head.size)

    def _walk(self, walk: StoredLog, head: Head, words: comparing.Words) -> None:
        self._opening = selectors.Opener(head.log_id)
        self._left_out = _left_out()
        comparing.check_ends(words, head.size)
        for start, end in chunks(head.size):
            self._chunk(walk, start, end, words)
        walk.end(head.size, bytes(head.peaks), "head")
        walk.root(head.size, bytes(head.root), "head")

    def _chunk(self, walk: StoredLog, start: int, end: int, words: comparing.Words) -> None:
        notes = Checkpoint.objects.filter(size__gt=start, size__lte=end).in_bulk()
        held = Items.objects.filter(index__gte=start, index__lt=end)
        batches = set(held.values_list("index", flat=True))
        for entry, content in own_rows(start, end):
            index = entry.index
            leaf = walk.take(entry, lambda leaf, i=index, row=content: self._show(i, leaf, row))
            self._items(index, leaf, index in batches)
            size = walk.frontier.size
            if (row := notes.get(size)) is not None:
                signed_at = walk.checkpoint(row.size, bytes(row.root), bytes(row.note))
                comparing.check_sealed(row, signed_at)
            for root, part in words.get(size, ()):
                if row is None and root != walk.frontier.root():
                    raise AuditError(size, part, _WENT_ON)
                walk.root(size, root, part)
        lines = Cosignature.objects.filter(size__gt=start, size__lte=end).order_by("size")
        for line in lines.iterator(chunk_size=200):
            comparing.check_cosignature(line, notes.get(line.size))

    def _show(self, index: int, leaf: Leaf, row: Content | None) -> Payload | None:
        if row is None:
            raise AuditError(index, "content", NO_ROW)
        if not is_there(index, row, "content"):
            if leaf.core.kind in SHOWN:
                raise AuditError(index, "content", "everybody reads it, and it is gone")
            if row.erased_at is not None:
                self._erasures.gone(index)
            elif index not in self._left_out[0]:
                raise AuditError(index, "content", "it is gone, and no restoration left it out")
            return None
        payload = look(self._opening, leaf, row, lambda: own_content(index))
        if payload is not None and leaf.core.kind == KIND:
            self._erasures.learn(index, payload)
            teller = payload.fields.get("erased_by", ""), instant(leaf.core.ts)
            self._tellers.setdefault(payload.fields["entry"], teller)
        if payload is not None:
            self._lives.learn(leaf.core, payload.fields)
        return payload

    def _items(self, index: int, leaf: Leaf, is_held: bool) -> None:
        if leaf.core.items_root is None or leaf.core.kind == TAPE:
            if is_held:
                raise AuditError(index, "items", "items stand beside an entry that has none")
            return
        row = _batch(index)
        if row is not None and is_there(index, row, "items"):
            look_at_items(self._opening, index, leaf, row, lambda: _batch(index))
        elif row is not None and row.erased_at is not None:
            self._erasures.gone(index)
        elif index not in self._left_out[1] and not self._erasures.is_gone(index):
            raise AuditError(index, "items", "it is gone, and no restoration left it out")


def _batch(index: int) -> Items | None:
    return Items.objects.filter(pk=index).first()


def _left_out() -> tuple[set[int], set[int]]:
    """Entries whose contents and items did not come back with the log."""
    taken = Restoration.objects.filter(by_us=True, state=Restoration.State.TAKEN)
    payloads, items = set[int](), set[int]()
    for row in taken:
        payloads.update(row.missing_payloads)
        items.update(row.missing_items)
    return payloads, items


def _still_there(index: int) -> bool:
    held = own_content(index)
    rows = Items.objects.filter(pk=index, ciphertext__isnull=False)
    return rows.exists() or (held is not None and held.ciphertext is not None)


def _says(told_by: int, index: int) -> bool:
    try:
        record = selectors.record(told_by)
    except Problem:
        return False
    return record.kind == KIND and record.fields.get("entry") == str(index)
