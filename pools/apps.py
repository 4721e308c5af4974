from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from tenants.permissions import Kind, Permission


def _deals_waiting_for(user):
    from pools.deals.overview import waiting_for  # brings the numerical libraries with it

    return waiting_for(user)


class PoolsConfig(AppConfig):
    name = "pools"
    verbose_name = _("Pools")

    def ready(self):
        from ledger.exchange.registry import entitlement, projector
        from pools.deals import projectors as deals
        from pools.deals.entitlements import entitlement_to_decisions
        from pools.projection import projectors
        from tenants import navigation, waiting

        projector("lease.recorded", projectors.project_leases)
        projector("payments.batch", projectors.project_payments)
        projector("prices.observed", projectors.project_prices)
        projector("registry.searched", projectors.project_searches)
        projector("financing.requested", deals.project_requests)
        projector("pledge.accepted", deals.project_acceptances)
        projector("pledge.refused", deals.project_refusals)
        entitlement(entitlement_to_decisions)

        waiting.register(
            waiting.Waiting(
                said=lambda count: (
                    ngettext(
                        "%(count)s step of a deal waits for you",
                        "%(count)s steps of deals wait for you",
                        count,
                    )
                    % {"count": count}
                ),
                count=_deals_waiting_for,
                url_name="deals",
                icon="pool",
                permission=Permission.VIEW_DEALS,
                kinds=frozenset({Kind.TRUST}),
            )
        )
        navigation.register(
            label=_("Deals"),
            url_name="deals",
            icon="pool",
            group=_("Deals"),
            permission=Permission.VIEW_DEALS,
            kinds={Kind.TRUST},
            order=260,
        )
        navigation.register(
            label=_("Assets"),
            url_name="pools-assets",
            icon="car",
            group=_("Portfolio"),
            permission=Permission.VIEW_ASSETS,
            kinds={Kind.TRUST},
            order=110,
        )
        navigation.register(
            label=_("Models"),
            url_name="pools-models",
            icon="chart",
            group=_("Portfolio"),
            permission=Permission.VIEW_ASSETS,
            kinds={Kind.TRUST},
            order=120,
        )
        navigation.register(
            label=_("Distributions"),
            url_name="distributions",
            icon="coins",
            group=_("Deals"),
            permission=Permission.VIEW_DEALS,
            kinds={Kind.TRUST},
            order=270,
        )
        navigation.register(
            label=_("Units"),
            url_name="units",
            icon="layers",
            group=_("Deals"),
            permission=Permission.VIEW_UNITS,
            kinds={Kind.TRUST},
            order=280,
        )
        navigation.register(
            label=_("Documents"),
            url_name="documents",
            icon="document",
            group=_("Proof"),
            permission=Permission.VIEW_DOCUMENTS,
            kinds={Kind.TRUST},
            order=810,
        )
