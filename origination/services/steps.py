"""One step of a history: the fields of its entry, and its row."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from origination.domain.life.machine import Move, State
from origination.models import Lease, LifeStep


@dataclass(frozen=True)
class Chain:
    """What a step is added to; its row (of the lease or the application) is locked by the caller.

    `begins`: the state in which a history without a step stands.
    """

    rid: UUID
    last: LifeStep | None
    begins: State
    lease: Lease | None = None

    @property
    def state(self) -> State:
        return State(self.last.state) if self.last else self.begins

    @property
    def number(self) -> int:
        """Of the next step."""
        return self.last.number + 1 if self.last else 1


def entry_fields(
    chain: Chain,
    move: Move,
    ends: State,
    *,
    on: date,
    facts: Mapping[str, str],
    by: UUID,
    client: str,
) -> dict[str, str]:
    """The fields of the entry of a move: `lease.moved` or `application.moved`."""
    fields = {
        "move": move.value,
        "number": str(chain.number),
        "state_from": chain.state.value,
        "state": ends.value,
        "on": on.isoformat(),
        **facts,
        "moved_by": str(by),
    }
    return fields | ({"client": client} if client else {})


def keep_step(
    chain: Chain,
    move: Move,
    ends: State,
    *,
    on: date,
    facts: Mapping[str, str],
    by: UUID,
    at: datetime,
    client: str,
    entry_index: int,
) -> LifeStep:
    """The row beside an entry."""
    return LifeStep.objects.create(
        rid=chain.rid,
        number=chain.number,
        previous=chain.last.number if chain.last else None,
        move=move.value,
        state_from=chain.state.value,
        state=ends.value,
        on=on,
        lease=chain.lease,
        facts=dict(facts),
        client=client,
        by=by,
        at=at,
        entry_index=entry_index,
    )
