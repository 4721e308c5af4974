from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


def _words_of_entries():
    from ledger.own_words import WORDS

    return WORDS


class LedgerConfig(AppConfig):
    name = "ledger"
    verbose_name = _("Ledger")

    def ready(self):
        from ledger import field_words
        from tenants import navigation
        from tenants.permissions import Kind, Permission

        field_words.register(_words_of_entries)
        navigation.register(
            label=_("Ledger"),
            url_name="ledger",
            icon="shield",
            group=_("Proof"),
            permission=Permission.VIEW_LEDGER,
            kinds={Kind.LESSOR, Kind.TRUST, Kind.AUDITOR},
            order=800,
        )
