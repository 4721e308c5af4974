"""When a root of the title registry's map may be signed. Pure: no Django, no files."""

from __future__ import annotations

from dataclasses import dataclass

from ledger.core.checkpoints import parse_decimal
from ledger.core.encoding import b64, unb64
from ledger.core.errors import MalformedError
from ledger.core.hashing import HASH_SIZE
from ledger.core.notes import NoteKey
from ledger.core.title_root import HANDOVER_VERSION, VERSION, Change, SignedRoot, TitleRoot
from ledger.problems import BadSignerRequest, RootRefused

_LINES = ("epoch", "root", "rights", "vrf", "previous", "sealed")
_CHANGES = ("key", "old-key", "old-vrf")


@dataclass(frozen=True, slots=True)
class SaidRoot:
    """A root that is to be signed, or was, and the key that reigns from it on."""

    root: TitleRoot
    key: NoteKey

    @classmethod
    def parse(cls, text: str, vkey: str) -> SaidRoot:
        """Of the very text that is signed; `MalformedError` for any other."""
        version, _, rest = text.partition("\n")
        hands_over = version == HANDOVER_VERSION
        names = (*_LINES, *_CHANGES) if hands_over else _LINES
        origin, *lines = rest.split("\n")
        parts = [line.partition(" ") for line in lines[:-1]]
        if (not hands_over and version != VERSION) or [part[0] for part in parts] != list(names):
            raise MalformedError("this is no root of the title registry's map")
        told = {name: value for name, _, value in parts}
        key = NoteKey.parse(vkey)
        change = None
        if hands_over:
            old_key = NoteKey.parse(told["old-key"])
            change = Change(NoteKey.parse(told["key"]), old_key, unb64(told["old-vrf"], 32))
        root = TitleRoot(
            origin=origin,
            epoch=parse_decimal(told["epoch"]),
            root=unb64(told["root"], HASH_SIZE),
            rights=parse_decimal(told["rights"]),
            vrf_key=unb64(told["vrf"], 32),
            previous=unb64(told["previous"], HASH_SIZE),
            sealed_at=told["sealed"],
            change=change,
        )
        SignedRoot.of_fields(SignedRoot(root, key, bytes(64), bytes(64)).fields())  # as read later
        if root.text() != text or key.name != origin or (change and change.key != key):
            raise MalformedError("this is no root of the title registry's map")
        return cls(root, key)

    @property
    def old_key(self) -> NoteKey:
        """The key that reigned before it."""
        return self.key if self.root.change is None else self.root.change.old_key


def check_root(said: SaidRoot, last: SaidRoot | None) -> None:
    """Raise `RootRefused` where another root, or a later epoch, was signed before (`last`)."""
    if last is None or said == last:
        return
    asked, signed = said.root, last.root
    if asked.origin != signed.origin:
        raise BadSignerRequest(detail="This is not the name of this registry.")
    if asked.epoch == signed.epoch:
        params = {"epoch": asked.epoch, "asked": _short(asked), "signed": _short(signed)}
        raise RootRefused(
            detail=(
                "Epoch %(epoch)s was signed with another root already: %(signed)s, and now "
                "%(asked)s was to be signed."
            ),
            params=params,
        )
    if asked.epoch < signed.epoch:
        raise older(asked.epoch, signed.epoch)
    if asked.epoch == signed.epoch + 1 and said.old_key != last.key:
        raise RootRefused(
            detail=(
                "Epoch %(epoch)s was to be signed by a key that no longer reigns: it handed over "
                "before."
            ),
            params={"epoch": asked.epoch},
        )


def older(epoch: int, signed: int) -> RootRefused:
    """Epoch `epoch` comes next in the database, though `signed` was signed."""
    return RootRefused(params={"epoch": epoch, "signed": signed})


def _short(root: TitleRoot) -> str:
    return b64(root.digest())[:12]
