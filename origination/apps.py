from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from tenants.permissions import Kind, Permission


def _words_of_entries():
    from origination import ledger_words, ledger_words_collections

    return ledger_words.WORDS + ledger_words_collections.WORDS


class OriginationConfig(AppConfig):
    name = "origination"
    verbose_name = _("Origination")

    def ready(self):
        from django.utils.translation import ngettext

        from ledger import field_words
        from ledger.exchange import lost_rows
        from ledger.exchange.registry import entitlement, eraser, projector
        from ledger.integration import on_integrated
        from ledger.titles import books
        from origination import models
        from origination.contests.selectors import questions_waiting
        from origination.selectors.desk import applications_returned, applications_to_decide
        from origination.selectors.leases import lease_screened
        from origination.selectors.life import write_offs_asked
        from origination.selectors.papers import running_out
        from origination.selectors.pledges import pledges_to_decide
        from origination.services import erasing, financing
        from origination.services.collections import place_contacts
        from origination.services.leases import place_leases
        from origination.services.pledges import project_pledge_request
        from origination.services.quotes import require_rules
        from origination.services.sharing import entitlement_by_grant
        from tenants import clock, navigation, waiting

        require_rules()
        lost_rows.register(models.Lease, _("leases"), "lease.recorded")
        lost_rows.register(models.PaymentEvent, _("bank lines of leases"), "payments.batch")
        lost_rows.register(models.ShareGrant, _("grants of access"), "grant.made")
        lost_rows.register(
            models.FinancingApplication, _("applications for financing"), "financing.requested"
        )
        lost_rows.register(
            models.CollectionContact, _("contacts of collecting"), "contact.recorded"
        )
        lost_rows.register(
            models.PaymentPromise, _("promises to pay"), "promise.made", "promise.withdrawn"
        )
        lost_rows.register(
            models.CollectionRulesSet, _("rules of collecting"), "collection.rules_set"
        )
        lost_rows.register(models.ServicingTermsSet, _("terms of servicing"), "servicing.terms_set")
        lost_rows.register(
            models.LifeStep,
            _("moves of leases"),
            "lease.moved",
            "lease.amended",
            "application.moved",
        )
        lost_rows.register(
            models.ApplicationVersion, _("applications for leases"), "application.recorded"
        )
        lost_rows.register(models.VehiclePaper, _("papers of vehicles"), "paper.noted")
        lost_rows.register(models.ApprovalLimits, _("approval limits"), "approval.limits_set")
        lost_rows.register(
            models.Statement, _("bank statements as imported"), "statement.imported", is_told=False
        )
        field_words.register(_words_of_entries)
        books.screened(lease_screened)
        entitlement(entitlement_by_grant)
        entitlement(financing.entitlement_to_applications)
        on_integrated("lease.recorded", place_leases)
        on_integrated("contact.recorded", place_contacts)
        eraser("lease.recorded", erasing.blank_lease)
        eraser("registry.searched", erasing.blank_findings)
        eraser("lease.moved", erasing.blank_steps)
        eraser("contact.recorded", erasing.blank_contact)
        eraser("paper.noted", erasing.blank_paper)
        eraser("lease.transferred", erasing.blank_transfer)
        eraser("lease.amended", erasing.blank_amendment)
        eraser("application.moved", erasing.blank_steps)
        eraser("application.recorded", erasing.blank_version)
        projector("pledge.requested", project_pledge_request)
        projector("diligence.closed", financing.project_diligence)
        projector("committee.decided", financing.project_decisions)
        projector("pledge.perfected", financing.project_perfected)
        projector("pledge.released", financing.project_released)
        projector("pool.disbursed", financing.project_disbursed)

        pages = [
            (_("Book"), "book", "layers"),
            (_("Portfolio"), "portfolio", "chart"),
            (_("Leases"), "leases", "car"),
            (_("Applications"), "applications", "inbox"),
            (_("Approval limits"), "approval-limits", "scale"),
            (_("Vehicle papers"), "papers", "document"),
            (_("Tapes"), "tapes", "table"),
            (_("Bank lines"), "payments", "coins"),
            (_("Bank statements"), "statements", "inbox"),
            (_("Journal"), "journal", "document"),
            (_("Terms of servicing"), "servicing-terms", "settings"),
            (_("Access"), "grants", "lock"),
            (_("Financing"), "financing", "trend"),
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
        navigation.register_search(
            url_name="search", permission=Permission.VIEW_LEASES, kinds={Kind.LESSOR}
        )
        navigation.register(
            label=_("Collections"), url_name="collections", icon="phone", group=_("Origination"),
            permission=Permission.COLLECT, kinds={Kind.LESSOR}, order=17,
        )  # fmt: skip
        navigation.register(
            label=_("Contests"), url_name="contests", icon="scale", group=_("Proof"),
            permission=Permission.CONTEST_RIGHTS, kinds={Kind.LESSOR, Kind.TRUST}, order=820,
        )  # fmt: skip
        navigation.register(
            label=_("Contests"), url_name="contest-cases", icon="scale", group=_("Platform"),
            permission=Permission.OPERATE_PLATFORM, kinds={Kind.PLATFORM}, order=10,
        )  # fmt: skip
        waiting.register(
            waiting.Waiting(
                said=lambda count: (
                    ngettext(
                        "%(count)s question about a right to answer",
                        "%(count)s questions about rights to answer",
                        count,
                    )
                    % {"count": count}
                ),
                count=lambda user: questions_waiting(clock.now()).count(),
                url_name="contests",
                icon="scale",
                permission=Permission.CONTEST_RIGHTS,
                kinds=frozenset({Kind.LESSOR, Kind.TRUST}),
            )
        )
        waiting.register(
            waiting.Waiting(
                said=lambda count: (
                    ngettext(
                        "%(count)s application to decide",
                        "%(count)s applications to decide",
                        count,
                    )
                    % {"count": count}
                ),
                count=lambda user: applications_to_decide().count(),
                url_name="applications",
                icon="inbox",
                permission=Permission.DECIDE_APPLICATION,
                kinds=frozenset({Kind.LESSOR}),
            )
        )
        waiting.register(
            waiting.Waiting(
                said=lambda count: (
                    ngettext(
                        "%(count)s write-off to decide", "%(count)s write-offs to decide", count
                    )
                    % {"count": count}
                ),
                count=lambda user: write_offs_asked().exclude(by=user.pk).count(),
                url_name="applications",
                icon="warning",
                permission=Permission.WRITE_OFF_LEASE,
                kinds=frozenset({Kind.LESSOR}),
            )
        )
        waiting.register(
            waiting.Waiting(
                said=lambda count: (
                    ngettext(
                        "%(count)s paper of a vehicle has expired or does so soon",
                        "%(count)s papers of vehicles have expired or do so soon",
                        count,
                    )
                    % {"count": count}
                ),
                count=lambda user: running_out(clock.today()).count(),
                url_name="papers",
                icon="document",
                permission=Permission.MOVE_LEASE,
                kinds=frozenset({Kind.LESSOR}),
            )
        )
        waiting.register(
            waiting.Waiting(
                said=lambda count: (
                    ngettext(
                        "%(count)s application came back with questions",
                        "%(count)s applications came back with questions",
                        count,
                    )
                    % {"count": count}
                ),
                count=lambda user: applications_returned(user.pk).count(),
                url_name="applications",
                icon="inbox",
                permission=Permission.RECORD_LEASE,
                kinds=frozenset({Kind.LESSOR}),
            )
        )
        waiting.register(
            waiting.Waiting(
                said=lambda count: (
                    ngettext(
                        "%(count)s request for receivables to decide",
                        "%(count)s requests for receivables to decide",
                        count,
                    )
                    % {"count": count}
                ),
                count=lambda user: pledges_to_decide().count(),
                url_name="pledges",
                icon="signature",
                permission=Permission.ACCEPT_PLEDGE,
                kinds=frozenset({Kind.LESSOR}),
            )
        )
