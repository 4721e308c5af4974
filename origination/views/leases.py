"""The book at a glance, its leases, and one of them."""

from django.core.paginator import Paginator
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from ledger.exchange.lost_rows import are_missing, are_some_missing
from ledger.selectors import erased_at
from ledger.standstill import lost
from ledger.titles.selectors import title_facts
from origination.bulk.actions import LEASES
from origination.bulk.offering import offered
from origination.domain.lease_fields import FIELDS, Kind
from origination.domain.tapes.reported import TARGETS
from origination.lists.views import beside
from origination.models import Lease, LeaseReport, Tape
from origination.portfolio.filtering import filtered
from origination.portfolio.forms import LeaseFilter
from origination.selectors.book import book_totals
from origination.selectors.leases import (
    find_leases,
    position_of,
    registry_findings,
    title_states,
)
from origination.selectors.life import history_of, moves_for, newest_step
from origination.selectors.papers import papers_of
from origination.services import lease_of
from tenants import clock
from tenants.access import has_permission
from tenants.money import Money
from tenants.permissions import Permission
from tenants.web import require

PER_PAGE = 50
HIDDEN = "••••••"
_PERSONAL = {"lessee_id_number", "lessee_phone", "lessee_income_monthly_minor", "credit_score"}


@require(Permission.VIEW_LEASES)
def book(request):
    """What stands in the book today."""
    day = clock.today()
    context = {
        "lost": lost(),
        "books_missing": are_missing(Lease),
        "some_missing": are_some_missing(Lease),
        "totals": book_totals(as_of=day, known_at=clock.now()),
        "as_of": day,
        "tapes": Tape.objects.all()[:5],
        "leases": find_leases()[:8],
    }
    return render(request, "origination/book.html", context)


@require(Permission.VIEW_LEASES)
def leases(request):
    """Every lease, as searched and filtered in the address."""
    form = LeaseFilter(request.GET)
    chosen = form.chosen()
    found = filtered(chosen, as_of=clock.today(), known_at=clock.now())
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    is_empty = not page.paginator.count
    context = {
        "form": form,
        "page_obj": page,
        "lost": lost() if is_empty else None,
        "books_missing": is_empty and are_missing(Lease),
        "some_missing": not is_empty and are_some_missing(Lease),
    }
    context |= beside(request, "leases", chosen) | {"acts": offered(request, LEASES)}
    return render(request, "origination/leases.html", context)


@require(Permission.VIEW_LEASES)
def lease(request, rid):
    """One lease: its facts, its schedule, what was paid, its title."""
    found = lease_of(rid)
    day = clock.today()
    position = position_of(found, as_of=day, known_at=clock.now())
    personal = _may(request, Permission.VIEW_PAYLOADS)
    history = history_of(found)
    context = {
        "history": history,
        "papers": papers_of(found, day),
        "life": history[0].state,
        "moves": moves_for(request.user, request.tenant, newest_step(rid)),
        "as_of": day,
        "lease": found,
        "erased_at": erased_at(found.entry_index),
        "groups": _groups(found.record, personal=personal) + _reported(found, personal=personal),
        "position": position,
        "state": position.allocation.state,
        "has_charges": not position.replay.contract.terms.is_plain,
        "title": title_states(found.rid),
        "findings": registry_findings(found),
        "may_contest": _may(request, Permission.CONTEST_RIGHTS),
        "may_collect": _may(request, Permission.COLLECT),
        "may_book": _may(request, Permission.RECORD_PAYMENTS),
        "crumbs": [{"label": _("Leases"), "url": reverse("leases")}],
        **title_facts(found.rid),
    }
    return render(request, "origination/lease.html", context)


def _may(request, permission) -> bool:
    return has_permission(request.user, request.tenant, permission)


def _groups(record, *, personal: bool) -> list[tuple[str, list[tuple[str, str]]]]:
    """The record's fields by group; what identifies a person only for those who may read it."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for spec in FIELDS:
        if spec.name not in record:
            continue
        shown = (_(spec.label), shown_to(spec, record, personal))
        groups.setdefault(_(spec.group.value), []).append(shown)
    return list(groups.items())


def _reported(lease, *, personal: bool) -> list[tuple[str, list[tuple[str, str]]]]:
    """What the last tape said beyond the record: fields first, then columns that are no field."""
    report = LeaseReport.objects.filter(lease=lease).first()
    if report is None:
        return []
    record = lease.record | report.values
    told = [
        (_(spec.label), shown_to(spec, record, personal))
        for name, spec in TARGETS.items()
        if name in report.values
    ]
    beside = [(name, text if personal else HIDDEN) for name, text in report.extra.items()]
    groups = [(_("As the last tape reports it"), told), (_("Other columns of the tape"), beside)]
    return [(title, facts) for title, facts in groups if facts]


def shown_to(spec, record, personal: bool) -> str:
    """A field's value in words; what identifies a person only for those who may read it."""
    return HIDDEN if spec.name in _PERSONAL and not personal else shown_field(spec, record)


def shown_field(spec, record) -> str:
    value = record[spec.name]
    if spec.kind is Kind.CODE:
        return _(spec.codes.get(value, value))
    if spec.kind is Kind.MINOR:
        return str(Money.from_minor(int(value), record["currency"]))
    if spec.kind is Kind.RATE:
        return f"{float(value):.4%}"
    return value
