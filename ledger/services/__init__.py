"""Writes to the ledger of the current tenant, in the caller's transaction."""

from ledger.services.append import (
    Appended,
    append_batch,
    append_entries,
    append_entry,
    append_tape,
)
from ledger.services.checkpoints import seal_checkpoint, sealing_refused
from ledger.services.erasure import erase_payload
from ledger.services.export import export_ledger, write_bundle
from ledger.services.integrating import anything_waits, drain, integrate_pending
from ledger.services.keys import (
    approve_key,
    enrol_key,
    enrol_server_key,
    ensure_back_office_key,
    open_log,
    revoke_key,
)
from ledger.services.queue import Accepted, submit_entry

__all__ = [
    "Accepted",
    "Appended",
    "anything_waits",
    "append_batch",
    "append_entries",
    "append_entry",
    "append_tape",
    "approve_key",
    "drain",
    "enrol_key",
    "enrol_server_key",
    "ensure_back_office_key",
    "erase_payload",
    "export_ledger",
    "integrate_pending",
    "open_log",
    "revoke_key",
    "seal_checkpoint",
    "sealing_refused",
    "submit_entry",
    "write_bundle",
]
