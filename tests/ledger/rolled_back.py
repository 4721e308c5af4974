"""A log that lost what it had signed, as after a restoration from an old copy."""

import json
import uuid
from contextlib import suppress

from django.db import transaction

from ledger import halting, services, signing
from ledger.core.encoding import b64
from ledger.core.hashing import EMPTY_ROOT
from ledger.core.tree_heads import Checkpoint
from ledger.drafts import Draft
from ledger.models import Head
from ledger.selectors import consistency_proof
from ledger.signing.rules import Growth
from tests.ledger.outside import AT


def note() -> Draft:
    """A record of the tenant's own server."""
    return Draft.service(kind="document.issued", rid=uuid.uuid4(), fields={"n": "1"}, ts=AT)


class Lost(Exception):
    """The newer rows, rolled back."""


def lose_what_was_signed(count: int = 2) -> bytes:
    """Sign a tree of `count` more entries and lose those; answers the signer's memory of before."""
    before = memory_file().read_bytes()
    with suppress(Lost), transaction.atomic():
        append_unnoticed([note() for _ in range(count)])
        head = Head.objects.get()
        signer = signing.signer_of(head.log_id)
        size, root = signer.last()
        proof = tuple(consistency_proof(size, head.size))
        tree = Checkpoint(head.origin, head.size, bytes(head.root))
        signer.sign(tree, Growth(size, root, proof), None)
        raise Lost
    return before


def memory_file():
    """What the signer of the log at hand signed last."""
    return signing.signer_folder() / Head.objects.get().log_id / "last.json"


def forget_all(path) -> None:
    """A signer's memory as it was before anything was signed."""
    path.write_text(json.dumps({"size": "0", "root": b64(EMPTY_ROOT)}))


def append_unnoticed(drafts):
    """Append as one did in the seconds before anybody noticed that the log is not what it was."""
    halting.lift(halting.seen(), "a test", at=AT)
    halting._looked.add(Head.objects.get().log_id)
    return services.append_entries(drafts=drafts)
