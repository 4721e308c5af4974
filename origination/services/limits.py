"""Who may approve how much: set as dated versions, `approval.limits_set`, and asked."""

import uuid
from collections.abc import Collection, Mapping
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from ledger.drafts import Draft
from ledger.services import append_entry
from origination.domain.life.limits import DECIDING, most
from origination.models import ApprovalLimits
from origination.problems import AboveLimit, LimitsInvalid, NoLimits
from origination.selectors.desk import limits_on
from origination.wording_life import RoleWords
from tenants.money import DEFAULT_CURRENCY, Money
from tenants.permissions import Role
from tenants.problems import FieldError

_MOST_MINOR = 10**12


@transaction.atomic
def set_limits(
    *,
    starts_on: date,
    up_to: Mapping[Role, int],
    by: UUID,
    at: datetime,
    currency: str = DEFAULT_CURRENCY,
) -> ApprovalLimits:
    """From a day on these roles may approve up to so much, in minor units; others nothing.

    Raises `LimitsInvalid`: what was permitted on a day that is over is not changed afterwards.
    """
    errors = []
    if starts_on < at.date():
        said = ("This day is over.", "Limits begin today or later.")
        errors.append(FieldError("starts_on", "in_past", *said))
    for role, amount in up_to.items():
        if role not in DECIDING or not 0 <= amount < _MOST_MINOR:
            said = (
                "This is no limit of a role that decides.",
                "Write an amount from 0 to below ten billion; 0 lets the role approve nothing.",
            )
            errors.append(FieldError(role.value, "bad_limit", *said))
    if errors:
        raise LimitsInvalid(errors=errors)
    rid, amounts = uuid.uuid4(), {role.value: up_to.get(role, 0) for role in DECIDING}
    fields = {
        "from": starts_on.isoformat(),
        "currency": currency,
        "up_to_minor": ",".join(f"{role}:{amount}" for role, amount in amounts.items()),
        "set_by": str(by),
    }
    draft = Draft.service(kind="approval.limits_set", rid=rid, fields=fields, ts=at)
    return ApprovalLimits.objects.create(
        rid=rid,
        starts_on=starts_on,
        currency=currency,
        up_to=amounts,
        set_by=by,
        set_at=at,
        entry_index=append_entry(draft=draft).index,
    )


def permitted(
    *, amount_minor: int, currency: str, roles: Collection[Role], on: date
) -> tuple[int, ApprovalLimits]:
    """The limit that covers an amount for somebody of these roles, and its version.

    Raises `NoLimits` or `AboveLimit`, which names who may.
    """
    found = limits_on(on, currency)
    if found is None:
        raise NoLimits(params={"currency": currency, "day": on.isoformat()})
    limits, row = found
    limit = most(limits, roles)
    if amount_minor > limit:
        able = [role for role in DECIDING if limits.up_to.get(role, 0) >= amount_minor]
        raise AboveLimit(
            params={
                "amount": str(Money.from_minor(amount_minor, currency)),
                "limit": str(Money.from_minor(limit, currency)),
                "who": RoleWords(tuple(able)),
            }
        )
    return limit, row
