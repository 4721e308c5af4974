"""Short answers between counterparties, each replacing the one of the same subject before it."""

from uuid import UUID

from ledger.exchange.parcels import Notice
from tenants.context import current_tenant
from tenants.models import Parcel

COSIGNATURE, REFUSAL = "cosignature", "refusal"
RESTORE_ASKED, RESTORED = "restore.asked", "restored"
ERASED = "erased"
TITLE_ALARM = "title.alarm"
NOTICES = (COSIGNATURE, REFUSAL, RESTORE_ASKED, ERASED, TITLE_ALARM)


def post_notice(to_tenant: UUID, subject: str, notice: Notice) -> None:
    """Leave a notice; the newer word replaces the older one that was not read yet."""
    mailbox = Parcel.objects.filter(
        sender=current_tenant(), receiver=to_tenant, subject=subject, log_origin=notice.origin
    )
    mailbox.filter(from_index=notice.size).delete()
    Parcel.objects.create(
        sender=current_tenant(),
        receiver_id=to_tenant,
        subject=subject,
        log_origin=notice.origin,
        from_index=notice.size,
        to_index=notice.size,
        body=notice.to_bytes(),
    )
