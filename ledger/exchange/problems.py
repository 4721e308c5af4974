"""Why a parcel is refused, as codes that both sides show."""

from ledger.core.errors import LedgerError


class ParcelError(LedgerError):
    """A parcel that is refused; `code` names the reason."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


BAD_FORMAT = "bad_format"  # the bytes are no parcel
UNKNOWN_LOG = "unknown_log"  # the sender published no such log, or another than before
BAD_CHECKPOINT = "bad_checkpoint"  # the log's signature on its tree head does not hold
FORKED = "forked"  # the log contradicts what it said before
GAP = "gap"  # entries are missing before this parcel
BAD_ENTRY = "bad_entry"  # an entry is malformed, unsigned or not of this log
BAD_PAYLOAD = "bad_payload"  # a ciphertext or its fields are not those of the entry
BAD_ITEMS = "bad_items"  # items are not those under the batch's root
BAD_KEYS = "bad_keys"  # the data keys do not open
