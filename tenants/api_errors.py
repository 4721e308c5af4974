"""Everything that goes wrong in the API is an RFC 9457 problem document."""

from http import HTTPStatus

from django.core.exceptions import PermissionDenied
from django.http import Http404, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from rest_framework.exceptions import APIException, NotAuthenticated, ValidationError
from rest_framework.response import Response
from rest_framework.views import set_rollback

from tenants.problems import FieldError, Problem

PROBLEM_JSON = "application/problem+json"


def _field_errors(detail, prefix=""):
    if isinstance(detail, dict):
        for key, value in detail.items():
            yield from _field_errors(value, f"{prefix}.{key}" if prefix else str(key))
    elif isinstance(detail, list):
        for value in detail:
            yield from _field_errors(value, prefix)
    else:
        yield FieldError(
            prefix or "non_field_errors", getattr(detail, "code", "invalid"), str(detail)
        )


def _plain(status: int, code: str, title: str, detail: str, errors=()):
    body = {"type": f"urn:leaseledger:problem:{code}", "title": title, "status": status}
    body |= {"detail": detail, "code": code, "errors": [error.as_dict() for error in errors]}
    return body


def problem_handler(exception, context):
    """DRF exception handler: everything that goes wrong is a problem document."""
    if isinstance(exception, Problem):
        set_rollback()
        body, headers = exception.to_problem_details(translate=_), {}
        return _respond(body, int(body["status"]), headers)
    if isinstance(exception, Http404):
        return _respond(_plain(404, "not_found", _("Not found"), _("There is nothing here.")), 404)
    if isinstance(exception, PermissionDenied):
        body = _plain(403, "forbidden", _("Not allowed"), _("Your role does not include this."))
        return _respond(body, 403)
    if not isinstance(exception, APIException):
        return None
    set_rollback()
    status = exception.status_code
    headers = {}
    if isinstance(exception, NotAuthenticated):
        headers["WWW-Authenticate"] = "Session"
        status = 401
    if isinstance(exception, ValidationError):
        errors = list(_field_errors(exception.detail))
        title = _("The request has errors")
        body = _plain(status, "invalid", title, _("See the fields."), errors)
    else:
        code = getattr(exception.detail, "code", exception.default_code)
        body = _plain(status, code, HTTPStatus(status).phrase, str(exception.detail))
    return _respond(body, status, headers)


@csrf_exempt
def nothing_here(request):
    """Every path of the API that does not exist."""
    title, detail = _("Not found"), _("The API has no such path.")
    body = _plain(404, "not_found", title, detail) | {
        "mend": _("See /api/docs for those there are."),
        "instance": request.path,
    }
    return JsonResponse(body, status=404, content_type=PROBLEM_JSON)


nothing_here.permission = None  # there is nothing to see


def _respond(body, status, headers=None):
    return Response(body, status=status, headers=headers or {}, content_type=PROBLEM_JSON)
