"""What collectors hear: drawn by how late a lease is, without knowing what its lessee will pay.

Made up like the rest of the portfolio; whether a promise is kept is decided by the bank lines that
were drawn long before it.
"""

from dataclasses import dataclass

import numpy as np

from origination.domain.collections.contacts import Channel, Outcome

_EARLY = {
    Outcome.PROMISED: 0.42, Outcome.NOT_REACHED: 0.22, Outcome.REACHED: 0.14,
    Outcome.CLAIMS_PAID: 0.07, Outcome.THIRD_PARTY: 0.05, Outcome.HARDSHIP: 0.05,
    Outcome.REFUSED: 0.03, Outcome.DISPUTED: 0.02,
}  # fmt: skip
_LATE = {
    Outcome.NOT_REACHED: 0.36, Outcome.PROMISED: 0.22, Outcome.REFUSED: 0.12,
    Outcome.HARDSHIP: 0.10, Outcome.THIRD_PARTY: 0.08, Outcome.REACHED: 0.06,
    Outcome.DISPUTED: 0.06,
}  # fmt: skip
_NOTES = {
    Outcome.PROMISED: ("工资到账后付款", "答应从银行卡转账", "与配偶商量后同意付款"),
    Outcome.NOT_REACHED: ("无人接听", "关机", "响铃后挂断"),
    Outcome.HARDSHIP: ("近期失业，想延期", "住院，家属接待"),
    Outcome.REFUSED: ("称车辆有质量问题，拒付", "态度激动，挂断"),
    Outcome.DISPUTED: ("对滞纳金有异议", "称上期已付，要求对账"),
    Outcome.CLAIMS_PAID: ("称昨日已转账，待核实",),
    Outcome.THIRD_PARTY: ("家人接听，未谈及债务",),
    Outcome.REACHED: ("已提醒，本人知晓",),
    Outcome.VEHICLE_SEEN: ("车辆停在小区车库，未见本人",),
    Outcome.MOVED: ("门卫称已搬走",),
}
_LATE_DAYS = 45
_SHARES = (1.0, 1.0, 1.0, 0.5, 0.5, 0.3)


@dataclass(frozen=True)
class Drawn:
    """One contact: `promised` is the share of what is owed, 0 where nothing is promised."""

    channel: Channel
    outcome: Outcome
    note: str
    promised: float
    due_days: int
    next_days: int
    is_barred: bool  # the lessee asks not to be called again


def draw_contact(step: str, days_past_due: int, rng: np.random.Generator) -> Drawn:
    """What comes of the step that the ladder suggests."""
    channel = Channel(step) if step else Channel.CALL
    if channel in (Channel.REMINDER, Channel.NOTICE):
        outcome = Outcome.SENT if rng.random() < 0.95 else Outcome.RETURNED
    elif channel is Channel.HANDOVER:
        outcome = Outcome.HANDED_OVER
    else:
        outcome = _talk(channel, days_past_due, rng)
    notes = _NOTES.get(outcome, ("",))
    promises = outcome is Outcome.PROMISED
    return Drawn(
        channel=channel,
        outcome=outcome,
        note=str(rng.choice(notes)),
        promised=float(rng.choice(_SHARES)) if promises else 0.0,
        due_days=int(rng.integers(2, 16)),
        next_days=int(rng.integers(1, 8)),
        is_barred=outcome is Outcome.REFUSED and rng.random() < 0.3,
    )


def _talk(channel: Channel, days_past_due: int, rng: np.random.Generator) -> Outcome:
    if channel is Channel.VISIT and rng.random() < 0.3:
        return Outcome.VEHICLE_SEEN if rng.random() < 0.6 else Outcome.MOVED
    chances = _LATE if days_past_due > _LATE_DAYS else _EARLY
    return list(chances)[int(rng.choice(len(chances), p=list(chances.values())))]
