"""Appending: atomic, signed, encrypted, provable."""

import os
import uuid

import pytest
from django.db import DatabaseError, connection, transaction

from ledger import selectors, services
from ledger.core.checkpoints import Checkpoint, open_checkpoint
from ledger.core.ed25519 import SecretKey
from ledger.core.encoding import b64
from ledger.core.erasures import SHOWN
from ledger.core.hashing import leaf_hash
from ledger.core.items import BatchItem
from ledger.core.keys import KeyRole
from ledger.core.leaves import Leaf
from ledger.core.proofs import verify_consistency, verify_inclusion
from ledger.core.tlog_proof import TlogProof, verify_proof
from ledger.drafts import Draft, rows
from ledger.models import Entry, Head
from ledger.problems import (
    BadSignature,
    KeyNotApproved,
    MalformedRecord,
    NotErasable,
    PayloadErased,
    Replayed,
    RollbackRefused,
)
from ledger.rotation.kek import rotate_key_encryption_key
from ledger.signing import signer_of
from tests.ledger.rolled_back import append_unnoticed

AT = "2026-11-01T08:00:00.000000Z"
LATER = "2026-11-01T09:00:00.000000Z"


@pytest.fixture
def anda(cast, enter):
    enter(cast.tenants.anda)
    return cast


def note(number: int = 1, **fields: str) -> Draft:
    return Draft.service(
        kind="document.issued",
        rid=uuid.uuid4(),
        fields={"sha256": f"{number:064x}", "title": "发行说明书"} | fields,
        ts=AT,
    )


def enrolled_device(by: uuid.UUID) -> SecretKey:
    secret = SecretKey(os.urandom(32))
    key = services.enrol_key(role=KeyRole.DEVICE, public_key=secret.public, at=AT, label="phone")
    services.approve_key(kid=key.kid, by=by, at=AT)
    return secret


def signed(secret: SecretKey, kid: str, fields: dict[str, str], log_id: str, **change) -> Draft:
    salts = {name: os.urandom(16) for name in fields}
    draft = Draft.signed(
        kind="lease.recorded",
        rid=uuid.uuid4(),
        fields=fields,
        salts=salts,
        ts=AT,
        device=kid,
        dev_sig=bytes(64),
    )
    signature = secret.sign(draft.core(log_id=log_id, device=kid).to_bytes())
    return Draft.signed(
        kind=draft.kind,
        rid=draft.rid,
        fields=fields | change,
        salts=salts,
        ts=AT,
        device=kid,
        dev_sig=b64(signature),
    )


def test_first_entry_opens_the_log_with_its_service_key(anda):
    appended = services.append_entry(draft=note())
    assert appended.index == 2
    kinds = list(Entry.objects.order_by("index").values_list("kind", flat=True))
    assert kinds == ["device.enrolled", "device.approved", "document.issued"]
    assert selectors.payload(0)["role"] == "service"
    assert selectors.payload(2)["title"] == "发行说明书"


def test_stored_tree_equals_the_core_and_every_proof_verifies(anda):
    services.append_entries(drafts=[note(number) for number in range(20)])
    services.append_entries(drafts=[note(number) for number in range(15)])
    leaves = [
        bytes(leaf) for leaf in Entry.objects.order_by("index").values_list("leaf", flat=True)
    ]
    head = Head.objects.get()
    assert head.size == len(leaves) == 37
    assert selectors.root_at(37) == bytes(head.root)
    for index, leaf in enumerate(leaves):
        proof = selectors.inclusion_proof(index, 37)
        verify_inclusion(index, 37, leaf_hash(leaf), proof, bytes(head.root))
    for size in range(1, 37):
        proof = selectors.consistency_proof(size, 37)
        verify_consistency(size, 37, proof, selectors.root_at(size), bytes(head.root))


def test_an_entry_dies_with_the_business_transaction(anda):
    services.append_entry(draft=note())
    size = selectors.log_size()
    with pytest.raises(RuntimeError), transaction.atomic():
        services.append_entry(draft=note())
        raise RuntimeError
    assert selectors.log_size() == size


def test_device_signs_and_the_leaf_says_so(anda):
    secret = enrolled_device(anda.manager.pk)
    head = Head.objects.get()
    kid = selectors.payload(2)["kid"]
    appended = services.append_entry(draft=signed(secret, kid, {"vin": "LSV1"}, head.log_id))
    leaf = Leaf.parse(appended.leaf)
    assert leaf.core.device == kid
    assert b"LSV1" not in appended.leaf
    assert selectors.payload(appended.index) == {"vin": "LSV1"}


def test_altered_field_unapproved_key_and_replay_are_refused(anda):
    secret = enrolled_device(anda.manager.pk)
    head = Head.objects.get()
    kid = selectors.payload(2)["kid"]
    good = signed(secret, kid, {"vin": "LSV1"}, head.log_id)
    size = selectors.log_size()
    with pytest.raises(BadSignature):
        services.append_entry(draft=signed(secret, kid, {"vin": "A"}, head.log_id, vin="B"))
    with pytest.raises(BadSignature):
        services.append_entry(draft=signed(secret, kid, {"vin": "A"}, "another log"))
    stranger = SecretKey(os.urandom(32))
    pending = services.enrol_key(role=KeyRole.DEVICE, public_key=stranger.public, at=AT)
    size += 1
    with pytest.raises(KeyNotApproved):
        services.append_entry(draft=signed(stranger, pending.kid, {"vin": "A"}, head.log_id))
    services.append_entry(draft=good)
    with pytest.raises(Replayed):
        services.append_entry(draft=good)
    assert selectors.log_size() == size + 1
    services.revoke_key(kid=kid, by=anda.manager.pk, at=LATER)
    with pytest.raises(KeyNotApproved):
        services.append_entry(draft=signed(secret, kid, {"vin": "C"}, head.log_id))


def test_values_that_are_not_text_are_refused(anda):
    with pytest.raises(MalformedRecord):
        services.append_entry(draft=note(amount=5))  # type: ignore[arg-type]
    with pytest.raises(MalformedRecord):
        services.append_entry(draft=note(name="\ud800"))


def test_tape_rows_carry_their_paths_to_the_signed_root(anda):
    records = [(uuid.uuid4(), {"vin": f"VIN{number}"}) for number in range(11)]
    drafts = rows(kind="lease.recorded", records=records, ts=AT)
    fields = {"file_sha256": "00" * 32, "rows": "11"}
    tape, *leases = services.append_tape(rid=uuid.uuid4(), fields=fields, rows=drafts, at=AT)
    root = Leaf.parse(tape.leaf).core
    assert (root.kind, root.items_count) == ("tape.imported", 11)
    for place, lease in enumerate(leases):
        leaf = Leaf.parse(lease.leaf)
        assert leaf.row is not None and leaf.row.index == place
        leaf.row.verify(leaf.core.to_bytes(), root.items_root, root.items_count)
    assert selectors.payload(leases[4].index) == {"vin": "VIN4"}


def test_batch_keeps_its_items_under_the_root(anda):
    items = [BatchItem({"lease_rid": str(number), "amount_minor": "5"}) for number in range(9)]
    batch = services.append_batch(
        kind="payments.batch", rid=uuid.uuid4(), fields={"month": "2026-11"}, items=items, at=AT
    )
    found = selectors.batch_items(batch.index)
    assert found.record(7) == {"amount_minor": "5", "lease_rid": "7"}
    assert found.root() == Leaf.parse(batch.leaf).core.items_root


def test_checkpoint_and_proof_file_verify_offline(anda):
    appended = services.append_entry(draft=note())
    assert selectors.proof_file(appended.index) is None
    services.seal_checkpoint(at=AT)
    head = Head.objects.get()
    key = signer_of(head.log_id).key(head.origin)
    proof = TlogProof.parse(selectors.proof_file(appended.index))
    checkpoint, _signers = verify_proof(proof, appended.leaf, key)
    assert checkpoint.size == 3


def test_sealing_again_is_the_same_and_never_inside_a_business_transaction(anda):
    services.append_entry(draft=note())
    first = services.seal_checkpoint(at=AT)
    assert services.seal_checkpoint(at=LATER).pk == first.pk
    with pytest.raises(RuntimeError), transaction.atomic():
        services.seal_checkpoint(at=AT)


def test_a_restored_database_is_refused_by_the_signer(anda):
    services.append_entry(draft=note())
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        services.append_entry(draft=note())
        head = Head.objects.get()
        checkpoint = open_checkpoint_of(head)
        signer = signer_of(head.log_id)
        signer.sign(checkpoint, None, None)
        raise ZeroDivisionError  # as if the newer rows had been lost
    with pytest.raises(RollbackRefused):
        services.seal_checkpoint(at=AT)
    append_unnoticed([note(2)])
    with pytest.raises(RollbackRefused):
        services.seal_checkpoint(at=AT)


@pytest.mark.parametrize("kind", sorted(SHOWN))
def test_what_every_export_must_show_cannot_be_erased(anda, kind):
    """The database refuses it too, whoever calls: without it no export proves, for good."""
    draft = Draft.service(kind=kind, rid=uuid.uuid4(), fields={"x": "1"}, ts=LATER)
    index = services.append_entry(draft=draft).index
    with pytest.raises(NotErasable):
        services.erase_payload(index=index, at=LATER)
    with (
        pytest.raises(DatabaseError, match="cannot be erased"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("SELECT ledger_erase(%s, %s)", [index, LATER])
    assert selectors.payload(index)


def open_checkpoint_of(head: Head):
    return Checkpoint(head.origin, head.size, bytes(head.root))


def test_erasure_keeps_the_proof_and_rotation_keeps_the_rest(anda):
    first = services.append_entry(draft=note(1))
    second = services.append_entry(draft=note(2))
    services.erase_payload(index=first.index, at=LATER)
    with pytest.raises(PayloadErased):
        selectors.payload(first.index)
    with pytest.raises(PayloadErased):
        services.erase_payload(index=first.index, at=LATER)
    assert rotate_key_encryption_key() == 2
    assert selectors.payload(second.index)["sha256"].endswith("2")
    services.seal_checkpoint(at=LATER)
    head = Head.objects.get()
    key = signer_of(head.log_id).key(head.origin)
    proof = TlogProof.parse(selectors.proof_file(first.index))
    verify_proof(proof, first.leaf, key)
    open_checkpoint(proof.checkpoint, key)
