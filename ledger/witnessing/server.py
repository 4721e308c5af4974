"""A tenant's witness on its own host: C2SP tlog-witness. The log's signature is the sign-in."""

from django.http import HttpResponse, HttpResponseNotAllowed
from django.views.decorators.csrf import csrf_exempt

from ledger.core.witness import MAX_BYTES, SIZE_TYPE, WitnessRefusal
from ledger.witnessing.limits import Limiter
from ledger.witnessing.state import add_checkpoint as cosign
from ledger.witnessing.state import latest_note
from tenants import clock
from tenants.web import open_to_all

TEXT = "text/plain; charset=utf-8"
limiter = Limiter(rate=20, burst=100)


@csrf_exempt
@open_to_all
def add_checkpoint(request):
    """Cosign a checkpoint that extends the one cosigned before it."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    if not limiter.take((request.tenant.pk, request.META.get("REMOTE_ADDR", ""))):
        answer = HttpResponse("too many requests\n", status=429, content_type=TEXT)
        answer["Retry-After"] = "5"
        return answer
    body = request.read(MAX_BYTES + 1)
    if len(body) > MAX_BYTES:
        return HttpResponse(f"more than {MAX_BYTES} bytes\n", status=413, content_type=TEXT)
    try:
        return HttpResponse(cosign(body, at=clock.now()), content_type=TEXT)
    except WitnessRefusal as refusal:
        kind = TEXT if refusal.size is None else SIZE_TYPE
        return HttpResponse(refusal.body(), status=refusal.status, content_type=kind)


@open_to_all
def checkpoint(request, hashed_origin):
    """The latest checkpoint of a log that was cosigned here."""
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET", "HEAD"])
    note = latest_note(hashed_origin)
    if note is None:
        return HttpResponse("no such log was cosigned here\n", status=404, content_type=TEXT)
    answer = HttpResponse(note, content_type=TEXT)
    answer["Cache-Control"] = "no-cache"
    answer["Access-Control-Allow-Origin"] = "*"  # public by design, and without credentials
    return answer
