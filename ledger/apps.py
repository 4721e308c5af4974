from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


def _words_of_entries():
    from ledger.own_words import WORDS

    return WORDS


def _requests_to_decide(user):
    from ledger.models import Restoration

    return Restoration.objects.filter(by_us=False, state=Restoration.State.ASKED).count()


def _state_of_ledger(user):
    """A standstill concerns everybody; that nothing is signed for a while who sees to signing."""
    from ledger.standstill import STOPPED, state
    from tenants.access import has_permission
    from tenants.context import current_tenant
    from tenants.permissions import Permission

    found = state()
    seals = found in STOPPED or has_permission(user, current_tenant(), Permission.SEAL_CHECKPOINT)
    return int(found) if seals else 0


def _said_of_ledger(state):
    from ledger.standstill import said

    return said(state)


def _missing_books(user):
    from ledger.exchange.lost_rows import unseen_count

    return unseen_count()


def _altered(*, own):
    from ledger.checking.services import latest_checks

    checks = latest_checks().items()
    return sum(1 for of, row in checks if (of is None) is own and not row.is_as_signed)


def _is_altered(user):
    return _altered(own=True)


def _altered_copies(user):
    return _altered(own=False)


def _ill_copies(user):
    from ledger.exchange.health import count_ill
    from tenants import clock

    return count_ill(clock.now())


def _title_alarms(user):
    from ledger.titles.selectors import recent_alarms

    return recent_alarms()


class LedgerConfig(AppConfig):
    name = "ledger"
    verbose_name = _("Ledger")

    def ready(self):
        from django.utils.translation import ngettext

        from ledger import field_words
        from ledger.core.title_root import KIND
        from ledger.exchange.registry import projector
        from ledger.titles.writing import take_roots
        from tenants import navigation, waiting
        from tenants.permissions import Kind, Permission

        field_words.register(_words_of_entries)
        projector(KIND, take_roots)
        navigation.register(
            label=_("Ledger"),
            url_name="ledger",
            icon="shield",
            group=_("Proof"),
            permission=Permission.VIEW_LEDGER,
            kinds={Kind.LESSOR, Kind.TRUST, Kind.AUDITOR},
            order=800,
        )
        waiting.register(
            waiting.Waiting(
                said=_said_of_ledger,
                count=_state_of_ledger,
                url_name="ledger",
                icon="shield",
                permission=Permission.VIEW_LEDGER,
                kinds=frozenset({Kind.LESSOR, Kind.TRUST, Kind.AUDITOR}),
            )
        )
        waiting.register(
            waiting.Waiting(
                said=lambda count: (
                    ngettext(
                        "The ledger was restored, the books were not: %(count)s kind of rows is "
                        "missing",
                        "The ledger was restored, the books were not: %(count)s kinds of rows are "
                        "missing",
                        count,
                    )
                    % {"count": count}
                ),
                count=_missing_books,
                url_name="ledger-missing-books",
                icon="layers",
                permission=Permission.VIEW_LEDGER,
                kinds=frozenset({Kind.LESSOR, Kind.TRUST}),
            )
        )
        waiting.register(
            waiting.Waiting(
                said=lambda count: _("The stored ledger is not as it was signed"),
                count=_is_altered,
                url_name="ledger",
                icon="shield",
                permission=Permission.VIEW_LEDGER,
                kinds=frozenset({Kind.LESSOR, Kind.TRUST, Kind.AUDITOR}),
            )
        )
        waiting.register(
            waiting.Waiting(
                said=lambda count: (
                    ngettext(
                        "%(count)s copy that is kept here is not as it was signed",
                        "%(count)s copies that are kept here are not as they were signed",
                        count,
                    )
                    % {"count": count}
                ),
                count=_altered_copies,
                url_name="ledger-copies",
                icon="shield",
                permission=Permission.VIEW_LEDGER,
                kinds=frozenset({Kind.LESSOR, Kind.TRUST, Kind.AUDITOR}),
            )
        )
        waiting.register(
            waiting.Waiting(
                said=lambda count: (
                    ngettext(
                        "%(count)s copy is not healthy", "%(count)s copies are not healthy", count
                    )
                    % {"count": count}
                ),
                count=_ill_copies,
                url_name="ledger-copies",
                icon="layers",
                permission=Permission.VIEW_LEDGER,
                kinds=frozenset({Kind.LESSOR, Kind.TRUST, Kind.AUDITOR}),
            )
        )
        waiting.register(
            waiting.Waiting(
                said=lambda count: (
                    ngettext(
                        "%(count)s alarm of the title registry",
                        "%(count)s alarms of the title registry",
                        count,
                    )
                    % {"count": count}
                ),
                count=_title_alarms,
                url_name="ledger-titles",
                icon="shield",
                permission=Permission.VIEW_LEDGER,
                kinds=frozenset({Kind.LESSOR, Kind.TRUST, Kind.AUDITOR}),
            )
        )
        waiting.register(
            waiting.Waiting(
                said=lambda count: (
                    ngettext(
                        "%(count)s counterparty asks for its lost ledger",
                        "%(count)s counterparties ask for their lost ledgers",
                        count,
                    )
                    % {"count": count}
                ),
                count=_requests_to_decide,
                url_name="ledger-copies",
                icon="shield",
                permission=Permission.RESTORE_LEDGER,
                kinds=frozenset({Kind.LESSOR, Kind.TRUST}),
            )
        )
