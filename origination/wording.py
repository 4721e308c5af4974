"""Codes of this room in words."""

from decimal import Decimal

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from origination.domain.servicing.accounts import Account, EntryKind
from origination.domain.servicing.terms import (
    DAILY_SCALE,
    SHARE_SCALE,
    LateBase,
    Part,
    ServicingTerms,
    SettlementInterest,
)
from tenants.formatting import percent
from tenants.money import Money

REGISTERS = {"zhongdeng": _("Zhongdeng"), "vehicle_office": _("Vehicle office")}
PARTS = {
    Part.PENALTY: _("late interest"),
    Part.FEE: _("fees"),
    Part.INTEREST: _("interest"),
    Part.PRINCIPAL: _("principal"),
}
_BROKEN_PERIOD = {
    SettlementInterest.NONE: _("none"),
    SettlementInterest.DAILY: _("by days"),
    SettlementInterest.WHOLE: _("the whole period"),
}


ACCOUNTS = {
    Account.BANK: _("Bank"),
    Account.RETURNED: _("Returned payments"),
    Account.NOT_DUE: _("Rentals not due"),
    Account.DUE: _("Rentals due"),
    Account.UNEARNED: _("Unearned income"),
    Account.RESIDUAL: _("Unguaranteed residual"),
    Account.LATE: _("Late interest due"),
    Account.FEES: _("Fees due"),
    Account.CREDIT: _("Credit of lessees"),
    Account.FUNDED: _("Contracts funded"),
    Account.VEHICLES: _("Vehicles given up"),
    Account.RECOVERIES: _("Recoveries"),
    Account.INCOME: _("Lease income"),
    Account.LATE_INCOME: _("Income from late interest"),
    Account.FEE_INCOME: _("Income from fees"),
    Account.SETTLEMENT_INCOME: _("Income from early settlements"),
}
ENTRIES = {
    EntryKind.CORRECTION: _("Correction of earlier days"),
    EntryKind.CONTRACT: _("Contract begins"),
    EntryKind.AMENDMENT: _("Contract changed"),
    EntryKind.RENTAL_DUE: _("Rental falls due"),
    EntryKind.INCOME: _("Income earned"),
    EntryKind.LATE_INTEREST: _("Late interest charged"),
    EntryKind.FEE: _("Fee charged"),
    EntryKind.RECEIPT: _("Money received"),
    EntryKind.ALLOCATION: _("Money pays what is due"),
    EntryKind.REFUND: _("Refund"),
    EntryKind.RECOVERY: _("Recovery"),
    EntryKind.RETURNED: _("Payment returned"),
    EntryKind.SETTLEMENT: _("Early settlement"),
}


def account_in_words(account: Account) -> str:
    """What an account is called."""
    return str(ACCOUNTS[account])


def posting_in_words(kind: EntryKind) -> str:
    """What an entry of the journal is."""
    return str(ENTRIES[kind])


def register_in_words(code: str) -> str:
    """What an outside register is called, or its code."""
    return str(REGISTERS.get(code, code))


def terms_in_words(terms: ServicingTerms) -> list[tuple[str, str]]:
    """One version of the terms of servicing as label and text."""
    first = gettext("the oldest rental first") if terms.by_rental else gettext("part by part")
    order = " → ".join(str(PARTS[part]) for part in terms.order)
    facts = [(gettext("Money pays"), f"{order} ({first})")]
    late = terms.late_interest
    facts.append((gettext("Late interest"), _late(late) if late else gettext("none")))
    fee = terms.reminder_fee
    reminder = gettext("none")
    if fee:
        reminder = gettext("{money} once a rental is {days} days past due").format(
            money=Money.from_minor(fee.amount_minor), days=fee.after_days
        )
    facts.append((gettext("Reminder fee"), reminder))
    rule = terms.settlement
    facts.append((gettext("Interest of the broken period"), str(_BROKEN_PERIOD[rule.interest])))
    charges = [
        gettext("{rate} in the first {months} months").format(rate=_share(rate), months=months)
        if months
        else gettext("{rate} from then on").format(rate=_share(rate))
        for months, rate in rule.charges
    ]
    if rule.fee_minor:
        charges.append(str(Money.from_minor(rule.fee_minor)))
    facts.append((gettext("Charge of an early settlement"), "; ".join(charges) or gettext("none")))
    return facts


def _share(millionths: int) -> str:
    return percent(Decimal(millionths) / SHARE_SCALE)


def _late(late) -> str:
    rate = percent(Decimal(late.daily_rate) / DAILY_SCALE, 4)
    base = (
        gettext("of the open rent") if late.base is LateBase.RENT else gettext("of open principal")
    )
    text = gettext("{rate} a day {base}, after {days} days of grace").format(
        rate=rate, base=base, days=late.grace_days
    )
    cap = gettext("; at most {cap} of the rental").format(cap=_share(late.cap)) if late.cap else ""
    return text + cap
