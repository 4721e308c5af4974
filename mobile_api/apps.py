from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MobileApiConfig(AppConfig):
    name = "mobile_api"
    verbose_name = _("Phone")

    def ready(self):
        from tenants import navigation
        from tenants.permissions import Kind, Permission

        group = _("Origination")
        navigation.register(
            label=_("Phone"),
            url_name="phone",
            icon="phone",
            group=group,
            permission=Permission.RECORD_LEASE,
            kinds={Kind.LESSOR},
            order=10,
        )
        navigation.register(
            label=_("Devices"),
            url_name="devices",
            icon="key",
            group=group,
            permission=Permission.APPROVE_DEVICE,
            kinds={Kind.LESSOR},
            order=30,
        )
