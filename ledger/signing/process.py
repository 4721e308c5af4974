"""Running the signer: what `manage.py signer` and `python -m ledger.signing` do."""

import asyncio
from pathlib import Path

from ledger.durable import make_folder
from ledger.keystore import told_if_unwritable
from ledger.signing.server import CannotListen, Server, listening


def run(socket: str, folder: Path, group: str) -> None:
    """Answer at `socket` until SIGTERM or SIGINT; `CannotListen` or a `Problem` says why not."""
    if not socket:
        raise CannotListen("Say where it listens, e.g. LL_SIGNER_SOCKET=/run/ledger/signer.sock")

    def tell() -> None:
        print(f"The signer listens at {socket}; its keys are in {folder}", flush=True)

    try:
        with told_if_unwritable(folder):
            make_folder(folder)
        with listening(Path(socket), group) as listener:
            asyncio.run(Server(listener, folder).run(tell))
    except OSError as error:
        raise CannotListen(f"{socket}: {error.strerror or error}.") from error
