"""Who may approve how much: dated limits by role."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from origination.domain.life.machine import MACHINE, Move
from tenants.permissions import ROLE_PERMISSIONS, Role

#: Roles that decide applications at all, in the order of the table of roles.
DECIDING: Final = tuple(
    role for role, held in ROLE_PERMISSIONS.items() if MACHINE[Move.APPROVE].permission in held
)


@dataclass(frozen=True, slots=True)
class Limits:
    """From a day on, what each role may approve of a currency, in minor units.

    `order` tells which of two that start on one day was set later.
    """

    starts_on: date
    order: int
    currency: str
    up_to: Mapping[Role, int]


def in_force(versions: Iterable[Limits], day: date, currency: str) -> Limits | None:
    """The version that governs a day: the latest that has begun, of one day the one set last."""
    begun = [one for one in versions if one.starts_on <= day and one.currency == currency]
    return max(begun, key=lambda one: (one.starts_on, one.order), default=None)


def most(limits: Limits, roles: Iterable[Role]) -> int:
    """What somebody of these roles may approve: the highest of their limits, 0 without any."""
    return max((limits.up_to.get(role, 0) for role in roles), default=0)
