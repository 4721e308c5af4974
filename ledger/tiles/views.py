"""The published logs on the platform's own host, at the address that each log's origin names.

Anybody may read them, without signing in: hashes and signed checkpoints, and entries where their
owner opened them. The same folder can be served by any web server or a CDN instead.
"""

from django.http import Http404, HttpResponse

from ledger.core.errors import MalformedError
from ledger.core.hashing import HASH_SIZE
from ledger.core.tiles import ENTRIES, Tile
from ledger.problems import TileDamaged
from ledger.tiles.publishing import store_of
from ledger.tiles.store import CHECKPOINT
from ledger.tiles.tasks import repair_soon
from tenants.web import open_to_all


@open_to_all
def checkpoint(request, log_id):
    """The newest published checkpoint with its cosignatures."""
    data = store_of(log_id).read(CHECKPOINT)
    if data is None:
        raise Http404
    response = HttpResponse(data, content_type="text/plain; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    return response


@open_to_all
def tile(request, log_id, path):
    """A tile or a bundle; immutable, so that caches may keep it."""
    try:
        wanted = Tile.parse(f"tile/{path}")
    except MalformedError as error:
        raise Http404 from error
    data = store_of(log_id).read(wanted.path())
    if data is None:
        raise Http404
    if wanted.level != ENTRIES and len(data) != HASH_SIZE * wanted.width:
        repair_soon(log_id)
        raise TileDamaged
    response = HttpResponse(data, content_type="application/octet-stream")
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    return response
