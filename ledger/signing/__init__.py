"""What signs a log: its keys, its memory outside the database, its freeze, and the rules.

Also what signs the title registry's map (`root_signer`).

In the process that asks by default; behind a socket, in a process of its own, where
`LL_SIGNER_SOCKET` names one. The rules are `LogSigner`'s and `RootSigner`'s either way, the socket
carries them only.
"""

import logging
from collections.abc import Callable
from pathlib import Path

from django.conf import settings

from ledger.problems import SignerAway, SignerVersion
from ledger.signing.client import RemoteSigner
from ledger.signing.freeze import Contradiction
from ledger.signing.remote_roots import RemoteRoots
from ledger.signing.roots import FOLDER, RootSigner
from ledger.signing.signer import LogSigner

log = logging.getLogger(__name__)
Signer = LogSigner | RemoteSigner


def signer_of(log_id: str) -> Signer:
    """The signer of one log, as this process reaches it."""
    if settings.SIGNER_SOCKET:
        return RemoteSigner(log_id, settings.SIGNER_SOCKET)
    return LogSigner(log_id, signer_folder())


def root_signer() -> RootSigner | RemoteRoots:
    """The signer of the title registry's map, as this process reaches it."""
    if settings.SIGNER_SOCKET:
        return RemoteRoots(settings.SIGNER_SOCKET)
    return RootSigner(Path(settings.KEY_DIR), signer_folder() / FOLDER)


def may_sign(log_id: str) -> bool:
    """Whether it is worth asking for a signature now: the log is not frozen, its signer there."""
    return _read_freeze(log_id, lambda found: found is None)


def may_ask(log_id: str) -> bool:
    """Whether witnesses are asked: not once it is proven that one holds another tree.

    While there is one's word alone it is asked again, so that the word stands as long as it is so.
    """
    return _read_freeze(log_id, lambda found: found is None or not found.proven)


def _read_freeze(log_id: str, judge: Callable[[Contradiction | None], bool]) -> bool:
    try:
        return judge(signer_of(log_id).freeze.read())
    except (SignerAway, SignerVersion) as problem:
        log.warning("%s", problem)
        return False


def signer_folder() -> Path:
    """Where the signer of this installation keeps its keys and memory: a folder a log."""
    return Path(settings.SIGNER_DIR or Path(settings.KEY_DIR) / "logs")
