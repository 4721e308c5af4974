"""When a move is refused although the machine has it: its day, and how the lease stands on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from origination.domain.life.machine import Move, State
from tenants.money import Money
from tenants.problems import FieldError


@dataclass(frozen=True, slots=True)
class Standing:
    """A lease at the end of a day, as its bank lines say; amounts in minor units.

    `claim_minor` is all that the lessee owes, due or not, without what an early settlement would
    add to it; `payoff_minor` is what would settle the lease that day.
    """

    day: date
    currency: str
    claim_minor: int
    payoff_minor: int
    arrears_minor: int
    days_past_due: int
    settled_on: date | None
    debt_due: bool  # every rental has fallen due


def wrong_day(day: date, *, not_before: date, today: date) -> list[FieldError]:
    """A move counts from a day that is over or today, and never from before the move before it."""
    if day > today:
        said = ("This day has not come.", "A move is recorded once it has happened.")
        return [FieldError("on", "in_future", *said)]
    if day < not_before:
        said = (
            "The lease began, or changed last, on %(day)s.",
            "Write that day or a later one: moves stand in the order of their days.",
        )
        return [FieldError("on", "before_last_move", *said, {"day": not_before.isoformat()})]
    return []


def unmet(
    move: Move, state: State, fields: Mapping[str, str], standing: Standing, odometer_km: int
) -> list[FieldError]:
    """What keeps the move from being made; `odometer_km` is the last reading that is on record."""
    money = {
        "claim": str(Money.from_minor(standing.claim_minor, standing.currency)),
        "payoff": str(Money.from_minor(standing.payoff_minor, standing.currency)),
        "day": standing.day.isoformat(),
        "state": state.value,
    }
    errors = []
    if move is Move.SETTLE:
        errors += _settle(standing, money)
    elif move is Move.REINSTATE and standing.settled_on is not None:
        errors.append(_error("still_settled", money))
    elif move is Move.REPOSSESS and not standing.days_past_due:
        errors.append(_error("not_past_due", money))
    elif move is Move.HAND_BACK and standing.arrears_minor:
        arrears = str(Money.from_minor(standing.arrears_minor, standing.currency))
        errors.append(_error("in_arrears", money | {"arrears": arrears}))
    elif move is Move.TRANSFER and standing.arrears_minor:
        arrears = str(Money.from_minor(standing.arrears_minor, standing.currency))
        errors.append(_error("transferred_in_arrears", money | {"arrears": arrears}))
    elif move in (Move.ASK_WRITE_OFF, Move.WRITE_OFF) and standing.claim_minor <= 0:
        errors.append(_error("nothing_owed", money))
    elif move is Move.CLOSE and state is not State.WRITTEN_OFF and standing.claim_minor > 0:
        errors.append(_error("still_owed", money))
    reading = fields.get("odometer_km")
    if reading is not None and int(reading) < odometer_km:
        said = (
            "The vehicle had %(before)s km before.",
            "Read the odometer again; if it was replaced, write the last reading and a remark.",
        )
        errors.append(FieldError("odometer_km", "runs_back", *said, {"before": odometer_km}))
    return errors


def unasked(move: Move, last: Move | None, *, is_own: bool) -> list[FieldError]:
    """What four eyes say of a write-off: `last` is the move before this one, `is_own` whether the
    person who acts now made it. A lease that moved on since is asked about anew."""
    waits = last is Move.ASK_WRITE_OFF
    if move is Move.ASK_WRITE_OFF and waits:
        return [_error("asked_already", {})]
    if move in (Move.DROP_WRITE_OFF, Move.WRITE_OFF) and not waits:
        return [_error("not_asked", {})]
    if move is Move.WRITE_OFF and is_own:
        return [_error("four_eyes", {})]
    return []


def _settle(standing: Standing, money: Mapping[str, object]) -> list[FieldError]:
    if standing.settled_on is None:
        return [_error("not_settled", money)]
    if standing.settled_on != standing.day:
        settled = standing.settled_on.isoformat()
        said = (
            "The money settled the lease on %(settled)s.",
            "Write that day.",
        )
        return [FieldError("on", "other_settlement_day", *said, {"settled": settled})]
    return []


_SAID = {
    "not_settled": (
        "No settlement covers what settles the lease on %(day)s: %(payoff)s.",
        "Book the bank line of the settlement first, or write the day on which it came.",
    ),
    "still_settled": (
        "The lease is settled: its bank lines cover the settlement.",
        "Only a settlement that the bank took back makes the lease run again.",
    ),
    "not_past_due": (
        "No rental is past due on %(day)s.",
        "A vehicle that its lessee brings back is turned in, not repossessed.",
    ),
    "in_arrears": (
        "%(arrears)s are past due on %(day)s.",
        "The vehicle is handed back once the arrears are paid and booked.",
    ),
    "transferred_in_arrears": (
        "%(arrears)s are past due on %(day)s.",
        "A lease passes to a new lessee once the old one has paid what is past due.",
    ),
    "asked_already": (
        "Somebody has asked already to write this lease off.",
        "A manager writes it off, or the request is given up.",
    ),
    "not_asked": (
        "No request to write this lease off waits: none was made, or the lease moved on since.",
        "Somebody of the back office asks for it; a manager who did not ask decides.",
    ),
    "four_eyes": (
        "You asked for it yourself.",
        "Another manager writes the lease off.",
    ),
    "nothing_owed": ("Nothing is owed on %(day)s.", "Close the lease instead."),
    "still_owed": (
        "%(claim)s are still owed on %(day)s.",
        "Book what was paid, settle the lease early, or write it off first.",
    ),
}


def _error(code: str, params: Mapping[str, object]) -> FieldError:
    detail, mend = _SAID[code]
    return FieldError("move", code, detail, mend, params)
