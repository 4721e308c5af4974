"""States of a lease, the moves between them, and the permission that each move needs.

A lease that was recorded from a phone or a tape without an application begins as `active`: its
`lease.recorded` is the beginning of its history. Extensions, restructurings and transfers change
what an active lease owes or who owes it; it stays active, and its history names them. That a
write-off is asked for, or given up, leaves a lease in the state in which it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from tenants.permissions import Permission


class State(StrEnum):
    NONE = ""  # before anything was asked for
    APPLICATION = "application"
    QUESTIONED = "questioned"
    APPROVED = "approved"
    CONTRACT = "contract"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    ACTIVE = "active"
    EARLY_SETTLED = "early_settled"
    TURNED_IN = "turned_in"
    REPOSSESSED = "repossessed"
    WRITTEN_OFF = "written_off"
    CLOSED = "closed"


class Move(StrEnum):
    APPLY = "apply"
    ASK = "ask"
    REVISE = "revise"
    APPROVE = "approve"
    DECLINE = "decline"
    WITHDRAW = "withdraw"
    SIGN = "sign"
    ACTIVATE = "activate"
    EXTEND = "extend"
    CHANGE_RATE = "change_rate"
    CHANGE_DUE_DAY = "change_due_day"
    PAUSE = "pause"
    RESTRUCTURE = "restructure"
    TRANSFER = "transfer"
    SETTLE = "settle"
    REINSTATE = "reinstate"
    TURN_IN = "turn_in"
    REPOSSESS = "repossess"
    HAND_BACK = "hand_back"
    ASK_WRITE_OFF = "ask_write_off"
    DROP_WRITE_OFF = "drop_write_off"
    WRITE_OFF = "write_off"
    CLOSE = "close"


#: What a lease recorded without an application begins as.
BEGINNINGS: Final = (State.NONE, State.ACTIVE)
#: Before there is a lease.
AT_THE_DESK: Final = frozenset(
    {State.APPLICATION, State.QUESTIONED, State.APPROVED, State.CONTRACT, State.DECLINED,
     State.WITHDRAWN}
)  # fmt: skip
#: Changes of the schedule (`domain.servicing.amending`): the lease runs on.
AMENDING: Final = frozenset(
    {Move.EXTEND, Move.CHANGE_RATE, Move.CHANGE_DUE_DAY, Move.PAUSE, Move.RESTRUCTURE}
)
FINAL: Final = frozenset({State.DECLINED, State.WITHDRAWN, State.CLOSED})


@dataclass(frozen=True, slots=True)
class Transition:
    """A move from any of `starts` to `ends`, for people who hold `permission`.

    Where `ends` is None the lease stays in the state in which it is.
    """

    move: Move
    starts: frozenset[State]
    ends: State | None
    permission: Permission

    def end(self, start: State) -> State:
        """Where it leads from one of its starts."""
        return start if self.ends is None else self.ends


def _from(starts: str, move: Move, ends: State | None, permission: Permission) -> Transition:
    return Transition(move, frozenset(State(name) for name in starts.split(",")), ends, permission)


_RECORD, _DECIDE = Permission.RECORD_LEASE, Permission.DECIDE_APPLICATION
_MOVE, _WRITE_OFF = Permission.MOVE_LEASE, Permission.WRITE_OFF_LEASE
_ROWS = (
    _from("", Move.APPLY, State.APPLICATION, _RECORD),
    _from("application", Move.ASK, State.QUESTIONED, _DECIDE),
    _from("application,questioned", Move.REVISE, State.APPLICATION, _RECORD),
    _from("application", Move.APPROVE, State.APPROVED, _DECIDE),
    _from("application,questioned", Move.DECLINE, State.DECLINED, _DECIDE),
    _from("application,questioned,approved,contract", Move.WITHDRAW, State.WITHDRAWN, _RECORD),
    _from("approved", Move.SIGN, State.CONTRACT, _MOVE),
    _from("contract", Move.ACTIVATE, State.ACTIVE, _MOVE),
    _from("active", Move.EXTEND, State.ACTIVE, _MOVE),
    _from("active", Move.CHANGE_RATE, State.ACTIVE, _MOVE),
    _from("active", Move.CHANGE_DUE_DAY, State.ACTIVE, _MOVE),
    _from("active", Move.PAUSE, State.ACTIVE, _MOVE),
    _from("active", Move.RESTRUCTURE, State.ACTIVE, _MOVE),
    _from("active", Move.TRANSFER, State.ACTIVE, _MOVE),
    _from("active,repossessed", Move.SETTLE, State.EARLY_SETTLED, _MOVE),
    _from("early_settled", Move.REINSTATE, State.ACTIVE, _MOVE),
    _from("active", Move.TURN_IN, State.TURNED_IN, _MOVE),
    _from("active", Move.REPOSSESS, State.REPOSSESSED, _MOVE),
    _from("repossessed", Move.HAND_BACK, State.ACTIVE, _MOVE),
    _from("active,turned_in,repossessed", Move.ASK_WRITE_OFF, None, _MOVE),
    _from("active,turned_in,repossessed", Move.DROP_WRITE_OFF, None, _MOVE),
    _from("active,turned_in,repossessed", Move.WRITE_OFF, State.WRITTEN_OFF, _WRITE_OFF),
    _from("active,early_settled,turned_in,repossessed,written_off", Move.CLOSE, State.CLOSED,
          _MOVE),
)  # fmt: skip
MACHINE: Final[dict[Move, Transition]] = {row.move: row for row in _ROWS}


def next_state(state: State, move: Move) -> State | None:
    """Where a move leads from a state; None where there is no such way."""
    row = MACHINE[move]
    return row.end(state) if state in row.starts else None


def ways_out(state: State) -> list[Move]:
    """The moves that lead on from a state, in the order of the machine."""
    return [row.move for row in _ROWS if state in row.starts]


def edges() -> list[tuple[State, Move, State]]:
    """Every (from, move, to) of the machine, sorted."""
    return sorted((start, row.move, row.end(start)) for row in _ROWS for start in row.starts)
