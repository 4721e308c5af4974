"""The roots' keys as a thief or a dishonest platform has them: past the signer and its rules."""

from django.conf import settings

from ledger.core.ed25519 import SecretKey
from ledger.core.title_root import SignedRoot
from ledger.signing.root_rules import SaidRoot
from ledger.signing.roots import RootSigner
from ledger.titles.keys import reigning_keys


def secret_of(key, *others: SecretKey) -> SecretKey:
    """The secret half of a key of the registry, from its file, or of one of `others`."""
    for other in others:
        if other.public == key.public:
            return other
    signer = RootSigner(settings.KEY_DIR, settings.KEY_DIR)
    [version] = [version for version, public in signer.keys().items() if public == key.public]
    return signer._secret(version)


def root_secret() -> SecretKey:
    """What signs roots now."""
    return secret_of(reigning_keys().key)


def sign_beside(said: SaidRoot, *others: SecretKey) -> SignedRoot:
    """What is said, signed by the keys that it names; `others` are no files of the registry."""
    text, change = said.root.text().encode(), said.root.change
    old = b"" if change is None else secret_of(change.old_key, *others).sign(text)
    return SignedRoot(said.root, said.key, secret_of(said.key, *others).sign(text), old)
