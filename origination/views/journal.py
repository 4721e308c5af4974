"""The journal: of a lease on a page, of the book as a file; the settlement quote of a lease."""

from datetime import timedelta

from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from origination.domain.servicing.accounts import Account, trial_balance
from origination.forms_servicing import DayForm, PeriodForm
from origination.selectors.journal import BookJournal, lease_journal
from origination.selectors.servicing import replay_of
from origination.services import lease_of
from origination.services.journal_files import journal_archive, journal_workbook
from origination.wording import account_in_words, posting_in_words
from tenants import clock
from tenants.downloads import file_download
from tenants.permissions import Permission
from tenants.web import require


def _crumbs(lease):
    return [
        {"label": _("Leases"), "url": reverse("leases")},
        {"label": lease.contract_number, "url": reverse("lease", args=[lease.rid])},
    ]


def _day(request):
    """The day that is asked for, today if none is; the form to ask with."""
    form = DayForm(request.GET if "day" in request.GET else {"day": clock.today()})
    return (form.cleaned_data["day"] if form.is_valid() else clock.today()), form


@require(Permission.VIEW_LEASES)
def settlement_quote(request, rid):
    """What settles a lease on a day, part by part."""
    lease = lease_of(rid)
    day, form = _day(request)
    replay = replay_of(lease, as_of=day, known_at=clock.now())
    quote = replay.payoff()
    parts = [
        (_("Rent due and not paid"), quote.rent_due_minor),
        (_("Late interest"), quote.late_interest_minor),
        (_("Fees"), quote.fees_minor),
        (_("Principal not yet due"), quote.later_principal_minor),
        (_("Interest of the broken period"), quote.period_interest_minor),
        (_("Charge of an early settlement"), quote.charge_minor),
        (_("Refunded too much"), quote.overdrawn_minor),
        (_("Less credit"), -quote.credit_minor),
    ]
    context = {
        "lease": lease,
        "day": day,
        "form": form,
        "quote": quote,
        "parts": [(label, amount) for label, amount in parts if amount],
        "settled_on": replay.settled_on,
        "is_future": day > clock.today(),
        "crumbs": _crumbs(lease),
    }
    status = 200 if form.is_valid() else 422
    return render(request, "origination/settlement_quote.html", context, status=status)


@require(Permission.VIEW_LEASES)
def journal_of_lease(request, rid):
    """Every entry of a lease up to a day, and the balances of its accounts."""
    lease = lease_of(rid)
    day, form = _day(request)
    entries = lease_journal(lease, replay_of(lease, as_of=day, known_at=clock.now()))
    balance = trial_balance(entries)
    context = {
        "lease": lease,
        "day": day,
        "form": form,
        "entries": [
            {
                "entry": entry,
                "kind": posting_in_words(entry.kind),
                "postings": [
                    (account_in_words(account), max(amount, 0), max(-amount, 0))
                    for account, amount in entry.postings
                ],
            }
            for entry in reversed(entries)
        ],
        "balances": [
            (account_in_words(account), balance[account]) for account in Account if balance[account]
        ],
        "crumbs": _crumbs(lease),
    }
    status = 200 if form.is_valid() else 422
    return render(request, "origination/lease_journal.html", context, status=status)


@require(Permission.VIEW_LEASES)
def book_journal(request):
    """The period to export; the file itself, once it is asked for."""
    today = clock.today()
    first = (today.replace(day=1) - timedelta(days=1)).replace(day=1)
    initial = {"first": first, "last": today.replace(day=1) - timedelta(days=1), "form": "xlsx"}
    form = PeriodForm(request.GET if "first" in request.GET else initial)
    if "first" not in request.GET or not form.is_valid():
        status = 200 if "first" not in request.GET else 422
        return render(request, "origination/book_journal.html", {"form": form}, status=status)
    asked = form.cleaned_data
    book = BookJournal(first=asked["first"], last=asked["last"], known_at=clock.now())
    words = {"say": _, "name": _in_words}
    name = f"journal-{asked['first']}-{asked['last']}"
    if asked["form"] == "csv":
        return file_download(request, journal_archive(book, **words), f"{name}.zip")
    return file_download(request, journal_workbook(book, **words), f"{name}.xlsx")


def _in_words(code):
    return account_in_words(code) if isinstance(code, Account) else posting_in_words(code)
