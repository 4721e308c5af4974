"""The keys that sign the title registry's roots, in their order. Pure.

A roots' key changes in one epoch: its root (`title-root/2`) is signed by the key of before and by
the one that reigns from then on, and names both. So whoever knows one of a registry's keys is led
to the others by these roots alone, and knows in which epochs each of them counts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ledger.core.errors import ProofError, SignatureError
from ledger.core.notes import NoteKey
from ledger.core.title_root import SignedRoot


@dataclass(frozen=True, slots=True)
class TitleKeys:
    """The roots' keys in order, each with the epoch that handed over to it; the first has 0.

    `changes`: the hand-overs, one fewer.
    """

    reigns: tuple[tuple[int, NoteKey], ...]
    changes: tuple[SignedRoot, ...] = ()

    @classmethod
    def led(
        cls, key: NoteKey, handovers: Iterable[SignedRoot], *, portable: bool = False
    ) -> TitleKeys:
        """Those that hand-overs tell of, by rising epoch; `key` alone where there are none.

        `LedgerError` for the first that does not hold, or does not follow the one before.
        """
        reigns: list[tuple[int, NoteKey]] = []
        changes = tuple(handovers)
        for item in changes:
            item.verify(portable=portable)
            change = item.root.change
            if change is None or not item.changes_key:
                raise ProofError("the hand-over changes no key")
            reigns = reigns or [(0, change.old_key)]
            since, newest = reigns[-1]
            if item.root.epoch <= since or change.old_key != newest:
                raise ProofError("the hand-overs of the registry's key do not follow each other")
            reigns.append((item.root.epoch, item.key))
        return cls(tuple(reigns or [(0, key)]), changes)

    def at(self, epoch: int) -> NoteKey:
        """The key that signs the root of an epoch; in the one that hands over, the new one."""
        return next(key for since, key in reversed(self.reigns) if since <= epoch)

    def signers(self, epoch: int) -> frozenset[NoteKey]:
        """Whose word counts in an epoch: in the one that hands over, both."""
        keys = {self.at(epoch)}
        if epoch in {since for since, _key in self.reigns[1:]}:
            keys.add(self.at(epoch - 1))
        return frozenset(keys)

    def check(self, signed: SignedRoot, trusted: NoteKey | None) -> None:
        """`LedgerError` unless its key reigned in its epoch, and `trusted` leads to it.

        A root of an epoch before a hand-over that says to be sealed after it is by whoever has the
        old key since: numbers of epochs alone cost him nothing.
        """
        epoch = signed.root.epoch
        if self.at(epoch) != signed.key:
            raise ProofError(f"in epoch {epoch} another key of the registry reigned")
        after = next((item.root for item in self.changes if item.root.epoch > epoch), None)
        if after is not None and signed.root.instant() > after.instant():
            raise ProofError(
                f"it was sealed after epoch {after.epoch}, in which its key handed over"
            )
        if trusted is not None and trusted not in {key for _since, key in self.reigns}:
            raise SignatureError("the registry's key is not the one that you trust")
