"""Making a disclosure file of one entry of this tenant's log."""

from collections.abc import Iterable, Mapping

from ledger.choosing import chosen_checkpoint
from ledger.core.disclosed import Beside, DisclosureFile
from ledger.core.fields import disclose
from ledger.core.keyring import KINDS
from ledger.core.log_keys import ROTATED
from ledger.core.notes import Note, NoteKey
from ledger.core.tlog_proof import TlogProof
from ledger.models import Entry, Head
from ledger.problems import NotSealed
from ledger.reading import read_leaf
from ledger.selectors import OpenedRecord, inclusion_proof, payloads, proof_file, record
from ledger.services.export import header_of

_OF_A_KEY = ("kid", "role", "public_key", "authority", "old", "new", "new_mldsa")


def disclosure_file(*, index: int, names: Iterable[str]) -> bytes:
    """The file that shows `names` of an entry; `NotSealed` while no checkpoint covers it.

    `MalformedError` for a name that the payload does not have; `PayloadErased` if it has none.
    """
    shown = record(index)
    checkpoint = chosen_checkpoint(index)
    proof = checkpoint and proof_file(index, checkpoint)
    if checkpoint is None or proof is None:
        raise NotSealed
    size = checkpoint.size
    header = header_of(Head.objects.get(), size)
    parsed, entry = TlogProof.parse(proof), Entry.objects.get(index=index)
    keys = {(key.name, key.id): key.vkey() for key in map(NoteKey.parse, header.cosigners)}
    own = NoteKey.parse(header.log_keys[-1])
    note = Note.parse(parsed.checkpoint)
    places = ((line.name, line.id) for line in note.lines)
    used = [place for place in dict.fromkeys(places) if place in keys]
    known = {(own.name, own.id), *used}
    lines = tuple(line for line in note.lines if (line.name, line.id) in known)
    kept = Note(note.text, lines).to_bytes()
    return DisclosureFile(
        leaf=bytes(entry.leaf),
        shown=disclose(shown.payload.fields, shown.payload.salts, names),
        proof=TlogProof(index, parsed.hashes, kept).to_bytes(),
        log_key=header.log_keys[-1],
        cosigners=tuple(keys[place] for place in used),
        beside=tuple(_beside(entry, size)),
    ).to_bytes()


def _beside(entry: Entry, size: int) -> Iterable[Beside]:
    """What says who signed the entry: its tape, and keys' entries up to the log's first one.

    And each change of the log's key before the checkpoint, which may come after the entry.
    """
    turns = Entry.objects.filter(kind=ROTATED, index__lt=size).values_list("index", flat=True)
    last = max([entry.index, *turns])  # who signed a change may have been enrolled after the entry
    rows = {row.index: row for row in Entry.objects.filter(kind__in=KINDS, index__lte=last)}
    told = {item.index: item for item in payloads(rows)}
    wanted = {index for index, row in rows.items() if row.kind == ROTATED}
    wanted |= set(_signers({entry.kid, *(rows[turn].kid for turn in wanted)}, rows, told))
    row = read_leaf(entry.index, bytes(entry.leaf)).row
    if row is not None:
        tape = Entry.objects.get(kind="tape.imported", rid=row.rid)
        rows[tape.index] = tape
        wanted.add(tape.index)
    for index in sorted(wanted):
        plain = told[index].payload if index in told else None
        names = [name for name in _OF_A_KEY if plain is not None and name in plain.fields]
        shown = None if plain is None else disclose(plain.fields, plain.salts, names)
        path = tuple(inclusion_proof(index, size))
        yield Beside(index, bytes(rows[index].leaf), path, shown)


def _signers(
    kids: set[str], rows: Mapping[int, Entry], told: Mapping[int, OpenedRecord]
) -> Iterable[int]:
    """Entries of these keys, and of the keys that signed those."""
    seen: set[str] = set()
    while kids:
        seen |= kids
        found = [index for index, item in told.items() if item.fields.get("kid") in kids]
        yield from found
        kids = {rows[index].kid for index in found} - seen
