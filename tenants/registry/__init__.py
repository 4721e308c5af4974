"""Title registry: no right on a vehicle is pledged or sold twice, across all institutions.

Blind: identifiers are stored as HMAC-SHA256 under the platform's key (and encrypted, for the day
on which that key is rotated), and a refusal is the same whoever was first. Every change runs in
the caller's transaction under advisory locks, single ones by identifier in sorted order (racing
inserts deadlocked otherwise), bulk ones for the registry as a whole. The database's exclusion
constraint is the last word where a lock was forgotten.

Take the registry's locks before the ledger's head lock, never after.
"""

from tenants.registry.claims import (
    RIGHTS,
    ClaimOutcome,
    ClaimRequest,
    claim_rights,
    resubmit_identifiers,
    withdraw_claims,
)
from tenants.registry.contesting import Held, fingerprints, holders_of, seal_for
from tenants.registry.keys import blind_index
from tenants.registry.problems import RightUnavailable
from tenants.registry.retrying import retried
from tenants.registry.rights import (
    availability_of,
    held_among,
    perfect_rights,
    release_rights,
    reserve_rights,
    states_of,
)
from tenants.registry.sealing import unseal

__all__ = [
    "RIGHTS",
    "ClaimOutcome",
    "ClaimRequest",
    "Held",
    "RightUnavailable",
    "availability_of",
    "blind_index",
    "claim_rights",
    "fingerprints",
    "held_among",
    "holders_of",
    "perfect_rights",
    "release_rights",
    "reserve_rights",
    "resubmit_identifiers",
    "retried",
    "seal_for",
    "states_of",
    "unseal",
    "withdraw_claims",
]
