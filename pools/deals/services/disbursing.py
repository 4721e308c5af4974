"""Paying the price: the manager instructs, the custodian confirms."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_noop

from ledger.drafts import Draft
from ledger.services import append_entry
from pools.deals.pledging import locked
from pools.deals.problems import CashInvalid, SamePerson, WrongState
from pools.deals.services.pledges import price_of
from pools.models import Disbursement, Pledge, Pool, PoolState
from tenants.problems import FieldError


@transaction.atomic
def instruct_disbursement(*, pool: Pool, by: UUID, at: datetime) -> list[Disbursement]:
    """One payment a lessor, together the price. Repeating it answers those there are."""
    pool = locked(pool.pk)
    known = list(pool.disbursements.order_by("lessor_id"))
    if known:
        return known
    if pool.state != PoolState.PURCHASED:
        raise WrongState(params={"state": pool.get_state_display()})
    return Disbursement.objects.bulk_create(
        [
            Disbursement(
                pool=pool, lessor_id=lessor, amount_minor=amount, instructed_by=by, instructed_at=at
            )
            for lessor, amount in price_of(pool).items()
        ]
    )


@transaction.atomic
def confirm_disbursement(
    *, disbursement: Disbursement, bank_reference: str, by: UUID, at: datetime
) -> Disbursement:
    """The custodian saw the money leave: `pool.disbursed`; the last one closes the pool's payout.

    The same confirmation again changes nothing; another reference is refused.
    """
    pool = locked(disbursement.pool_id)
    disbursement = Disbursement.objects.select_for_update().get(pk=disbursement.pk)
    bank_reference = bank_reference.strip()
    _check(disbursement, bank_reference, by)
    if disbursement.confirmed_at is not None:
        return disbursement
    disbursement.bank_reference = bank_reference
    disbursement.confirmed_by, disbursement.confirmed_at = by, at
    if not pool.disbursements.filter(confirmed_at=None).exclude(pk=disbursement.pk).exists():
        pool.state = PoolState.DISBURSED
        pool.save(update_fields=["state"])
    disbursement.ledger_index = append_entry(draft=_disbursed(pool, disbursement)).index
    disbursement.save(
        update_fields=["bank_reference", "confirmed_by", "confirmed_at", "ledger_index"]
    )
    return disbursement


def _check(disbursement: Disbursement, bank_reference: str, by: UUID) -> None:
    if by == disbursement.instructed_by:
        raise SamePerson
    if not 0 < len(bank_reference) <= 64:
        what = gettext_noop("The bank's reference must be given, in at most 64 characters.")
        mend = gettext_noop("Copy it from the bank's statement.")
        raise CashInvalid(errors=[FieldError("bank_reference", "length", what, mend)])
    if disbursement.confirmed_at is not None and disbursement.bank_reference != bank_reference:
        what = gettext_noop("This payment was confirmed under another reference.")
        mend = gettext_noop("Compare it with the bank's statement.")
        raise CashInvalid(errors=[FieldError("bank_reference", "confirmed_before", what, mend)])


def _disbursed(pool: Pool, disbursement: Disbursement) -> Draft:
    pledge = Pledge.objects.get(pool=pool, lessor_id=disbursement.lessor_id)
    fields = {
        "pool": str(pool.pk),
        "pledge": str(pledge.rid),
        "lessor": str(disbursement.lessor_id),
        "amount_minor": str(disbursement.amount_minor),
        "currency": pool.currency,
        "bank_reference": disbursement.bank_reference,
        "instructed_by": str(disbursement.instructed_by),
        "confirmed_by": str(disbursement.confirmed_by),
    }
    at = disbursement.confirmed_at
    assert at is not None
    return Draft.service(kind="pool.disbursed", rid=disbursement.pk, fields=fields, ts=at)
