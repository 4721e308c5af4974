"""Why a parcel is refused, as codes that both sides show."""

from ledger.core.errors import LedgerError, ProofError
from ledger.core.fork import Fork


class ParcelError(LedgerError):
    """A parcel that is refused; `code` names the reason."""

    def __init__(self, code: str, detail: str, fork: Fork | None = None) -> None:
        super().__init__(detail)
        self.code = code
        self.fork = fork  # what convicts the log, where it does


class Contradiction(ProofError):
    """What was cosigned of a log and what it shows now are two histories; `fork` convicts it."""

    def __init__(self, detail: str, fork: Fork | None = None) -> None:
        super().__init__(detail)
        self.fork = fork


BAD_FORMAT = "bad_format"  # the bytes are no parcel
UNKNOWN_LOG = "unknown_log"  # the sender published no such log, or another than before
BAD_CHECKPOINT = "bad_checkpoint"  # the log's signature on its tree head does not hold
FORKED = "forked"  # the log signed a history that contradicts the one it signed before
CONVICTED = "convicted"  # it has two histories, and nobody here decided which one counts
BAD_PROOF = "bad_proof"  # the parcel does not lead to the root that was signed
GAP = "gap"  # entries are missing before this parcel
BAD_ENTRY = "bad_entry"  # an entry is malformed, unsigned or not of this log
BAD_PAYLOAD = "bad_payload"  # a ciphertext or its fields are not those of the entry
BAD_ITEMS = "bad_items"  # items are not those under the batch's root
BAD_KEYS = "bad_keys"  # the data keys do not open
BAD_ERASURE = "bad_erasure"  # it tells of an erasure that there is not, or cannot be
TOO_LARGE = "too_large"  # more bytes than a parcel may have
NOT_TAKEN = "not_taken"  # proven, but what it says cannot be taken into the receiver's books
UNUSABLE = "unusable"  # proven, but the rooms that read it could not make sense of it
STALLED = "stalled"  # checkpoints speak of entries that do not come
SILENT = "silent"  # nothing came for long, not even a sign of life
#: A source that stands still is named so; why, another refusal of its says, or none.
STANDSTILLS = (STALLED, SILENT)
