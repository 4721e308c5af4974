from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from tenants.permissions import Kind, Permission


def _deals_waiting_for(user):
    from pools.deals.overview import waiting_for  # brings the numerical libraries with it

    return waiting_for(user)


def _release_contested(claim_id, right, at):
    from pools.deals.contested import release_contested

    release_contested(claim_id, right, at)


def _words_of_entries():
    from pools.ledger_words import WORDS

    return WORDS


class PoolsConfig(AppConfig):
    name = "pools"
    verbose_name = _("Pools")

    def ready(self):
        from ledger import field_words
        from ledger.exchange import lost_rows
        from ledger.exchange.registry import entitlement, eraser, projector
        from ledger.titles import books
        from origination.contests.hooks import on_upheld
        from pools import models
        from pools.deals import projectors as asked
        from pools.deals.entitlements import entitlement_to_decisions
        from pools.projection import changes, erasing, projectors, titles
        from tenants import navigation, waiting

        field_words.register(_words_of_entries)
        lost_rows.register(models.Facility, _("facilities"), "committee.decided")
        lost_rows.register(models.Pool, _("pools"), "pool.packaged")
        lost_rows.register(models.Pledge, _("pledges"), "pledge.perfected")
        lost_rows.register(models.Disbursement, _("disbursements"), "pool.disbursed")
        lost_rows.register(models.Distribution, _("distributions"), "distribution.made")
        lost_rows.register(
            models.IssuedDocument, _("documents as issued"), "document.issued", is_told=False
        )
        projector("lease.recorded", projectors.project_leases)
        for kind in ("lease.moved", "lease.amended", "lease.transferred"):
            projector(kind, changes.project_moves)
        projector("payments.batch", projectors.project_payments)
        projector("prices.observed", projectors.project_prices)
        projector("registry.searched", projectors.project_searches)
        eraser("lease.recorded", erasing.blank_asset)
        eraser("lease.transferred", changes.blank_transfer)
        eraser("registry.searched", erasing.blank_searches)
        projector("financing.requested", asked.project_requests)
        projector("pledge.accepted", asked.project_acceptances)
        projector("pledge.refused", asked.project_refusals)
        entitlement(entitlement_to_decisions)
        on_upheld(_release_contested)
        books.holdings(titles.holdings)
        books.screened(titles.asset_screened)
        books.screened(titles.pool_screened)

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
        watched, deals, proof = _("Portfolio"), _("Deals"), _("Proof")
        pages = [
            (_("Assets"), "pools-assets", "car", watched, Permission.VIEW_ASSETS, 110),
            (_("Models"), "pools-models", "chart", watched, Permission.VIEW_ASSETS, 120),
            (_("Deals"), "deals", "pool", deals, Permission.VIEW_DEALS, 260),
            (_("Distributions"), "distributions", "coins", deals, Permission.VIEW_DEALS, 270),
            (_("Units"), "units", "layers", deals, Permission.VIEW_UNITS, 280),
            (_("Documents"), "documents", "document", proof, Permission.VIEW_DOCUMENTS, 810),
        ]
        for label, url_name, icon, group, permission, order in pages:
            navigation.register(
                label=label,
                url_name=url_name,
                icon=icon,
                group=group,
                permission=permission,
                kinds={Kind.TRUST},
                order=order,
            )
