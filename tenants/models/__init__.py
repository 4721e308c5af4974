"""Shared tables: institutions and people, what passes between them, and the title registry."""

from tenants.models.institutions import (
    KIND_CHOICES,
    ROLE_CHOICES,
    Domain,
    EmailUserManager,
    Membership,
    Parcel,
    PublishedKey,
    Relationship,
    Tenant,
    User,
)
from tenants.models.titles import RightClaim, RightState, TitleKeyring

__all__ = [
    "KIND_CHOICES",
    "ROLE_CHOICES",
    "Domain",
    "EmailUserManager",
    "Membership",
    "Parcel",
    "PublishedKey",
    "Relationship",
    "RightClaim",
    "RightState",
    "Tenant",
    "TitleKeyring",
    "User",
]
