"""What monitoring keeps: positions, snapshots, triggers, alerts, telematics, problem assets.

No foreign keys to other rooms: a lease is its record id on the lessor's ledger, a pool its own id.
"""

from .alerts import Alert, Ending, Severity
from .positions import AssetPerformance, PoolSnapshot
from .problems import Cause, ProblemAsset, Remedy
from .telematics import TelematicsDaily
from .triggers import TriggerEvent, TriggerRule
from .watched import WatchedLease, WatchedPool

__all__ = [
    "Alert",
    "AssetPerformance",
    "Cause",
    "Ending",
    "PoolSnapshot",
    "ProblemAsset",
    "Remedy",
    "Severity",
    "TelematicsDaily",
    "TriggerEvent",
    "TriggerRule",
    "WatchedLease",
    "WatchedPool",
]
