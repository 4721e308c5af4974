"""Taking a content out of parcels that are still on their way, when it is erased."""

from django.db.models import QuerySet

from ledger.core.errors import LedgerError
from ledger.exchange.notices import NOTICES, RESTORED
from ledger.exchange.packing import repacked, sender_to
from ledger.exchange.parcels import EntriesParcel
from ledger.models import Outbox, ServedRecord
from ledger.selectors import latest_checkpoint
from tenants.context import current_tenant
from tenants.models import Parcel, Tenant
from tenants.problems import Problem


def take_back(index: int) -> None:
    """Parcels that wait and hold the content of an entry are made anew, without it.

    The outboxes stay locked until the commit, so that no other parcel is made meanwhile.
    """
    for outbox in Outbox.objects.select_for_update().order_by("to_tenant"):
        waiting = Parcel.objects.filter(sender=current_tenant(), receiver=outbox.to_tenant)
        waiting = waiting.exclude(subject__in=[*NOTICES, RESTORED])
        try:
            _repack(outbox, waiting, index)
        except (
            LedgerError,
            Problem,
        ):  # another content does not open: that holds up no erasure
            _send_anew(outbox, waiting)


def _repack(outbox: Outbox, waiting: QuerySet[Parcel], index: int) -> None:
    for pk in list(waiting.values_list("pk", flat=True)):
        row = waiting.select_for_update().filter(pk=pk).first()
        if row is None:
            continue  # it was taken meanwhile
        parcel = EntriesParcel.parse(bytes(row.body))
        if index not in {*parcel.payload_indexes, *parcel.item_indexes}:
            continue
        checkpoint = latest_checkpoint()
        assert checkpoint is not None  # a parcel was sent
        sender = sender_to(Tenant.objects.get(pk=outbox.to_tenant), checkpoint)
        row.body = repacked(sender, parcel, without=index)
        row.save(update_fields=["body"])


def _send_anew(outbox: Outbox, waiting: QuerySet[Parcel]) -> None:
    """Everything that waits is dropped, and all that is shared goes out again."""
    waiting = waiting.select_for_update()
    found = dict(waiting.values_list("pk", "from_index"))
    if not found:
        return
    Parcel.objects.filter(pk__in=list(found)).delete()
    outbox.cursor = min(outbox.cursor, *found.values())
    outbox.save(update_fields=["cursor"])
    ServedRecord.objects.filter(to_tenant=outbox.to_tenant).delete()
