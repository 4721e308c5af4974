from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LedgerConfig(AppConfig):
    name = "ledger"
    verbose_name = _("Ledger")

    def ready(self):
        from tenants import navigation
        from tenants.permissions import Kind, Permission

        navigation.register(
            label=_("Ledger"),
            url_name="ledger",
            icon="shield",
            group=_("Proof"),
            permission=Permission.VIEW_LEDGER,
            kinds={Kind.LESSOR, Kind.TRUST, Kind.AUDITOR},
            order=800,
        )
