"""Days of vehicles, which tell where a person was: removed with the batch that told them."""

from ledger.exchange.registry import ErasedRecord
from monitoring.models import TelematicsDaily


def remove_days(erased: ErasedRecord) -> None:
    """Every day that this batch was the last to tell."""
    TelematicsDaily.objects.filter(lessor_id=erased.source, ledger_index=erased.index).delete()
