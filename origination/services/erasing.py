"""What the lessor's own book keeps of persons, blanked when an entry's content is destroyed.

The terms of the contract, its number and the VIN stay: rights and payments hang on them.
"""

from ledger.exchange.registry import ErasedRecord
from origination.domain.life.machine import Move
from origination.models import (
    ApplicationVersion,
    CollectionContact,
    Lease,
    LifeStep,
    RegistryFinding,
    StatementLine,
    VehiclePaper,
)
from origination.services.tapes.forgetting import forget_in_tapes
from tenants.context import current_tenant

PERSONAL = (
    "lessee_name",
    "lessee_id_number",
    "lessee_phone",
    "lessee_group",
    "lessee_income_monthly_minor",
    "credit_score",
    "employment",
    "plate",
    "photo_sha256",
)


def blank_lease(erased: ErasedRecord) -> None:
    """Of the lease that this entry recorded."""
    if erased.source != current_tenant().pk:
        return  # a copy of another's book is not in this one
    for lease in Lease.objects.select_for_update().filter(rid=erased.rid, entry_index=erased.index):
        if not lease.steps.filter(move=Move.TRANSFER.value).exists():  # else they are another's
            lease.lessee_name = lease.lessee_id_number = ""
        paid = StatementLine.objects.filter(parts__lease=lease)
        paid.update(payer_name="", payer_account="", remittance="")
        said = [lease.record[name] for name in PERSONAL if name in lease.record]
        lease.record = {name: text for name, text in lease.record.items() if name not in PERSONAL}
        lease.save(update_fields=["lessee_name", "lessee_id_number", "record"])
        forget_in_tapes(lease, said)


def blank_findings(erased: ErasedRecord) -> None:
    """Who else has a right on a vehicle, of a batch of searches."""
    if erased.source == current_tenant().pk:
        RegistryFinding.objects.filter(entry_index=erased.index).update(holder="")


def blank_steps(erased: ErasedRecord) -> None:
    """Where a vehicle was found and why, of a move of a lease."""
    if erased.source == current_tenant().pk:
        LifeStep.objects.filter(entry_index=erased.index).update(facts={})


def blank_amendment(erased: ErasedRecord) -> None:
    """Why a contract was changed; what was agreed stays, as the terms of a contract do."""
    if erased.source == current_tenant().pk:
        for step in LifeStep.objects.filter(entry_index=erased.index):
            step.facts = {name: text for name, text in step.facts.items() if name != "reason"}
            step.save(update_fields=["facts"])


def blank_transfer(erased: ErasedRecord) -> None:
    """The new lessee of a transfer; if none came after, of the lease as it stands, too."""
    if erased.source != current_tenant().pk:
        return
    for lease in Lease.objects.select_for_update().filter(rid=erased.rid):
        moved = lease.steps.filter(move=Move.TRANSFER.value).order_by("-number").first()
        if moved and moved.entry_index == erased.index:
            lease.lessee_name = lease.lessee_id_number = ""
            lease.save(update_fields=["lessee_name", "lessee_id_number"])
    blank_steps(erased)


def blank_contact(erased: ErasedRecord) -> None:
    """What was said in a contact, and where; that it took place stays."""
    if erased.source == current_tenant().pk:
        CollectionContact.objects.filter(rid=erased.rid).update(
            note="", place="", latitude=None, longitude=None
        )


def blank_version(erased: ErasedRecord) -> None:
    """Of what was sent to the approval desk, and of the words that went with it."""
    if erased.source != current_tenant().pk:
        return
    for version in ApplicationVersion.objects.filter(entry_index=erased.index):
        record = {name: text for name, text in version.record.items() if name not in PERSONAL}
        version.record, version.lessee_name, version.answer = record, "", ""
        version.save(update_fields=["record", "lessee_name", "answer"])
    LifeStep.objects.filter(entry_index=erased.index).update(facts={})


def blank_paper(erased: ErasedRecord) -> None:
    """The number of a paper; that there was one, and its days, stay."""
    if erased.source == current_tenant().pk:
        VehiclePaper.objects.filter(entry_index=erased.index).update(number="")
