from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from tenants.permissions import Kind, Permission


def _words_of_entries():
    from monitoring.ledger_words import WORDS

    return WORDS


class MonitoringConfig(AppConfig):
    name = "monitoring"
    verbose_name = _("Monitoring")

    def ready(self):
        from django.utils.translation import ngettext

        from ledger import field_words
        from ledger.exchange.registry import eraser, projector
        from monitoring.selectors.alerts import open_counts
        from monitoring.selectors.deal_status import status_from_triggers
        from monitoring.services.erasing import remove_days
        from monitoring.services.projection import (
            mark_changed_leases,
            mark_paid_leases,
            watch_leases,
        )
        from monitoring.services.returning import let_go, remedied
        from monitoring.services.telematics import project_telematics
        from monitoring.services.watching import watch_purchased
        from pools.deals.hooks import on_given_back, on_purchase, remedy_source
        from pools.distributions.hooks import status_source
        from tenants import navigation, waiting

        field_words.register(_words_of_entries)
        status_source(status_from_triggers)
        projector("lease.recorded", watch_leases)
        for kind in ("lease.moved", "lease.amended", "lease.transferred"):
            projector(kind, mark_changed_leases)
        projector("payments.batch", mark_paid_leases)
        projector("telematics.batch", project_telematics)
        eraser("telematics.batch", remove_days)
        on_purchase(watch_purchased)
        remedy_source(remedied)
        on_given_back(let_go)

        pages = [
            (_("Dashboard"), "monitoring:dashboard", "trend"),
            (_("Alerts"), "monitoring:alerts", "bell"),
            (_("Problem assets"), "monitoring:problems", "warning"),
        ]
        for order, (label, url_name, icon) in enumerate(pages, start=400):
            navigation.register(
                label=label,
                url_name=url_name,
                icon=icon,
                group=_("Monitoring"),
                permission=Permission.VIEW_MONITORING,
                kinds={Kind.TRUST},
                order=order,
            )
        waiting.register(
            waiting.Waiting(
                said=lambda count: (
                    ngettext(
                        "%(count)s alert to acknowledge", "%(count)s alerts to acknowledge", count
                    )
                    % {"count": count}
                ),
                count=lambda user: open_counts()["open_alerts"],
                url_name="monitoring:alerts",
                icon="bell",
                permission=Permission.ACT_ON_ALERT,
                kinds=frozenset({Kind.TRUST}),
            )
        )
