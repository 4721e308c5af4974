"""Placing a pool's units with their holders."""

import unicodedata
from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_noop as _

from ledger.drafts import Draft
from ledger.services import append_entry
from pools.distributions.names import looks_like, skeleton
from pools.distributions.reading import deal_of
from pools.models import Holding, Pool, PoolState
from pools.models.distributions import UNPLACED
from tenants.problems import FieldError, Invalid, Refused

_PLACEABLE = {
    PoolState.APPROVED, PoolState.REQUESTED, PoolState.PURCHASED, PoolState.DISBURSED
}  # fmt: skip
_LONGEST_NAME = 80


@transaction.atomic
def subscribe_units(
    *,
    pool: Pool,
    tranche: str,
    holder: str,
    user_id: UUID | None,
    units_minor: int,
    by: UUID,
    at: datetime,
) -> Holding:
    """Place units of a class with a holder, up to the size of the class.

    Raises `Invalid` naming the field, `Refused` for a pool that is not approved.
    """
    pool = Pool.objects.select_for_update().get(pk=pool.pk)
    if pool.state not in _PLACEABLE:
        raise Refused(
            code="pool_not_approved",
            detail=_("Units are placed once the pool is approved."),
            mend=_("Have two people approve it first."),
        )
    holder = " ".join(unicodedata.normalize("NFKC", holder).split())
    if errors := list(_errors(pool, tranche, holder, units_minor)):
        raise Invalid(errors=errors)
    holding = Holding(
        pool=pool, tranche=tranche, holder=holder, user_id=user_id, units_minor=units_minor,
        subscribed_by=by, subscribed_at=at,
    )  # fmt: skip
    fields = {
        "pool": str(pool.pk),
        "class": tranche,
        "holder": holder,
        "units_minor": str(units_minor),
        "currency": pool.currency,
        "subscribed_by": str(by),
    }
    draft = Draft.service(kind="units.subscribed", rid=holding.pk, fields=fields, ts=at)
    holding.ledger_index = append_entry(draft=draft).index
    holding.save(force_insert=True)
    return holding


def _alike(pool: Pool, holder: str) -> str | None:
    """A holder of the pool under another spelling that reads the same."""
    others = pool.holdings.order_by("holder").values_list("holder", flat=True).distinct()
    return next((one for one in others if one != holder and looks_like(one, holder)), None)


def _errors(pool: Pool, tranche: str, holder: str, units_minor: int) -> Iterator[FieldError]:
    sizes = {one.name: one.original_minor for one in deal_of(pool).tranches}
    taken = {row.holder: row.units_minor for row in pool.holdings.filter(tranche=tranche)}
    if not skeleton(holder) or looks_like(holder, UNPLACED) or len(holder) > _LONGEST_NAME:
        yield FieldError(
            "holder", "holder_invalid", _("The holder has no name that can be used."),
            _("Give the name of who subscribes, up to 80 characters."),
        )  # fmt: skip
    if holder in taken:
        yield FieldError(
            "holder", "subscribed_already", _("This holder has units of this class already."),
            _("A second subscription needs a name of its own."),
        )  # fmt: skip
    elif alike := _alike(pool, holder):
        yield FieldError(
            "holder", "holder_looks_alike",
            _("This name cannot be told from %(holder)s, who holds units of this pool."),
            _("Write the same holder's name as it stands there; give another one what sets it "
              "apart, such as the full registered name."),
            params={"holder": alike},
        )  # fmt: skip
    if tranche not in sizes:
        yield FieldError(
            "tranche", "tranche_unknown", _("The pool has no such class."),
            _("Choose one of its classes."),
        )  # fmt: skip
    elif not 0 < units_minor <= sizes[tranche] - sum(taken.values()):
        yield FieldError(
            "units_minor", "units_not_left", _("So many units of this class are not left."),
            _("Subscribe more than nothing and at most what is left."),
        )  # fmt: skip
