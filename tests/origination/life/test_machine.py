"""The state machine of a lease's life: no path outside of it, and histories come to their state."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from origination.domain.life.history import BrokenHistory, Step, replayed, state_on
from origination.domain.life.machine import (
    AT_THE_DESK,
    BEGINNINGS,
    FINAL,
    MACHINE,
    Move,
    State,
    edges,
    next_state,
    ways_out,
)
from origination.domain.life.moves import ASKED
from origination.wording_life import CODES, DONE, FACTS, MEANS, MOVES, STATES
from tenants.permissions import ROLE_PERMISSIONS, Permission, Role

FIRST = date(2025, 1, 1)


@st.composite
def walks(draw: st.DrawFn) -> list[Step]:
    """A path of the machine, with days that never go back."""
    state, steps, day = draw(st.sampled_from(BEGINNINGS)), [], FIRST
    for number in range(1, draw(st.integers(0, 14)) + 1):
        ways = ways_out(state)
        if not ways:
            break
        move = draw(st.sampled_from(ways))
        day += timedelta(days=draw(st.integers(0, 40)))
        end = next_state(state, move)
        steps.append(Step(number, move, state, end, day))
        state = end
    return steps


@given(walks())
def test_a_history_replays_to_its_state_on_every_day(steps):
    assert replayed(steps) == (steps[-1].state if steps else State.ACTIVE)
    for step in steps:
        expected = [other.state for other in steps if other.on <= step.on][-1]
        assert state_on(steps, step.on) == expected


@given(walks(), st.data())
def test_whatever_is_no_path_is_refused(steps, data):
    """Another end, another move, a missing step, days that go back: never a state."""
    if not steps:
        return
    place = data.draw(st.integers(0, len(steps) - 1))
    end = data.draw(st.sampled_from(State))
    move = data.draw(st.sampled_from(Move))
    broken = [*steps]
    broken[place] = replace(steps[place], state=end, move=move)
    follows = steps[place + 1].state_from if place + 1 < len(steps) else end
    if next_state(steps[place].state_from, move) is end and follows is end:
        assert replayed(broken) == broken[-1].state
    else:
        with pytest.raises(BrokenHistory):
            replayed(broken)
    with pytest.raises(BrokenHistory):
        replayed(steps[1:] + steps[:1] if len(steps) > 1 else [replace(steps[0], number=2)])
    if len(steps) > 1:
        early = replace(steps[-1], on=steps[-2].on - timedelta(days=1))
        with pytest.raises(BrokenHistory):
            replayed([*steps[:-1], early])


def test_every_state_is_reached_and_only_final_ones_have_no_way_out():
    reached, waiting = set(BEGINNINGS), [*BEGINNINGS]
    while waiting:
        state = waiting.pop()
        ends = {next_state(state, move) for move in ways_out(state)} - reached
        reached |= ends
        waiting += ends
    assert reached == set(State)
    assert {state for state in State if not ways_out(state)} == FINAL
    assert all(
        start in AT_THE_DESK | {State.NONE} for start, _, end in edges() if end in AT_THE_DESK
    )


def test_only_people_of_a_lessor_move_leases_and_only_a_manager_writes_off():
    def roles(permission: Permission) -> set[Role]:
        return {role for role, held in ROLE_PERMISSIONS.items() if permission in held}

    desk = {Role.LESSOR_BACK_OFFICE, Role.LESSOR_MANAGER}
    assert roles(MACHINE[Move.WRITE_OFF].permission) == {Role.LESSOR_MANAGER}
    assert roles(MACHINE[Move.APPROVE].permission) == desk
    assert {frozenset(roles(MACHINE[move].permission)) for move in ASKED if move is not Move.WRITE_OFF} == {frozenset(desk)}  # fmt: skip  # noqa: E501


def test_every_state_move_field_and_code_has_words():
    assert STATES.keys() == set(State)
    assert MOVES.keys() == set(Move)
    assert DONE.keys() == {None, *Move}
    assert ASKED.keys() <= MEANS.keys()
    for specs in ASKED.values():
        for spec in specs:
            assert spec.name in FACTS
            assert set(spec.codes) == set(CODES.get(spec.name, {}))
