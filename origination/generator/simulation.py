"""Leases lived month by month: who pays how many rents when, who defaults, who settles early.

All leases of a partition step together by age. The result is columns of instalments (lease, first
rent, how many, day) from which `payments` makes bank lines.
"""

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from origination.generator import chain
from origination.generator.contracts import Contracts
from origination.generator.economy import Economy
from origination.generator.rents import Rents
from origination.generator.risk import Risk, economy_loading, seasoning

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
NEVER = np.iinfo(np.int32).max
DEFAULT_DAYS = 91  # more than 90 days past due
SETTLEMENT_DAYS = (14, 27)  # after the month's rent, paid in parts or twice, is through


@dataclass(frozen=True)
class Instalments:
    """One row a payment: `count` rents of `lease` from rent `start` (counted from 0) on `day`."""

    lease: Ints
    start: Ints
    count: Ints
    day: Ints
    due: Ints
    distressed: Flags


@dataclass(frozen=True)
class Lives:
    """What became of n leases: days since 1970-01-01, `NEVER` where it did not happen."""

    instalments: Instalments
    distressed_on: Ints
    default_on: Ints
    settled_on: Ints
    matured_on: Ints
    rents_paid: Ints  # when the life ended, or so far
    distressed: Flags  # in the last month that was lived


@dataclass
class _State:
    """Mutable columns of the partition while it is lived."""

    distressed: Flags
    paid: Ints  # rents paid so far
    prompt: Flags  # this month's payment came on its due day
    distressed_on: Ints
    default_on: Ints
    settled_on: Ints
    matured_on: Ints
    rows: list[tuple[NDArray, ...]] = field(default_factory=list)  # type: ignore[type-arg]


@dataclass(frozen=True)
class World:
    """Everything that does not change while the partition is lived."""

    contracts: Contracts
    rents: Rents
    risk: Risk
    economy: Economy
    level: float
    last_day: int  # days since 1970-01-01
    rng: np.random.Generator


def live(world: World) -> Lives:
    """Step every lease from its first rent to its end or to the world's last day."""
    contracts = world.contracts
    count = len(contracts)
    never = np.full(count, NEVER, dtype=np.int64)
    state = _State(
        np.zeros(count, bool),
        np.zeros(count, np.int64),
        np.zeros(count, bool),
        never,
        never.copy(),
        never.copy(),
        never.copy(),
    )
    active = np.arange(count)
    for age in range(1, int(contracts.term.max(initial=0)) + 1):
        due = _due(world, active, age)
        active, due = active[due <= world.last_day], due[due <= world.last_day]
        if not len(active):
            break
        active = _month(world, state, active, due, age)
    return _lived(state)


def live_on(world: World, lives: Lives) -> Lives:
    """Step every lease that still lived on the world's last day, where `live` stopped, to its end.

    The answer's instalments are those after that day. The stress of the last month lasts.
    """
    contracts, last_day = world.contracts, world.last_day
    world = replace(world, last_day=NEVER - 1)
    prompt = np.zeros(len(contracts), bool)
    state = _State(
        lives.distressed.copy(),
        lives.rents_paid.copy(),
        prompt,
        lives.distressed_on.copy(),
        lives.default_on.copy(),
        lives.settled_on.copy(),
        lives.matured_on.copy(),
    )
    age = _rents_due(world, last_day)
    over = np.minimum.reduce([lives.default_on, lives.settled_on, lives.matured_on]) != NEVER
    owed = age - state.paid
    falls = ~over & ((owed >= chain.DEFAULT_ARREARS) | ((age == contracts.term) & (owed > 0)))
    _default(world, state, np.flatnonzero(falls))
    none = np.empty(0, dtype=np.int64)
    state.rows.append((none, none, none, none, none, none.astype(bool)))
    active = np.flatnonzero(~over & ~falls & (age < contracts.term))
    while len(active):
        age[active] += 1
        due = _due(world, active, age[active])
        active = _month(world, state, active, due, age[active])
    return _lived(state)


def _rents_due(world: World, day: int) -> Ints:
    """How many rents of each lease are due by a day (days since 1970-01-01)."""
    first = world.rents.first_payment.astype("datetime64[D]")
    month, until = first.astype("datetime64[M]"), np.datetime64(day, "D")
    months = (until.astype("datetime64[M]") - month).astype(np.int64)
    late_in_month = (first - month.astype("datetime64[D]")).astype(np.int64)
    passed = (until - until.astype("datetime64[M]").astype("datetime64[D]")).astype(np.int64)
    count = months + (passed >= late_in_month)
    return np.asarray(np.clip(count, 0, world.contracts.term), dtype=np.int64)


def _lived(state: _State) -> Lives:
    return Lives(
        Instalments(*(np.concatenate(column) for column in zip(*state.rows, strict=True))),
        state.distressed_on,
        state.default_on,
        state.settled_on,
        state.matured_on,
        state.paid,
        state.distressed,
    )


def _due(world: World, lease: Ints, number: int | Ints) -> Ints:
    """The due day of rent `number` (from 1): months count from the first payment."""
    first = world.rents.first_payment[lease]
    month = first.astype("datetime64[D]").astype("datetime64[M]")
    in_month = first - month.astype("datetime64[D]").astype(np.int64)
    later = (month + np.asarray(number - 1).astype("timedelta64[M]")).astype("datetime64[D]")
    return np.asarray(later.astype(np.int64) + in_month)


def _month(world: World, state: _State, active: Ints, due: Ints, age: int | Ints) -> Ints:
    """Play one month; the leases that live on."""
    _fall_and_rise(world, state, active, due, age)
    return _pay(world, state, active, due, age)


def _fall_and_rise(world: World, state: _State, active: Ints, due: Ints, age: int | Ints) -> None:
    """Move leases between health and distress for this month."""
    contracts, risk = world.contracts, world.risk
    month = np.minimum(contracts.month[active] + age, len(world.economy.stress) - 1)
    stress = world.economy.stress[month, contracts.province[active]]
    log_hazard = world.level + risk.score[active] + risk.frailty[active] + seasoning(age)
    log_hazard += economy_loading(contracts)[active] * stress
    draw = world.rng.random(len(active))
    ill = state.distressed[active]
    struck = ~ill & (draw < chain.distress_chance(log_hazard))
    state.distressed[active] = struck | (ill & (draw >= chain.RECOVERY))
    fresh = active[struck]
    state.distressed_on[fresh] = np.minimum(state.distressed_on[fresh], due[struck])


def _pay(world: World, state: _State, active: Ints, due: Ints, age: int | Ints) -> Ints:
    """Play the month's payments; the leases that live on."""
    term = world.contracts.term[active]
    arrears = age - 1 - state.paid[active]
    paid = _rents_paid(world, state.distressed[active], arrears, active, age)
    _record(world, state, active, due, paid)
    state.paid[active] += paid
    left = age - state.paid[active]
    ended = left == chain.DEFAULT_ARREARS
    _default(world, state, active[ended])
    ending = ~ended & (age == term)
    _end(world, state, active[ending], left[ending])
    settles = ~ended & ~ending & (left == 0) & ~state.distressed[active] & state.prompt[active]
    settles &= world.rng.random(len(active)) < chain.settlement_chance(age, term)
    day = due[settles] + world.rng.integers(*SETTLEMENT_DAYS, int(settles.sum()))
    state.settled_on[active[settles]] = day
    return np.asarray(active[~(ended | ending | settles)])


def _rents_paid(
    world: World, distressed: Flags, arrears: Ints, active: Ints, age: int | Ints
) -> Ints:
    """How many of the rents now due each lease pays this month."""
    draw = world.rng.random(len(active))
    paid = np.zeros(len(active), dtype=np.int64)
    for regime in (False, True):
        for owed in range(chain.DEFAULT_ARREARS):
            members = np.flatnonzero((distressed == regime) & (arrears == owed))
            severity = world.risk.severity[active[members]]
            chances = chain.payment_chances(regime, owed, severity)
            below = np.cumsum(chances[:, : owed + 1], axis=1)
            paid[members] = (draw[members, None] >= below).sum(axis=1)
    # a first rent in advance is paid when the contract is signed
    return np.where((np.asarray(age) == 1) & world.contracts.advance[active], 1, paid)


def _record(world: World, state: _State, active: Ints, due: Ints, paid: Ints) -> None:
    """Write this month's payments down, each on its day."""
    pays = paid > 0
    lease, day_due = active[pays], due[pays]
    distressed = state.distressed[lease]
    day = day_due + _delay(world, lease, distressed, paid[pays])
    state.prompt[active] = False
    state.prompt[lease] = day == day_due
    state.rows.append((lease, state.paid[lease], paid[pays], day, day_due, distressed))


def _delay(world: World, lease: Ints, distressed: Flags, paid: Ints) -> Ints:
    """Days after the due day: mostly none in health, mostly some in distress; always below 28."""
    count = len(lease)
    late_chance = np.where(distressed, 0.72, 1.0 / (1.0 + np.exp(-world.risk.lateness[lease])))
    late = world.rng.random(count) < late_chance
    mild = np.minimum(world.rng.geometric(0.30, count), 14)
    grave = world.rng.integers(2, 27, count)
    catching_up = world.rng.integers(0, 20, count)
    delay = np.where(late, np.where(distressed, grave, mild), 0)
    return np.asarray(np.where((paid > 1) & ~late, catching_up, delay))


def _default(world: World, state: _State, lease: Ints) -> None:
    """The oldest unpaid rent is more than 90 days past due (none later than `last_day`)."""
    day = _due(world, lease, state.paid[lease] + 1) + DEFAULT_DAYS
    state.default_on[lease] = np.where(day <= world.last_day, day, NEVER)


def _end(world: World, state: _State, lease: Ints, left: Ints) -> None:
    """After the last rent: pay what is left, or never."""
    lost = (left > 0) & (world.rng.random(len(lease)) < chain.STRANDED)
    _default(world, state, lease[lost])
    rest = (left > 0) & ~lost
    last_due = _due(world, lease, world.contracts.term[lease])
    late = world.rng.integers(16, 29, len(lease))
    day = last_due + np.where(rest, late, 0)
    mine = lease[rest]
    state.rows.append(
        (mine, state.paid[mine], left[rest], day[rest], last_due[rest], state.distressed[mine])
    )
    state.paid[mine] += left[rest]
    done = lease[~lost]
    state.matured_on[done] = np.maximum(day[~lost], world.rents.maturity[done])
