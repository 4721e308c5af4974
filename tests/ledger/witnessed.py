"""A log outside, and what is asked of a tenant's witness about it."""

from django.test import Client

from ledger.core.checkpoints import Checkpoint as TreeHead
from ledger.core.ed25519 import SecretKey
from ledger.core.hashing import leaf_hashes
from ledger.core.notes import (
    Note,
    NoteKey,
    sign_text,
)
from ledger.core.proofs import consistency_proof
from ledger.core.tree import nodes_of_leaves
from ledger.core.witness import AddCheckpoint
from tenants.models import PublishedKey
from tests.ledger import reference

OUTSIDE = SecretKey(b"o" * 32)
OUTSIDE_ORIGIN = "elsewhere.test/log"
OUTSIDE_KEY = NoteKey(OUTSIDE_ORIGIN, 0x01, OUTSIDE.public)
LEAVES = [f"entry {number}".encode() for number in range(20)]
FORK = [b"forked", *LEAVES[1:]]


def asked(old, new, leaves=LEAVES, secret=OUTSIDE, origin=OUTSIDE_ORIGIN) -> bytes:
    """A request of a log outside, made from its leaves."""
    proof = consistency_proof(old, new, nodes_of_leaves(leaf_hashes(leaves[:new])))
    text = TreeHead(origin, new, reference.mth(leaves[:new])).text()
    note = Note(text, (sign_text(text, origin, secret),))
    return AddCheckpoint(old, tuple(proof), note).to_bytes()


def post(host, body, **options):
    client = Client(SERVER_NAME=f"{host}.localhost", enforce_csrf_checks=True)
    kind = "application/octet-stream"
    return client.post("/witness/add-checkpoint", body, content_type=kind, **options)


def keys_of(tenant):
    published = PublishedKey.objects.filter(tenant=tenant, purpose=PublishedKey.COSIGNER)
    return [NoteKey.parse(text) for text in published.values_list("key", flat=True)]
