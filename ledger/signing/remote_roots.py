"""The signer of the title registry's map behind a socket: the same calls as `RootSigner`."""

from __future__ import annotations

from ledger.core.encoding import unb64
from ledger.signing.client import RemoteSigner
from ledger.signing.root_rules import SaidRoot
from ledger.signing.roots import FOLDER


class RemoteRoots:
    """`RootSigner`, asked over the socket; beside its refusals `SignerAway`, `SignerVersion`."""

    def __init__(self, path: str) -> None:
        self._ask = RemoteSigner(FOLDER, path).ask

    def keys(self) -> dict[int, bytes]:
        """As `RootSigner.keys`."""
        return {int(version): unb64(key, 32) for version, key in self._ask("root_keys").items()}

    def make(self, version: int) -> None:
        """As `RootSigner.make`."""
        self._ask("root_make", version=version)

    def last(self) -> SaidRoot | None:
        """As `RootSigner.last`."""
        found = self._ask("root_last")
        return None if found is None else SaidRoot.parse(found["text"], found["key"])

    def sign(self, said: SaidRoot) -> tuple[bytes, bytes]:
        """As `RootSigner.sign`."""
        first, old = self._ask("root_sign", text=said.root.text(), key=said.key.vkey())
        return unb64(first, 64), unb64(old)

    def retire(self) -> list[int]:
        """As `RootSigner.retire`."""
        return [int(version) for version in self._ask("root_retire")]
