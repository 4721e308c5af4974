"""Proves a title proof: rights stood in the registry's map of an epoch, or did not.

What holds after `prove_title` returned: the log holds a `registry.root` entry with the root of that
epoch, the platform's key signed it, the VRF's key in it gives each right on each identifier one
index, and the map of that root holds there what is said. What it cannot say: anything of later
epochs, of what the platform did not put into its map (its holders look for theirs in each epoch),
or whether other identifiers name the same vehicle.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from ledger.core.cut import CUT_SHORT, is_cut
from ledger.core.errors import LedgerError, ProofError
from ledger.core.notes import NoteKey
from ledger.core.title_keys import TitleKeys
from ledger.core.title_proof import FREE, HELD, MAX_BYTES, TAKEN, Answer, TitleProof, overall
from ledger.core.title_root import KIND, SignedRoot
from ledger.verifier.disclosure import Disclosed, verify_disclosed
from ledger.verifier.report import told_of_cosigners, unpinned_cosigners
from ledger.verifier.state import Lie

_LISTED = 10


@dataclass(frozen=True, slots=True)
class ProvenTitle:
    """What was proven: for each answer free, taken or held."""

    answers: tuple[tuple[str, Answer], ...]
    signed: SignedRoot
    entry: Disclosed
    handovers: tuple[SignedRoot, ...] = ()

    @property
    def verdict(self) -> str:
        """One word for all: free, held, mixed, or taken if anything is."""
        return overall(verdict for verdict, _answer in self.answers)


def prove_title(
    data: bytes,
    *,
    pinned: Iterable[NoteKey] = (),
    title_key: NoteKey | None = None,
    portable: bool = True,
) -> ProvenTitle:
    """Prove a file; `Lie` names the first part that does not hold.

    `pinned`: log keys that the reader trusts. `title_key`: the platform's key, if he has it;
    one of before or after is led to the root's by the hand-overs in the file.
    """
    try:
        file = TitleProof.parse(data)
    except LedgerError as error:
        told = CUT_SHORT if len(data) <= MAX_BYTES and is_cut(data) else str(error)
        raise Lie("file", "format", told) from error
    entry = verify_disclosed(file.entry, pinned=pinned, portable=portable)
    part = "root"
    try:
        if entry.leaf.core.kind != KIND or entry.hidden:
            raise ProofError(f"the entry is no {KIND} with all its fields shown")
        signed = SignedRoot.of_fields(entry.fields)
        signed.verify(portable=portable)
        keys = TitleKeys.led(signed.key, file.handovers, portable=portable)
        keys.check(signed, title_key)
        part = "map"
        root = signed.root
        answers = tuple(
            (answer.verify(root=root.root, vrf_key=root.vrf_key, epoch=root.epoch), answer)
            for answer in file.answers
        )
    except LedgerError as error:
        raise Lie("file", part, str(error)) from error
    return ProvenTitle(answers, signed, entry, file.handovers)


def told_of_title(
    found: ProvenTitle,
    *,
    is_pinned: bool,
    knows_title_key: bool,
    witnesses: frozenset[NoteKey] = frozenset(),
) -> list[str]:
    """Lines for a reader: what is proven, and what is not."""
    root, entry = found.signed.root, found.entry
    told = [
        f"{'PROVEN' if is_pinned else 'HOLDS TOGETHER'} {entry.log_key.name}",
        f"  verdict       {found.verdict}, as of epoch {root.epoch}",
        *(f"  answer        {line}" for line in _told_of_answers(found)),
    ]
    unchecked = [] if is_pinned else ["whose log this is (no --log-key): compare the key below"]
    if not knows_title_key:
        unchecked.append("whether the registry's key is the platform's (no --title-key)")
    if not entry.cosigned:
        unchecked.append("whether others were shown the same log (nobody cosigned)")
    unchecked += unpinned_cosigners(entry.cosigned, witnesses)
    unchecked += [
        "later epochs",
        "whether the platform put every held right into its map (its holder looks in each epoch)",
        "other identifiers of the same vehicle",
    ]
    return [
        *told,
        f"  map           epoch {root.epoch}, sealed {root.sealed_at}, {root.rights} rights, "
        f"root {root.root.hex()}",
        f"  entry         {entry.index} of {entry.checkpoint.size}, {entry.leaf.core.kind}",
        *(f"  {line}" for line in told_of_cosigners(entry.cosigned, witnesses)),
        "  not checked   " + "; ".join(unchecked),
        f"  registry key  {found.signed.key.vkey()}",
        *(
            f"  handed over   in epoch {item.root.epoch} to {item.key.vkey()}"
            for item in found.handovers
        ),
        *([] if is_pinned else [f"  log key       {entry.log_key.vkey()}"]),
    ]


def _told_of_answers(found: ProvenTitle) -> list[str]:
    """A line for each; of many the counts, and those that are taken."""
    answers = found.answers
    if len(answers) <= _LISTED:
        return [_told_of_answer(verdict, answer) for verdict, answer in answers]
    counts = Counter(verdict for verdict, _answer in answers)
    taken = [_told_of_answer(*pair) for pair in answers if pair[0] == TAKEN]
    more = [f"… {len(taken) - _LISTED} more"] if len(taken) > _LISTED else []
    holders = {answer.opening.holder for _, answer in answers if answer.opening is not None}
    listed = ", ".join(f"{count} {verdict}" for verdict, count in sorted(counts.items()))
    held = [f"held by {', '.join(map(repr, sorted(holders)[:_LISTED]))}"] if holders else []
    return [f"{len(answers)}: {listed}", *held, *taken[:_LISTED], *more]


def _told_of_answer(verdict: str, answer: Answer) -> str:
    what, opening = f"{answer.right!r} on {answer.identifier!r}", answer.opening
    if verdict == HELD and opening is not None:
        return f"{opening.holder!r} held {what}, {opening.state!r}, since epoch {opening.since}"
    return f"{'nobody' if verdict == FREE else 'somebody'} held {what}"
