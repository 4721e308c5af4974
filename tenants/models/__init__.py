"""Shared tables: institutions, people, what passes between them, title registry and contests."""

from tenants.models.contests import (
    Contest,
    ContestPaper,
    ContestQuestion,
    ContestState,
    QuestionState,
)
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
from tenants.models.title_map import (
    TitleEpoch,
    TitleIndex,
    TitleLeaf,
    TitleNode,
    TitlePrepared,
    TitleQuery,
)
from tenants.models.titles import RightClaim, RightState, TitleKeyring

__all__ = [
    "KIND_CHOICES",
    "ROLE_CHOICES",
    "Contest",
    "ContestPaper",
    "ContestQuestion",
    "ContestState",
    "Domain",
    "EmailUserManager",
    "Membership",
    "Parcel",
    "PublishedKey",
    "QuestionState",
    "Relationship",
    "RightClaim",
    "RightState",
    "Tenant",
    "TitleEpoch",
    "TitleIndex",
    "TitleKeyring",
    "TitleLeaf",
    "TitleNode",
    "TitlePrepared",
    "TitleQuery",
    "User",
]
