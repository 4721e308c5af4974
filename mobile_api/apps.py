from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MobileApiConfig(AppConfig):
    name = "mobile_api"
    verbose_name = _("Phone")

    def ready(self):
        from django.utils.translation import ngettext

        from ledger import field_words
        from ledger.exchange import lost_rows
        from ledger.exchange.registry import eraser
        from ledger.rotation import holders
        from mobile_api.erasing import shred_photo
        from mobile_api.models import Photo, UnlockSecret
        from mobile_api.quote_form import WORDS_OF_ENTRIES
        from mobile_api.selectors import devices_to_approve, photo_aad
        from mobile_api.unlocking import unlock_aad
        from tenants import navigation, waiting
        from tenants.permissions import Kind, Permission

        holders.register(
            holders.Holder(
                Photo,
                lambda photos: [photo_aad(photo.sha256) for photo in photos],
                holders.store_directly(Photo, "text"),
            )
        )
        holders.register(
            holders.Holder(
                UnlockSecret,
                lambda secrets: [unlock_aad(secret.kid, secret.person) for secret in secrets],
                holders.store_directly(UnlockSecret, "text"),
            )
        )
        eraser("lease.recorded", shred_photo)
        recorded = ("lease.recorded", "application.recorded")
        lost_rows.register(Photo, _("photos"), *recorded, is_told=False, by_phone=True)
        field_words.register(lambda: (WORDS_OF_ENTRIES,))
        group = _("Origination")
        navigation.register(
            label=_("Phone"),
            url_name="phone",
            icon="phone",
            group=group,
            permission=Permission.RECORD_LEASE,
            kinds={Kind.LESSOR},
            order=10,
        )
        navigation.register(
            label=_("Devices"),
            url_name="devices",
            icon="key",
            group=group,
            permission=Permission.APPROVE_DEVICE,
            kinds={Kind.LESSOR},
            order=30,
        )
        waiting.register(
            waiting.Waiting(
                said=lambda count: (
                    ngettext("%(count)s device to approve", "%(count)s devices to approve", count)
                    % {"count": count}
                ),
                count=lambda user: devices_to_approve().count(),
                url_name="devices",
                icon="key",
                permission=Permission.APPROVE_DEVICE,
                kinds=frozenset({Kind.LESSOR}),
            )
        )
