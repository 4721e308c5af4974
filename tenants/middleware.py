"""From host name to tenant, and from exceptions to pages that help."""

import time
import uuid

import structlog
from asgiref.sync import iscoroutinefunction
from csp.middleware import CSPMiddleware
from django.conf import settings
from django.contrib.auth import logout
from django.db import connection
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _
from django_tenants.utils import get_tenant_domain_model

from tenants.access import is_stranger
from tenants.api_errors import PROBLEM_JSON
from tenants.lost_books import BooksLost, loss_of
from tenants.outage import outage_of
from tenants.permissions import Kind
from tenants.problems import Problem

URLCONF_OF_KIND = {
    Kind.PLATFORM: "config.urls.platform",
    Kind.LESSOR: "config.urls.lessor",
    Kind.TRUST: "config.urls.trust",
    Kind.AUDITOR: "config.urls.auditor",
}
# Answered on any host, before tenants are looked up: probes come by address.
HOSTLESS_PATHS = ("/healthz", "/readyz")
log = structlog.get_logger("request")


def _platform(request) -> str:
    """The address of the platform's own page."""
    return f"{request.scheme}://{settings.PLATFORM_DOMAIN}:{request.get_port()}/"


def _ways_on(request, outage: Problem) -> dict[str, object]:
    """Where a page of an outage leads: not to a start page that is as gone as itself."""
    is_gone = isinstance(outage, BooksLost)
    tenant = getattr(request, "tenant", None)  # none where not even that could be read
    at_home = tenant is None or tenant.kind == Kind.PLATFORM
    is_read = request.method == "GET"
    return {
        "may_reload": is_read,
        "start_is_gone": (is_read and request.path == "/") or outage.code == BooksLost.code,
        "platform": _platform(request) if is_gone and not at_home else "",
    }


def _id_of(request) -> str:
    """What its log lines are found by; empty outside of the middleware that gives it."""
    return getattr(request, "id", "")


class RequestContextMiddleware:
    """A request id and one log line for each request."""

    def __init__(self, get_response):
        self.get_response = get_response
        assert not iscoroutinefunction(get_response)

    def __call__(self, request):
        request.id = request.headers.get("X-Request-ID", "")[:64] or uuid.uuid4().hex
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request.id)
        started = time.perf_counter()
        response = self.get_response(request)
        response["X-Request-ID"] = request.id
        if not request.path.startswith(settings.STATIC_URL):
            milliseconds = round((time.perf_counter() - started) * 1000, 1)
            log.info(
                "request",
                method=request.method,
                path=request.path,
                status=response.status_code,
                ms=milliseconds,
            )
        return response


def _page(request, template, context, status):
    """A page of no tenant, in the reader's language: the locale is chosen further inside."""
    with translation.override(translation.get_language_from_request(request)):
        return HttpResponse(render_to_string(template, context), status=status)


class TenantMiddleware:
    """Sets `request.tenant`, the schema and the URLs of the tenant's kind by the host name."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        connection.set_schema_to_public()
        host = request.get_host().rpartition(":")[0] or request.get_host()
        domain = (
            get_tenant_domain_model()
            .objects.select_related("tenant")
            .filter(domain=host.removeprefix("www."))
            .first()
        )
        if domain is None:
            return self._unknown_host(request, host)
        tenant = domain.tenant
        if tenant.kind != Kind.PLATFORM and tenant.provisioned_at is None:
            return _page(request, "tenants/being_prepared.html", {"tenant": tenant}, 503)
        request.tenant = tenant
        request.urlconf = URLCONF_OF_KIND[Kind(tenant.kind)]
        connection.set_tenant(tenant)
        structlog.contextvars.bind_contextvars(tenant=tenant.schema_name)
        try:
            return self.get_response(request)
        finally:
            connection.set_schema_to_public()

    def _unknown_host(self, request, host):
        request.tenant = None
        request.urlconf = URLCONF_OF_KIND[Kind.PLATFORM]
        if request.path in HOSTLESS_PATHS:
            return self.get_response(request)
        return _page(request, "tenants/unknown_host.html", {"where": _platform(request)}, 404)


class PolicyMiddleware(CSPMiddleware):
    """The content security policy; scripts may open sockets to this very host, and to no other."""

    def get_policy_parts(self, request, response, report_only=False):
        parts = super().get_policy_parts(request, response, report_only)
        if not report_only:
            host = request.get_host()  # older browsers do not count sockets as 'self'
            sockets = {"connect-src": [f"ws://{host}", f"wss://{host}"]}
            parts.update = {**(parts.update or {}), **sockets}
        return parts


class MembershipMiddleware:
    """A session counts only where its person holds a role in the tenant of the host."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        tenant, user = request.tenant, request.user
        if tenant is not None and user.is_authenticated and is_stranger(user, tenant):
            logout(request)
        return self.get_response(request)


class ZeroByte(Problem):
    """No text has a zero byte and no column takes one: nothing behind needs to look for it."""

    code = "zero_byte"
    title = "The address holds a zero byte."
    mend = "Write the address without the zero byte."


class ProblemMiddleware:
    """A domain refusal that no view caught becomes a humane page, or problem details in the API."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if "\0" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            return self.process_exception(request, ZeroByte())
        return self.get_response(request)

    def process_exception(self, request, exception):
        outage = outage_of(exception)
        if outage is None and request.tenant is not None:
            outage = loss_of(exception, request.tenant.schema_name)
        if outage is not None:
            log.error("outage", code=outage.code, exc_info=exception)
            exception = outage
        if not isinstance(exception, Problem):
            return None
        if request.path.startswith("/api/"):
            body = exception.to_problem_details(translate=_, instance=request.path)
            return JsonResponse(body, status=exception.status, content_type=PROBLEM_JSON)
        context = {
            "heading": exception.text("title", _),
            "detail": exception.text("detail", _),
            "mend": exception.text("mend", _),
            "errors": [error.as_dict(_) for error in exception.errors],
        }
        if outage is not None:  # a page that asks the database nothing
            context |= {"request_id": _id_of(request)} | _ways_on(request, outage)
            page = render_to_string("tenants/outage.html", context)
            return HttpResponse(page, status=exception.status)
        return render(request, "tenants/problem.html", context, status=exception.status)
