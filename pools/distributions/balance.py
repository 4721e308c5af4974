"""How a pool's balance moved, for its pages: of one period, and of all since the cut-off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from pools.distributions.reconciling import SIGNS, Movements
from pools.models import Distribution, Pool
from pools.structure.plain import from_plain

#: Each reason in words, with what it means; those that did not happen are shown where `ALWAYS`.
REASONS: dict[str, tuple[Promise, Promise]] = {
    "collected_minor": (
        _("Principal collected"),
        _("of bank lines of the period, on leases that perform"),
    ),
    "late_minor": (
        _("Principal known late"),
        _("paid before the cut-off, known after the price was struck: the pool's when known"),
    ),
    "restored_minor": (
        _("Bounced after the price counted it"),
        _("owed again by the lessee; no money moved"),
    ),
    "defaulted_minor": (
        _("Fell into default"),
        _("more than 90 days past due at the end: written out of the balance"),
    ),
    "returned_minor": (_("Came back from default"), _("arrears were paid")),
    "ended_minor": (
        _("Ended with settlements"),
        _("residual values that nobody bought, leases closed or reopened"),
    ),
}
ALWAYS = ("collected_minor", "late_minor", "defaulted_minor")


@dataclass(frozen=True)
class Balance:
    """Opening, each reason with its signed amount, closing; and whether they add up."""

    movements: Movements
    priced_minor: int | None  # the balance in the price, where the opening must be it

    @property
    def steps(self) -> list[tuple[Promise, Promise, int]]:
        found = []
        for name, sign in SIGNS.items():
            minor = sign * getattr(self.movements, name)
            if minor or name in ALWAYS:
                found.append((*REASONS[name], minor))
        return found

    @property
    def holds(self) -> bool:
        agrees = self.priced_minor in (None, self.movements.opening_minor)
        return agrees and self.movements.holds


def of_period(pool: Pool, row: Distribution) -> Balance | None:
    """One period's; None for a row of before movements were kept."""
    if not row.movements:
        return None
    priced = pool.balance_minor if row.period == 1 else None
    return Balance(from_plain(Movements, row.movements), priced)


def since_cut_off(pool: Pool, rows: Mapping[int, Distribution]) -> Balance | None:
    """All paid periods together (newest versions), from the balance in the price."""
    parts = [from_plain(Movements, rows[period].movements) for period in sorted(rows)
             if rows[period].movements]  # fmt: skip
    return Balance(_together(parts), pool.balance_minor) if parts else None


def _together(parts: Sequence[Movements]) -> Movements:
    """Periods that follow each other as one."""
    sums = {one.name: sum(getattr(part, one.name) for part in parts) for one in fields(Movements)}
    return Movements(
        **sums | {"opening_minor": parts[0].opening_minor, "closing_minor": parts[-1].closing_minor}
    )
