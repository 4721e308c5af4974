"""The lessor's own books."""

from origination.models.book import (
    ApplicationState,
    FinancingApplication,
    Lease,
    PaymentEvent,
    PledgeRequest,
    PledgeState,
    ReferenceFile,
    ReferenceFinding,
    RegistryFinding,
    ShareGrant,
    Tape,
    TapeFinding,
)
from origination.models.life import LifeStep
from origination.models.servicing import (
    LinePart,
    LineState,
    ServicingTermsSet,
    Statement,
    StatementLine,
)
from origination.models.tapes import LeaseReport, TapeChunk, TapeSource, TapeUpload, UploadState

__all__ = [
    "ApplicationState",
    "FinancingApplication",
    "Lease",
    "LeaseReport",
    "LifeStep",
    "LinePart",
    "LineState",
    "PaymentEvent",
    "PledgeRequest",
    "PledgeState",
    "ReferenceFile",
    "ReferenceFinding",
    "RegistryFinding",
    "ServicingTermsSet",
    "ShareGrant",
    "Statement",
    "StatementLine",
    "Tape",
    "TapeChunk",
    "TapeFinding",
    "TapeSource",
    "TapeUpload",
    "UploadState",
]
