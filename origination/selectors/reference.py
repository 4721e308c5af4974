"""Reference files read back: the rows that were taken, checked against the ledger's entry."""

import io
from hashlib import sha256

import polars as pl

from ledger import selectors as ledger
from origination.models import ReferenceFile
from tenants.problems import Refused


def reference_table(file: ReferenceFile) -> pl.DataFrame:
    """The rows as the dialect read them. Raises where they are not those of the ledger's entry."""
    stored = bytes(file.table)
    if sha256(stored).hexdigest() != ledger.payload(file.entry_index)["table_sha256"]:
        raise Refused(
            code="reference_changed",
            title="The stored rows are not those that were imported.",
            mend="Import the file again and compare the two ledger entries.",
        )
    return pl.read_parquet(io.BytesIO(stored))
