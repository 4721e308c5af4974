"""A preview is kept row by row; confirmed, its rows are done once, each as the preview saw it."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from origination.bulk.actions import Action, told
from origination.bulk.asking import Asking
from origination.bulk.closing import Closing
from origination.bulk.collecting import Assigning, Barring
from origination.models import BulkAction, BulkItem, BulkState
from origination.problems import BulkInvalid, PreviewOver
from origination.services.desk import Actor
from tenants.problems import FieldError, Problem

ACTIONS: dict[str, Action] = {
    action.code: action for action in (Closing(), Barring(), Assigning(), Asking())
}
MOST = 200
VALID = timedelta(minutes=30)


@transaction.atomic
def preview_bulk(
    *, action: Action, subjects: Sequence[UUID], given: Mapping[str, str], by: UUID, at: datetime
) -> BulkAction:
    """Keep what would be done to each row, and why it cannot be. Writes nothing else."""
    wanted = list(dict.fromkeys(subjects))
    if len(wanted) > MOST:
        detail, mend = "These are more than %(most)s rows.", "Narrow the filter, or do it in parts."
        raise BulkInvalid(errors=[FieldError("rows", "too_many", detail, mend, {"most": MOST})])
    planned = action.plan(wanted, given, at) if wanted else []
    if not planned:
        detail, mend = "No row is chosen.", "Tick one or more, or take all that the filter finds."
        raise BulkInvalid(errors=[FieldError("rows", "nothing", detail, mend)])
    bulk = BulkAction.objects.create(action=action.code, given=given, made_by=by, made_at=at)
    BulkItem.objects.bulk_create(
        BulkItem(
            bulk=bulk,
            place=place,
            subject=row.subject,
            name=row.name,
            seen=row.seen,
            state=BulkState.REFUSED if row.reasons else BulkState.READY,
            reasons=list(row.reasons),
        )
        for place, row in enumerate(planned, start=1)
    )
    return bulk


def confirm_bulk(*, bulk: BulkAction, actor: Actor, at: datetime) -> BulkAction:
    """Do every row that was ready, once; a repeat does what an interruption left, and no more.

    Raises `PreviewOver` where too much time has passed. A row that changed since the preview is
    not done, and says why; the others are.
    """
    if bulk.done_at is None and at - bulk.made_at > VALID:
        raise PreviewOver
    action = ACTIONS[bulk.action]
    ready = list(bulk.items.filter(state=BulkState.READY).values_list("pk", flat=True))
    for chunk in [ready] if action.is_whole else [[pk] for pk in ready]:
        if chunk:
            _run(action, chunk, bulk.given, actor, at)
    BulkAction.objects.filter(pk=bulk.pk, done_at=None).update(done_at=at)
    bulk.refresh_from_db()
    return bulk


def _run(
    action: Action, keys: Sequence[int], given: Mapping[str, str], actor: Actor, at: datetime
) -> None:
    """The rows and their entry in one transaction; who comes second finds them done."""
    rows = BulkItem.objects.filter(pk__in=keys)
    try:
        with transaction.atomic():
            items = list(rows.select_for_update().filter(state=BulkState.READY))
            if items:
                index = action.run(items, given, actor, at)
                changed = {"state": BulkState.DONE, "entry_index": index}
                rows.filter(pk__in=[item.pk for item in items]).update(**changed)
    except Problem as problem:
        rows.filter(state=BulkState.READY).update(state=BulkState.FAILED, reasons=told(problem))
