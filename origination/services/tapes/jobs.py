"""Checking and importing as jobs: begun, stopped, gone on with; one at a time for an upload."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.db import transaction

from origination.models import TapeUpload, UploadState
from origination.problems import TapeBusy, TapeUnready
from origination.services.tapes.checking import Stopped, check_upload
from origination.services.tapes.importing import RightLost, import_upload, may_import
from origination.services.tapes.staging import mapping_of
from tenants.problems import Problem

Enqueue = Callable[[TapeUpload], object]


@transaction.atomic
def start_check(*, upload: TapeUpload, enqueue: Enqueue) -> None:
    """Have a file checked, again where it was before. Raises `NotATape` by field or `TapeBusy`."""
    upload = _locked(upload)
    if upload.tape_id is not None:
        raise TapeBusy
    mapping_of(upload).check()
    _begin(upload, UploadState.CHECKING)
    enqueue(upload)


@transaction.atomic
def start_import(
    *, upload: TapeUpload, keep_good: bool, confirm_warnings: bool, enqueue: Enqueue
) -> None:
    """Have a checked file imported, or gone on with. Raises `TapeUnready` or `TapeBusy`.

    A job that seems dead is begun again this way too: two of one upload run one after another, and
    the second finds nothing left to do.
    """
    upload = _locked(upload)
    if upload.state in (UploadState.CHECKING, UploadState.IMPORTED):
        raise TapeBusy
    if upload.tape_id is None:  # once rows are in the book, the choice stands
        upload.keep_good, upload.confirm_warnings = keep_good, confirm_warnings
    if not may_import(upload):
        raise TapeUnready
    upload.save(update_fields=["keep_good", "confirm_warnings"])
    _begin(upload, UploadState.IMPORTING)
    enqueue(upload)


def ask_to_stop(*, upload: TapeUpload) -> None:
    """The job stops after the chunk that it is at; what is in the book stays there."""
    TapeUpload.objects.filter(pk=upload.pk).update(is_stop_asked=True)


def run_check(*, upload_id: UUID, clock: Callable[[], datetime]) -> None:
    """The job of `start_check`."""
    upload = TapeUpload.objects.get(pk=upload_id)
    if upload.state == UploadState.CHECKING:
        _run(upload, lambda: check_upload(upload=upload, today=clock().date()), UploadState.READ)


def run_import(*, upload_id: UUID, by: UUID, clock: Callable[[], datetime]) -> None:
    """The job of `start_import`."""
    upload = TapeUpload.objects.get(pk=upload_id)
    if upload.state != UploadState.IMPORTED:
        _run(
            upload,
            lambda: import_upload(upload=upload, by=by, clock=clock),
            UploadState.STOPPED,
        )


def _run(upload: TapeUpload, work: Callable[[], None], stopped: UploadState) -> None:
    """Work, with what became of it in the upload; a fault passes on, so that the job is retried."""
    try:
        work()
    except Stopped:
        _end(upload, stopped)
    except RightLost as lost:
        rows = sorted({lost.first_row + row for row in lost.found["row"]})
        _end(upload, UploadState.FAILED, {"code": "right_unavailable", "rows": rows})
    except Problem as problem:
        _end(upload, UploadState.FAILED, {"code": problem.code, "said": str(problem)})
    except Exception as error:
        _end(upload, UploadState.FAILED, {"code": "fault", "said": type(error).__name__})
        raise


def _end(upload: TapeUpload, state: UploadState, problem: dict[str, object] | None = None) -> None:
    TapeUpload.objects.filter(pk=upload.pk).update(state=state, problem=problem or {})


def _begin(upload: TapeUpload, state: UploadState) -> None:
    upload.state, upload.is_stop_asked, upload.problem = state, False, {}
    upload.save(update_fields=["state", "is_stop_asked", "problem"])


def _locked(upload: TapeUpload) -> TapeUpload:
    return TapeUpload.objects.select_for_update().get(pk=upload.pk)
