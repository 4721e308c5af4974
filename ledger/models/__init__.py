"""The tables of one tenant's ledger. Rows of the log are written by the database's functions only
(`ledger/sql`); the application's role has no other way."""

from ledger.models.anchoring import AnchorKind, AnchorReceipt, AnchorTarget, ReceiptState
from ledger.models.checking import LedgerCheck
from ledger.models.erasing import Erasure, ErasureAnswer, ReplicaErasure
from ledger.models.halting import Halt
from ledger.models.keys import (
    FormerKey,
    KeyEncryptionKey,
    KeyState,
    SecretPurpose,
    SigningKey,
    TenantSecret,
)
from ledger.models.log import (
    Checkpoint,
    Cosignature,
    Entry,
    Head,
    Items,
    Payload,
    ReplacedNote,
)
from ledger.models.pending import Pending
from ledger.models.receipts import Receipt
from ledger.models.replica import (
    ForkProof,
    ForkRuling,
    Outbox,
    Refusal,
    Replica,
    ReplicaEntry,
    ReplicaItems,
    ReplicaPayload,
    Restoration,
    ServedRecord,
)
from ledger.models.titles import (
    TitleAlarm,
    TitleCheck,
    TitleProofKept,
    TitleRootSeen,
    TitleWatch,
)
from ledger.models.witnessing import TrustPolicy, Witness, WitnessedLog, WitnessWord

__all__ = [
    "AnchorKind",
    "AnchorReceipt",
    "AnchorTarget",
    "Checkpoint",
    "Cosignature",
    "Entry",
    "Erasure",
    "ErasureAnswer",
    "ForkProof",
    "ForkRuling",
    "FormerKey",
    "Halt",
    "Head",
    "Items",
    "KeyEncryptionKey",
    "KeyState",
    "LedgerCheck",
    "Outbox",
    "Payload",
    "Pending",
    "Receipt",
    "ReceiptState",
    "Refusal",
    "ReplacedNote",
    "Replica",
    "ReplicaEntry",
    "ReplicaErasure",
    "ReplicaItems",
    "ReplicaPayload",
    "Restoration",
    "SecretPurpose",
    "ServedRecord",
    "SigningKey",
    "TenantSecret",
    "TitleAlarm",
    "TitleCheck",
    "TitleProofKept",
    "TitleRootSeen",
    "TitleWatch",
    "TrustPolicy",
    "Witness",
    "WitnessWord",
    "WitnessedLog",
]
