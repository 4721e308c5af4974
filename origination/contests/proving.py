"""An entry of one's own ledger as part of an answer, proven for operators without access."""

from dataclasses import dataclass

from ledger.choosing import chosen_proof_file
from ledger.core.errors import LedgerError
from ledger.core.leaves import Leaf
from ledger.core.notes import NoteKey
from ledger.core.tlog_proof import TlogProof, verify_proof
from ledger.drafts import instant
from ledger.explorer import key_under
from ledger.log_keys import own_log_keys
from ledger.problems import NoSuchEntry
from ledger.selectors import entry
from origination.contests.problems import ContestInvalid
from tenants.models import ContestQuestion, PublishedKey
from tenants.problems import FieldError


@dataclass(frozen=True)
class Named:
    """An entry that an answer names; `proof` is None while no checkpoint covers it."""

    index: int
    leaf: bytes
    proof: bytes | None


def named_entry(index: int | None, proof: bytes | None) -> Named | None:
    """The entry of this tenant's log, with the proof that was given or else the log's own.

    Raises `ContestInvalid` for a proof that does not verify or is of another entry.
    """
    if index is None and proof is None:
        return None
    if proof is not None:
        index = _index_of(proof, index)
    assert index is not None
    try:
        leaf = bytes(entry(index).leaf)
    except NoSuchEntry as error:
        what = "Your ledger has no such entry."
        mend = "Look it up in your ledger and write its number."
        raise ContestInvalid(errors=[FieldError("entry", "unknown", what, mend)]) from error
    if proof is None:
        return Named(index, leaf, chosen_proof_file(index))
    _verify(proof, leaf)
    return Named(index, leaf, proof)


def _refused(code: str, what: str) -> ContestInvalid:
    mend = "Download the proof from the entry's page in your ledger, or leave it out."
    return ContestInvalid(errors=[FieldError("proof", code, what, mend)])


def _index_of(proof: bytes, index: int | None) -> int:
    try:
        found = TlogProof.parse(proof).index
    except LedgerError as error:
        raise _refused("malformed", "This is no .tlog-proof file.") from error
    if index not in {None, found}:
        raise _refused("other_entry", "This proof is of another entry than the one named.")
    return found


def _verify(proof: bytes, leaf: bytes) -> None:
    try:
        found = TlogProof.parse(proof)
        verify_proof(found, leaf, key_under(found, own_log_keys()))
    except LedgerError as error:
        raise _refused("unproven", "This proof does not verify in your ledger.") from error


def proven(question: ContestQuestion) -> bool | None:
    """Whether an answer's proof verifies under that institution's published log key; None: none.

    From the shared tables alone, on the platform's host.
    """
    if question.proof is None or question.leaf is None:
        return None
    keys = PublishedKey.objects.filter(tenant=question.tenant_id, purpose=PublishedKey.LOG)
    for text in keys.values_list("key", flat=True):
        try:
            proof = TlogProof.parse(bytes(question.proof))
            verify_proof(proof, bytes(question.leaf), NoteKey.parse(text))
        except LedgerError:
            continue
        return True
    return False


def entry_words(question: ContestQuestion) -> dict[str, object]:
    """Kind and time of the named entry, from its leaf."""
    if question.leaf is None:
        return {}
    core = Leaf.parse(bytes(question.leaf)).core
    return {"kind": core.kind, "at": instant(core.ts)}
