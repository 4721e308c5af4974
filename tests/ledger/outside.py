"""A witness outside whose answers a test writes, and a log that it is asked about."""

import uuid
from contextlib import contextmanager

from ledger import services
from ledger.core.ed25519 import SecretKey
from ledger.core.notes import cosign_text, cosigner_key
from ledger.core.witness import AddCheckpoint, response_of
from ledger.drafts import Draft
from tests.http_server import serving

AT = "2026-11-01T08:00:00.000000Z"
SECRET = SecretKey(b"w" * 32)
KEY = cosigner_key("w.test", SECRET)
MANY = [SecretKey(bytes([number]) * 32) for number in range(120)]
KEYS = [cosigner_key("w.test", secret).vkey() for secret in MANY]


class Script:
    """What a witness outside answers: for POST a function of the request, for GET bytes or None."""

    def __init__(self):
        self.post = lambda asked: (200, "text/plain", cosigned(asked))
        self.shows = None
        self.asked = []


def cosigned(asked, secret=SECRET, name="w.test", time=1_790_000_000):
    return response_of((cosign_text(asked.note.text, name, secret, time),))


@contextmanager
def outside(script):
    def post(body):
        asked = AddCheckpoint.parse(body)
        script.asked.append(asked)
        return script.post(asked)

    with serving(post, lambda: script.shows) as url:
        yield f"{url}w"


def grow(count=1):
    drafts = [
        Draft.service(kind="document.issued", rid=uuid.uuid4(), fields={"n": str(number)}, ts=AT)
        for number in range(count)
    ]
    services.append_entries(drafts=drafts)
    return services.seal_checkpoint(at=AT)
