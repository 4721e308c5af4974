"""Tapes into the book: taken in (`staging`), checked (`checking`), imported (`importing`)."""

from origination.services.tapes.checking import Stopped, check_upload
from origination.services.tapes.findings import RowFinding, words_of
from origination.services.tapes.importing import RightLost, import_upload, may_import
from origination.services.tapes.jobs import ask_to_stop, start_check, start_import
from origination.services.tapes.staging import (
    chosen_mapping,
    confirm_mapping,
    drop_upload,
    mapping_of,
    stage_tape,
)
from origination.services.tapes.whole import TapeReport, import_now, import_tape

__all__ = [
    "RightLost",
    "RowFinding",
    "Stopped",
    "TapeReport",
    "ask_to_stop",
    "check_upload",
    "chosen_mapping",
    "confirm_mapping",
    "drop_upload",
    "import_now",
    "import_tape",
    "import_upload",
    "mapping_of",
    "may_import",
    "stage_tape",
    "start_check",
    "start_import",
    "words_of",
]
