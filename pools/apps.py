from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from tenants.permissions import Kind, Permission


class PoolsConfig(AppConfig):
    name = "pools"
    verbose_name = _("Pools")

    def ready(self):
        from tenants import navigation

        navigation.register(
            label=_("Documents"),
            url_name="documents",
            icon="document",
            group=_("Proof"),
            permission=Permission.VIEW_DOCUMENTS,
            kinds={Kind.TRUST},
            order=380,
        )
