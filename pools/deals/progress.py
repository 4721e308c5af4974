"""A pool's state as steps: done, the one that it waits at, and what is still to come."""

from __future__ import annotations

from django.utils.translation import gettext as _

from pools.deals.services.packaging import APPROVALS
from pools.models import PledgeState, Pool, PoolState

_ORDER = [
    PoolState.PROPOSED,
    PoolState.APPROVED,
    PoolState.REQUESTED,
    PoolState.PURCHASED,
    PoolState.DISBURSED,
]


def steps_of(pool: Pool) -> list[dict]:
    """Steps for `ui/stepper.html`; reads approvals, pledges and payments."""
    pledges, payments = list(pool.pledges.all()), list(pool.disbursements.all())
    answered = sum(pledge.state != PledgeState.REQUESTED for pledge in pledges)
    confirmed = sum(paid.confirmed_at is not None for paid in payments)
    hints = [
        pool.packaged_at.date().isoformat(),
        _counted(len(pool.approvals.all()), APPROVALS),
        _counted(answered, len(pledges)) if pledges else "",
        pool.purchased_at.date().isoformat() if pool.purchased_at else "",
        _counted(confirmed, len(payments)) if payments else "",
    ]
    labels = [_("Packaged"), _("Approved"), _("Receivables"), _("Purchased"), _("Paid out")]
    steps = [
        {"label": label, "hint": hint, "state": state}
        for label, hint, state in zip(labels, hints, _states(pool), strict=True)
    ]
    if pool.state == PoolState.CANCELLED:
        steps.append({"label": _("Given up"), "hint": "", "state": "failed"})
    return steps


def _counted(done: int, needed: int) -> str:
    return _("%(done)s of %(needed)s") % {"done": done, "needed": needed}


def _states(pool: Pool) -> list[str]:
    if pool.state == PoolState.CANCELLED:
        return ["done", *["todo"] * (len(_ORDER) - 1)]
    reached = _ORDER.index(PoolState(pool.state))
    # asking for the receivables is done once they are bought, not while they are asked for
    if pool.state == PoolState.REQUESTED:
        reached -= 1
    done = ["done"] * (reached + 1)
    rest = ["current", *["todo"] * len(_ORDER)]
    return [*done, *rest][: len(_ORDER)]
