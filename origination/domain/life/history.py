"""A history of moves, and the state that it comes to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from origination.domain.life.machine import BEGINNINGS, Move, State, next_state


class BrokenHistory(ValueError):
    """Steps that are no path of the machine."""


@dataclass(frozen=True, slots=True)
class Step:
    """One move as it was made: its number from 1, and the day from which it counts."""

    number: int
    move: Move
    state_from: State
    state: State
    on: date


def replayed(steps: Iterable[Step], begins: State = State.ACTIVE) -> State:
    """The state after all steps; `begins` where there is none.

    Raises BrokenHistory where a number is missing, a step does not start where the one before it
    ended, the machine has no such way, or a day comes before the one of the step before.
    """
    state, before = None, None
    for place, step in enumerate(steps, start=1):
        if step.number != place:
            raise BrokenHistory(f"step {place} is missing")
        expected = (step.state_from,) if state is None else (state,)
        if step.state_from not in expected or (state is None and step.state_from not in BEGINNINGS):
            raise BrokenHistory(f"step {place} starts from {step.state_from!r}, not {state!r}")
        if next_state(step.state_from, step.move) is not step.state:
            raise BrokenHistory(f"step {place}: no way {step.move} to {step.state!r}")
        if before is not None and step.on < before:
            raise BrokenHistory(f"step {place} is dated before the step before it")
        state, before = step.state, step.on
    return begins if state is None else state


def state_on(steps: Iterable[Step], day: date, begins: State = State.ACTIVE) -> State:
    """The state at the end of a day."""
    return replayed((step for step in steps if step.on <= day), begins)
