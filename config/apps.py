from django.apps import AppConfig
from django.conf import settings
from django.utils.translation import gettext_lazy as _


class ConfigConfig(AppConfig):
    name = "config"
    label = "config"

    def ready(self):
        from config.demo.calendar import demo_now
        from tenants import clock, navigation
        from tenants.permissions import Kind, Permission

        if settings.DEMO_ALLOWED:
            clock.use_in_demos(demo_now)
            navigation.register(
                label=_("Stories"),
                url_name="stories:shelf",
                icon="flag",
                group=_("Proof"),
                permission=Permission.VIEW_STORIES,
                kinds={Kind.LESSOR, Kind.TRUST, Kind.AUDITOR},
                order=900,
            )
