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
from origination.models.collections import (
    CollectionCase,
    CollectionContact,
    CollectionRulesSet,
    PaymentPromise,
)
from origination.models.desk import Application, ApplicationVersion, ApprovalLimits
from origination.models.life import LifeStep
from origination.models.lists import BulkAction, BulkItem, BulkState, SavedFilter
from origination.models.papers import VehiclePaper
from origination.models.servicing import (
    LinePart,
    LineState,
    ServicingTermsSet,
    Statement,
    StatementLine,
)
from origination.models.tapes import LeaseReport, TapeChunk, TapeSource, TapeUpload, UploadState

__all__ = [
    "Application",
    "ApplicationState",
    "ApplicationVersion",
    "ApprovalLimits",
    "BulkAction",
    "BulkItem",
    "BulkState",
    "CollectionCase",
    "CollectionContact",
    "CollectionRulesSet",
    "FinancingApplication",
    "Lease",
    "LeaseReport",
    "LifeStep",
    "LinePart",
    "LineState",
    "PaymentEvent",
    "PaymentPromise",
    "PledgeRequest",
    "PledgeState",
    "ReferenceFile",
    "ReferenceFinding",
    "RegistryFinding",
    "SavedFilter",
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
    "VehiclePaper",
]
