"""What others hold of our log, asked before it is signed: witnesses, and counterparties as such.

A database and a signer's memory that were restored from one old backup agree with each other; only
somebody outside can tell that more was signed. So whoever cosigns this log is asked for the newest
checkpoint that he holds, when this process has no word of his or an old one. Only what
our own key signed counts, of several the one that signs a log of that size. Nobody who is silent
holds up sealing; one who holds a tree that we lack does.
"""

import time
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.conf import settings

from ledger.core.checkpoints import Checkpoint as TreeHead
from ledger.core.errors import LedgerError
from ledger.core.log_keys import LogKeys
from ledger.core.witness import MAX_BYTES, origin_hash
from ledger.drafts import instant
from ledger.log_keys import own_log_keys
from ledger.models import Head, Outbox, Witness, WitnessWord
from ledger.outbound import request
from ledger.problems import AddressRefused, NoAnswer, NoSuchEntry
from ledger.selectors import consistency_proof, root_at
from ledger.signing import Signer, signer_of
from ledger.signing.freeze import Contradiction
from ledger.signing.rules import Growth
from ledger.witnessing.telling import storable, told_of
from tenants.context import current_tenant
from tenants.models import Relationship, Tenant
from tenants.templatetags.ui import institution

FRESH_SECONDS = 60.0
"""A word this old still counts: sealing is more frequent than witnesses want to be asked."""
ASK_SECONDS = 3.0
"""How long one may take to answer; all are asked at once."""
AT_ONCE = 8

Shown = tuple[TreeHead, bytes]
"""A tree of ours that somebody holds, and the note with our signature."""


@dataclass(frozen=True)
class Word:
    """What one cosigner showed last; `silent` says why the newest asking brought nothing."""

    name: str
    url: str
    asked: float = 0.0  # monotonic seconds
    shown: Shown | None = None
    silent: str = ""
    params: Mapping[str, str] = field(default_factory=dict)


_words: dict[tuple[str, str], Word] = {}  # of this process: a new one has heard nothing


def hear(head: Head, *, at: datetime | str) -> list[Word]:
    """The word of everybody who cosigns this log; asks those whose last word is old.

    To be called outside transactions: it takes up to `ASK_SECONDS`. The head is to be read after.
    """
    keys, now = own_log_keys(), time.monotonic()
    words = [_words.get((head.log_id, url), Word(name, url)) for url, name in addresses().items()]
    due = [word for word in words if not word.asked or now - word.asked > FRESH_SECONDS]
    if due:
        with ThreadPoolExecutor(min(AT_ONCE, len(due))) as pool:
            heard = list(pool.map(lambda word: _ask(word, keys), due))
        _words.update({(head.log_id, word.url): word for word in heard})
        _tell(heard, [word.url for word in words], instant(at))
    return [_words[head.log_id, word.url] for word in words]


def check_words(words: Iterable[Word], head: Head, *, at: datetime | str) -> None:
    """Freeze the log and raise `LogFrozen` if somebody holds a tree of ours that we do not have."""
    signer = signer_of(head.log_id)
    freeze = signer.freeze
    for word in words:
        if word.shown is None:
            continue
        tree, note = word.shown
        if not is_ours(tree) and not freeze.was_overruled(tree):
            freeze_for(signer, word.name, head, tree.size, note, at=instant(at))
            freeze.check()


def forget() -> None:
    """Hear everybody again, as a new process does."""
    _words.clear()


def show(url: str, keys: LogKeys, seconds: float = ASK_SECONDS) -> Shown | None:
    """The newest checkpoint of the log of `keys` that is held below a witness's address.

    None where it holds none. Raises `NoAnswer`, `AddressRefused`, or `LedgerError` for an answer
    that is no checkpoint with the signature of the one that signs its size.
    """
    address = f"{url.rstrip('/')}/{origin_hash(keys.first.name)}/checkpoint"
    answer = request("GET", address, limit=MAX_BYTES, seconds=seconds)
    if answer.status == 404:
        return None
    if answer.status != 200:
        raise LedgerError(f"HTTP {answer.status}")
    return keys.open_reigning(answer.body), answer.body


def is_ours(tree: TreeHead) -> bool:
    """Whether the log, as it is stored, has this tree."""
    try:
        return root_at(tree.size) == tree.root
    except NoSuchEntry:
        return False


def freeze_for(
    signer: Signer, name: str, head: Head, held: int, note: bytes, *, at: datetime
) -> None:
    """Freeze the log because `name` holds a tree of `held` entries (`note`: b"" if unproven)."""
    found = Contradiction(name, head.size, held, at.isoformat(), note.decode())
    signer.freeze.set(found, _ours(signer, held) if found.proven else None)


def _ours(signer: Signer, size: int) -> Growth | None:
    """What this log has at a size, and the proof that what was signed last extends it."""
    last = signer.last()
    if last is None or not 0 < size < last[0]:
        return None
    try:
        return Growth(size, root_at(size), tuple(consistency_proof(size, last[0])))
    except NoSuchEntry:  # it has lost what was signed
        return None


def _ask(word: Word, keys: LogKeys) -> Word:
    asked = time.monotonic()
    try:
        shown = show(word.url, keys)
    except (NoAnswer, AddressRefused) as problem:  # what it showed before still counts
        silent, params = told_of(problem)
        return replace(word, asked=asked, silent=silent, params=params)
    except LedgerError as error:
        silent, params = told_of(error)
        return replace(word, asked=asked, silent=silent, params=params)
    return replace(word, asked=asked, shown=shown or word.shown, silent="", params={})


def addresses() -> dict[str, str]:
    """Names, in the active language, by the address of a witness: those that are asked to cosign,
    and counterparties.
    """
    found = dict(_counterparties())
    found.update(Witness.objects.order_by("pk").values_list("url", "label"))
    return {url.rstrip("/"): name for url, name in found.items()}


def _counterparties() -> Iterator[tuple[str, str]]:
    return ((url, institution(holder)) for url, holder in _holders())


def _holders() -> Iterator[tuple[str, Tenant]]:
    if not settings.COUNTERPARTY_WITNESSES:
        return
    related = Relationship.objects.filter(sender=current_tenant(), is_active=True)
    for relationship in related.select_related("receiver").order_by("pk"):
        domain = relationship.receiver.get_primary_domain()
        if domain is not None:
            url = settings.COUNTERPARTY_WITNESSES.replace("{host}", domain.domain)
            yield url, relationship.receiver


def cosigned_sizes() -> dict[str, int]:
    """How much of this log each of them is known to have cosigned, by the same addresses."""
    sizes = {url.rstrip("/"): size for url, size in Witness.objects.values_list("url", "size")}
    sent = dict(Outbox.objects.values_list("to_tenant", "cosigned_size"))
    for url, holder in _holders():
        sizes[url.rstrip("/")] = sent.get(holder.pk, 0)
    return sizes


def _tell(heard: Iterable[Word], asked: list[str], now: datetime) -> None:
    """For the page of witnesses: what each said before the log was signed last."""
    WitnessWord.objects.exclude(url__in=asked).delete()
    for word in heard:
        told: dict[str, object] = {
            "name": word.name,
            "size": word.shown[0].size if word.shown else None,
            "silent": word.silent.replace("\0", "")[:500],
            "params": storable(word.params),
            "asked_at": now,
        }
        WitnessWord.objects.update_or_create(url=word.url, defaults=told)
