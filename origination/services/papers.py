"""A paper of a vehicle is noted: the row and its entry, `paper.noted`."""

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from ledger.drafts import Draft
from ledger.services import append_entry
from origination.domain.papers import read_paper
from origination.models import Lease, VehiclePaper
from origination.problems import NoSuchLease, PaperInvalid


@transaction.atomic
def note_paper(
    *, rid: UUID, given: Mapping[str, str], by: UUID, at: datetime, client: str = ""
) -> VehiclePaper:
    """Note a paper (`domain.papers.read_paper`) of a lease's vehicle. Raises `PaperInvalid`."""
    fields, errors = read_paper(given)
    if errors:
        raise PaperInvalid(errors=errors)
    lease = Lease.objects.select_for_update().filter(rid=rid).first()
    if lease is None:
        raise NoSuchLease
    entry = fields | {"noted_by": str(by)} | ({"client": client} if client else {})
    index = append_entry(
        draft=Draft.service(kind="paper.noted", rid=rid, fields=entry, ts=at)
    ).index
    until = fields.get("until_on")
    return VehiclePaper.objects.create(
        lease=lease,
        paper=fields["paper"],
        number=fields["number"],
        party=fields["party"],
        from_on=date.fromisoformat(fields["from_on"]),
        until_on=date.fromisoformat(until) if until else None,
        noted_by=by,
        noted_at=at,
        entry_index=index,
    )
