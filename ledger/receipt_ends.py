"""Where each chain of receipts ended when it was gone over last: files beside the root key.

Whoever owns the database alone could take away the last statements of a chain, or all of them, with
the rows that they name. What this remembers is out of his reach: `receipts/<tenant>/<log id>.json`
in the key folder, the number of statements and the hash of the last one.
"""

import json
from pathlib import Path
from typing import NamedTuple

from django.conf import settings

from ledger.core.errors import MalformedError
from ledger.durable import make_folder, replace_file, sync_folder
from ledger.keystore import told_if_unwritable
from tenants.context import current_tenant


class End(NamedTuple):
    """How many statements a chain has, and the hash of the last one (hexadecimal)."""

    count: int
    hash: str


def remembered(log_id: str) -> End | None:
    """The end of the chain about a log's rows when it was gone over last; `MalformedError`."""
    try:
        found = json.loads(_path(log_id).read_bytes())
        return End(int(found["count"]), str(found["hash"]))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise MalformedError("what is remembered of the receipts cannot be read") from error


def remember(log_id: str, end: End) -> None:
    """Keep it, durably; `KeyFolderUnwritable`."""
    path = _path(log_id)
    with told_if_unwritable(path):
        make_folder(path.parent)
        replace_file(path, json.dumps(end._asdict()).encode())


def forget() -> None:
    """This tenant's schema begins anew, restored from a copy; what was remembered is put aside."""
    folder = _folder()
    if not folder.exists():
        return
    with told_if_unwritable(folder):
        number = len(list(folder.parent.glob(f"{folder.name}.before-*"))) + 1
        folder.rename(folder.with_name(f"{folder.name}.before-{number}"))
        sync_folder(folder.parent)


def _folder() -> Path:
    return Path(settings.KEY_DIR) / "receipts" / current_tenant().pk.hex


def _path(log_id: str) -> Path:
    return _folder() / f"{log_id}.json"
