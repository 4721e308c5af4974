from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OriginationConfig(AppConfig):
    name = "origination"
    verbose_name = _("Origination")

    def ready(self):
        from ledger.exchange.registry import entitlement, projector
        from origination.services.pledges import project_pledge_request
        from origination.services.sharing import entitlement_by_grant

        entitlement(entitlement_by_grant)
        projector("pledge.requested", project_pledge_request)
