from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from tenants.permissions import Kind, Permission


class OriginationConfig(AppConfig):
    name = "origination"
    verbose_name = _("Origination")

    def ready(self):
        from ledger.exchange.registry import entitlement, projector
        from origination.services.pledges import project_pledge_request
        from origination.services.sharing import entitlement_by_grant
        from tenants import navigation

        entitlement(entitlement_by_grant)
        projector("pledge.requested", project_pledge_request)

        pages = [
            (_("Book"), "book", "layers"),
            (_("Leases"), "leases", "car"),
            (_("Tapes"), "tapes", "table"),
            (_("Bank lines"), "payments", "coins"),
            (_("Access"), "grants", "lock"),
            (_("Pledges"), "pledges", "signature"),
        ]
        for order, (label, url_name, icon) in enumerate(pages, start=12):
            navigation.register(
                label=label,
                url_name=url_name,
                icon=icon,
                group=_("Origination"),
                permission=Permission.VIEW_LEASES,
                kinds={Kind.LESSOR},
                order=order,
            )
