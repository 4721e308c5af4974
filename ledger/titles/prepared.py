"""An epoch between two commits: its map stands, and its root waits for the signer.

What is signed is stored first. So a process that dies between signing and storing leaves a root
that the next one has signed again, to the byte, instead of a second one for the same epoch. An
epoch that is told by now, since an institution brought it back, is not signed any more.
"""

from django.db.models import Max

from ledger.core.title_root import SignedRoot
from ledger.problems import SignerAway, SignerVersion
from ledger.signing import root_signer
from ledger.signing.root_rules import SaidRoot, check_root, older
from tenants.models import TitleEpoch, TitlePrepared
from tenants.problems import Problem


def newest_epoch() -> int:
    """The newest epoch that was told, whether it can be read or not; 0 before the first."""
    return TitleEpoch.objects.aggregate(newest=Max("epoch"))["newest"] or 0


def prepare(said: SaidRoot) -> None:
    """Store what is to be signed. By who holds the map; `finish_prepared` in a later commit."""
    TitlePrepared.objects.create(epoch=said.root.epoch, text=said.root.text(), key=said.key.vkey())


def anything_waits() -> bool:
    """Whether an epoch stands whose root is not told."""
    return _waiting() is not None


def finish_prepared() -> SignedRoot | None:
    """Have what waits signed and told, by who holds the map; None if nothing waits.

    Raises what the signer refuses: `RootRefused` where it signed another root, or a later epoch.
    """
    said = _waiting()
    return None if said is None else _tell(said)


def take_signed() -> SignedRoot | None:
    """Tell what the signer signed last and the database lost, by who holds the map.

    None where the database has it, or something newer.
    """
    last = root_signer().last()
    return None if last is None or last.root.epoch <= newest_epoch() else _tell(last)


def check_signer() -> None:
    """Raise `RootRefused` where the signer signed an epoch that is neither told nor waits."""
    last, newest = root_signer().last(), newest_epoch()
    if last is None or last.root.epoch <= newest:
        return
    said = _waiting()
    if said is None:
        raise older(newest + 1, last.root.epoch)
    check_root(said, last)


def sealing_halted() -> Problem | None:
    """Why no epoch can be sealed though the signer answers, for a page; None while all goes on."""
    try:
        check_signer()
    except (SignerAway, SignerVersion):
        return None  # each page of the ledger says so
    except Problem as problem:
        return problem
    return None


def _waiting() -> SaidRoot | None:
    row = TitlePrepared.objects.filter(epoch__gt=newest_epoch()).order_by("epoch").first()
    return None if row is None else SaidRoot.parse(row.text, row.key)


def _tell(said: SaidRoot) -> SignedRoot:
    signed = SignedRoot(said.root, said.key, *root_signer().sign(said))
    TitleEpoch.objects.create(
        epoch=said.root.epoch, fields=signed.fields(), sealed_at=said.root.instant()
    )
    return signed
