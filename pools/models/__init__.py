"""What pools keep; one module a subject."""

from .assets import Asset, AssetPayment, AssetPrice, AssetSearch
from .deals import (
    CommitteeVote,
    DiligenceFinding,
    Disbursement,
    Facility,
    FacilityState,
    FinancingRequest,
    Pledge,
    PledgeState,
    Pool,
    PoolApproval,
    PoolAsset,
    PoolState,
    ReleaseReason,
    RequestState,
)
from .distributions import Distribution, Holding, UnitPayment
from .documents import DocumentKind, IssuedDocument
from .modelling import (
    ModelApproval,
    ModelState,
    ModelTrial,
    ModelVersion,
    ShadowRun,
    TrialState,
)
from .screening import AssetResult, ScreeningRun

__all__ = [
    "Asset",
    "AssetPayment",
    "AssetPrice",
    "AssetResult",
    "AssetSearch",
    "CommitteeVote",
    "DiligenceFinding",
    "Disbursement",
    "Distribution",
    "DocumentKind",
    "Facility",
    "FacilityState",
    "FinancingRequest",
    "Holding",
    "IssuedDocument",
    "ModelApproval",
    "ModelState",
    "ModelTrial",
    "ModelVersion",
    "Pledge",
    "PledgeState",
    "Pool",
    "PoolApproval",
    "PoolAsset",
    "PoolState",
    "ReleaseReason",
    "RequestState",
    "ScreeningRun",
    "ShadowRun",
    "TrialState",
    "UnitPayment",
]
