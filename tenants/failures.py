"""The answer where something broke that nobody foresaw: with the number of its lines in the log."""

from django.http import HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.csrf import requires_csrf_token

from tenants.api_errors import PROBLEM_JSON


@requires_csrf_token
def server_error(request):
    """Django's handler500; asks the database nothing. `request_id` stands in each log line."""
    reference = getattr(request, "id", "")
    if request.path.startswith("/api/"):
        body = {
            "type": "urn:leaseledger:problem:server_error",
            "title": _("Something broke on our side"),
            "status": 500,
            "detail": _("What you sent was saved whole or not at all: look first."),
            "code": "server_error",
            "mend": _("Try again in a minute; then tell the operator the request_id."),
            "errors": [],
            "instance": request.path,
            "request_id": reference,
        }
        return JsonResponse(body, status=500, content_type=PROBLEM_JSON)
    return HttpResponse(render_to_string("500.html", {"request_id": reference}), status=500)


server_error.permission = None  # whoever asked is told that it broke
