"""Who vouches for a key of a server that lost its own."""

import pytest

from ledger.core.ed25519 import SecretKey
from ledger.core.encoding import b64
from ledger.core.errors import LedgerError
from ledger.core.keyring import KeyRing, recovery_text
from ledger.core.keys import key_id
from ledger.core.notes import NoteKey


def test_only_the_logs_key_vouches_for_a_service_key_and_at_its_place_only():
    log, key = SecretKey(b"\x01" * 32), SecretKey(b"\x02" * 32)
    vkey = NoteKey("example.com/log", 1, log.public)
    kid = key_id(key.public)
    text = recovery_text(vkey.name, 7, kid)

    def learn(index=7, signer=log, role="service", ring_key=vkey):
        fields = {"kid": kid, "role": role, "public_key": b64(key.public)}
        fields["authority"] = b64(signer.sign(text))
        ring = KeyRing(log_key=ring_key)
        ring.learn(index, "device.enrolled", fields)
        return ring.verifier_at(index, kid)

    learn()
    for wrong in ({"index": 8}, {"signer": key}, {"role": "device"}, {"ring_key": None}):
        with pytest.raises(LedgerError):
            learn(**wrong)
