"""How promises are kept: by who took them and by how late the lease was then."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from origination.domain.collections.promises import PromiseState, PromiseStatus

K = TypeVar("K", bound=Hashable)

_DECIDED = (PromiseStatus.KEPT, PromiseStatus.PARTLY_KEPT, PromiseStatus.BROKEN)


@dataclass(frozen=True, slots=True)
class Kept:
    """Promises of one group; amounts in minor units, of those that are decided."""

    made: int
    open: int
    kept: int
    partly_kept: int
    broken: int
    withdrawn: int
    promised_minor: int
    paid_minor: int

    @property
    def decided(self) -> int:
        return self.kept + self.partly_kept + self.broken

    @property
    def kept_rate(self) -> Decimal | None:
        """Kept of those that are decided; None where none is."""
        return Decimal(self.kept) / self.decided if self.decided else None

    @property
    def paid_rate(self) -> Decimal | None:
        """Money that came of money that was promised."""
        return Decimal(self.paid_minor) / self.promised_minor if self.promised_minor else None


def kept_by(rows: Iterable[tuple[K, PromiseState]]) -> dict[K, Kept]:
    """The figures of each group, in the order in which the groups come."""
    groups: dict[K, list[PromiseState]] = {}
    for key, state in rows:
        groups.setdefault(key, []).append(state)
    return {key: _kept(states) for key, states in groups.items()}


def _kept(states: list[PromiseState]) -> Kept:
    count = Counter(state.status for state in states)
    decided = [state for state in states if state.status in _DECIDED]
    return Kept(
        made=len(states),
        open=count[PromiseStatus.OPEN],
        kept=count[PromiseStatus.KEPT],
        partly_kept=count[PromiseStatus.PARTLY_KEPT],
        broken=count[PromiseStatus.BROKEN],
        withdrawn=count[PromiseStatus.WITHDRAWN],
        promised_minor=sum(state.promise.amount_minor for state in decided),
        paid_minor=sum(state.paid_minor for state in decided),
    )
