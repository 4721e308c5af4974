"""Whose signature convicts a log: that of the key which signs its size, and no other key's."""

import uuid

import pytest
from django_tenants.utils import tenant_context

from ledger.core.checkpoints import Checkpoint
from ledger.core.ed25519 import SecretKey
from ledger.core.errors import LedgerError
from ledger.core.fork import fork_of_notes, verify_fork
from ledger.core.log_keys import LogKeys
from ledger.core.notes import ED25519, Note, NoteKey, sign_text
from ledger.exchange.notices import REFUSAL, post_notice
from ledger.exchange.parcels import Notice
from ledger.exchange.services import receive_parcels, send_parcels
from ledger.exchange.thawing import check_restored, is_mended
from ledger.log_keys import own_log_keys
from ledger.models import ForkProof, Head, Replica, WitnessedLog
from ledger.rotation.log_key import rotate_log_key
from ledger.selectors import latest_checkpoint
from ledger.signing import signer_of
from ledger.signing.freeze import Contradiction
from ledger.verifier.fork import main as convict
from tests.ledger.stage import AT, answer, append, exchange

ORIGIN = "a.test/log"
OLD, NEW = SecretKey(b"o" * 32), SecretKey(b"n" * 32)
FIRST, SECOND = (NoteKey(ORIGIN, ED25519, secret.public) for secret in (OLD, NEW))
KEYS = LogKeys(((-1, FIRST), (4, SECOND)))  # entry 4 hands over: 5 entries are the second key's


def signed(size, root, *secrets, origin=ORIGIN):
    text = Checkpoint(origin, size, root * 32).text()
    return Note(text, tuple(sign_text(text, origin, secret) for secret in secrets)).to_bytes()


def convicts(size, one, other, keys=KEYS):
    try:
        verify_fork(fork_of_notes(signed(size, b"1", *one), signed(size, b"2", *other)), keys)
    except LedgerError:
        return False
    return True


@pytest.mark.parametrize(
    ("size", "one", "other", "is_convicted"),
    [
        (4, [OLD], [OLD], True),  # within its reign the old key convicts for ever
        (4, [OLD], [NEW], False),
        (5, [OLD, NEW], [OLD, NEW], True),  # where it hands over, both sign
        (5, [OLD, NEW], [NEW], True),
        (5, [OLD, NEW], [OLD], False),
        (9, [NEW], [NEW], True),
        (9, [OLD, NEW], [NEW], True),
        (9, [NEW], [OLD], False),  # whoever stole it
        (9, [OLD], [OLD], False),
    ],
)
def test_a_checkpoint_convicts_under_the_key_that_signs_its_size(size, one, other, is_convicted):
    assert convicts(size, one, other) == is_convicted
    assert convicts(size, other, one) == is_convicted


def test_offline_each_key_counts_where_it_signs(tmp_path, capsys):
    def asked(size, secret, *more):
        files = []
        for name, signers in ((b"1", [NEW]), (b"2", [secret])):
            files.append(tmp_path / name.decode())
            files[-1].write_bytes(signed(size, name, *signers))
        return convict([*map(str, files), "--log-key", FIRST.vkey(), *more])

    both = ("--log-key", SECOND.vkey(), "--handed-over", "4")
    assert (asked(9, NEW, *both), asked(9, OLD, *both)) == (0, 1)
    assert "proves nothing" in capsys.readouterr().out
    assert asked(9, NEW, *both[:2]) == 2  # nobody says from where the second one signs
    assert "--handed-over" in capsys.readouterr().err
    for wrong in ("01", "x"):
        assert asked(9, NEW, *both[:3], wrong) == 2
    again = ("--log-key", FIRST.vkey(), "--handed-over", "4")
    assert asked(9, NEW, *both, *again) == 2  # two changes at one place


def stolen_checkpoint(stage, size):
    """A tree of that size, signed by the key that handed over; and what the log itself signed."""
    with tenant_context(stage.lessor):
        origin = Head.objects.get().origin
        return signed(size, b"\7", stage.stolen, origin=origin), bytes(latest_checkpoint().note)


@pytest.fixture
def rotated(stage):
    """The lessor's log has a second key, and the trust followed; somebody stole the first one."""
    exchange(stage)
    with tenant_context(stage.lessor):
        stage.stolen = signer_of(Head.objects.get().log_id)._seeds.first(1)
        rotate_log_key(at=AT)
    append(stage)
    exchange(stage)
    return stage


def test_who_stole_a_key_that_handed_over_convicts_nobody(rotated):
    with tenant_context(rotated.trust):
        size = Replica.objects.get().size
    fork = fork_of_notes(*stolen_checkpoint(rotated, size)[::-1])
    with tenant_context(rotated.lessor):
        origin = Head.objects.get().origin
    with tenant_context(rotated.trust):
        members = {"code": "forked", "parcel": str(uuid.uuid4()), "fork": fork.to_bytes().decode()}
        post_notice(rotated.lessor.pk, REFUSAL, Notice(origin, size, members))
    answer(rotated)
    with tenant_context(rotated.lessor):
        assert not ForkProof.objects.exists()


def test_what_such_a_key_promised_binds_nobody(rotated):
    """A copy that was cosigned over HTTP before the change was known holds such a word."""
    with tenant_context(rotated.trust):
        size = Replica.objects.get().size + 1
        note = stolen_checkpoint(rotated, size)[0]
        WitnessedLog.objects.update(size=size, root=b"\7" * 32, note=note)
    append(rotated)
    with tenant_context(rotated.lessor):
        send_parcels(to_tenant=rotated.trust, at=AT)
    with tenant_context(rotated.trust):
        receive_parcels(from_tenant=rotated.lessor, at=AT)
        assert Replica.objects.get().size == size
        assert not ForkProof.objects.exists()


def test_a_freeze_by_such_a_key_holds_up_no_restoration(rotated):
    """A signer of before took its word for proof."""
    with tenant_context(rotated.lessor):
        signer, keys = signer_of(Head.objects.get().log_id), own_log_keys()
        size = Head.objects.get().size
        note = stolen_checkpoint(rotated, size + 9)[0].decode()
        signer.freeze.set(Contradiction("w", size, size + 9, AT, note))
        assert not is_mended(signer.freeze.read(), size, keys)
        assert check_restored(signer, size, keys) is None
