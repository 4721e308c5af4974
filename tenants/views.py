"""Pages that every host has: the door, the home, and the probes."""

from django.conf import settings
from django.contrib.auth.views import LoginView, LogoutView
from django.db import connection
from django.http import JsonResponse
from django.shortcuts import redirect, render

from tenants.access import demo_people
from tenants.forms import SignInForm
from tenants.models import Tenant
from tenants.permissions import Kind
from tenants.waiting import waiting_for
from tenants.web import open_to_all


class SignIn(LoginView):
    """The door; people already inside go on to their home."""

    template_name = "registration/login.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True
    permission = None

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        tenant = self.request.tenant
        if settings.DEMO_ALLOWED and tenant is not None and tenant.is_demo:
            context["demo_people"] = demo_people(tenant)
            context["demo_password"] = settings.DEMO_PASSWORD
        return context


class SignOut(LogoutView):
    permission = None


@open_to_all
def platform_home(request):
    """Where to go: the institutions on this platform and their hosts."""
    tenants = Tenant.objects.exclude(kind=Kind.PLATFORM).filter(provisioned_at__isnull=False)
    places = [
        {"tenant": tenant, "url": f"{request.scheme}://{domain.domain}:{request.get_port()}/"}
        for tenant in tenants.prefetch_related("domains").order_by("kind", "name")
        for domain in tenant.domains.all()
        if domain.is_primary
    ]
    context = {"places": places, "demo": settings.DEMO_ALLOWED}
    return render(request, "tenants/platform_home.html", context)


@open_to_all
def tenant_home(request):
    """A tenant's front page: what waits for this person, and what they can do here."""
    if not request.user.is_authenticated:
        return redirect("sign_in")
    return render(request, "tenants/home.html", {"waiting": waiting_for(request)})


@open_to_all
def healthz(request):
    """The process answers."""
    return JsonResponse({"status": "ok"})


@open_to_all
def readyz(request):
    """The process can serve: its database answers."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Exception as error:  # whatever the driver raises, we are not ready
        return JsonResponse({"status": "unavailable", "database": type(error).__name__}, status=503)
    return JsonResponse({"status": "ok", "database": "ok"})
