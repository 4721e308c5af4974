"""What pools keep; one module a subject."""

from .assets import Asset, AssetPayment, AssetPrice
from .documents import DocumentKind, IssuedDocument
from .modelling import ModelApproval, ModelState, ModelVersion
from .screening import AssetResult, ScreeningRun

__all__ = [
    "Asset",
    "AssetPayment",
    "AssetPrice",
    "AssetResult",
    "DocumentKind",
    "IssuedDocument",
    "ModelApproval",
    "ModelState",
    "ModelVersion",
    "ScreeningRun",
]
