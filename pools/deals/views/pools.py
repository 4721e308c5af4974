"""A pool's pages: where it stands, how it was chosen, its structure, its assets."""

from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, render

from ledger.titles.selectors import title_facts
from pools.circular.members import members_of, strata_of
from pools.deals import selection, standing, strata, structure
from pools.deals.charts import balance_chart, cash_chart
from pools.deals.contested import taken_from
from pools.deals.forms import MemberFilter
from pools.deals.progress import steps_of
from pools.deals.selectors import given_back, terms_of
from pools.deals.services.packaging import APPROVALS
from pools.deals.tabs import tabs_of
from pools.deals.trail import entries_of
from pools.deals.views.shared import person_of
from pools.deals.wording import form_name
from pools.distributions import balance
from pools.distributions.reading import deal_of, newest_versions
from pools.models import IssuedDocument, Pool
from tenants.access import has_permission, people_named
from tenants.models import Tenant
from tenants.permissions import Permission
from tenants.web import require

_PAGE = 50


def _pool(pool_id):
    found = Pool.objects.select_related("facility__request", "run__model").prefetch_related(
        "approvals", "pledges", "disbursements"
    )
    return get_object_or_404(found, pk=pool_id)


def _context(request, pool, tab):
    """What every tab of the page needs."""
    return {
        "pool": pool,
        "tabs": tabs_of(pool, tab),
        "steps": steps_of(pool),
        "waits_for": standing.pool_waits_for(pool),
        "acts": standing.pool_acts(pool, person_of(request)),
    }


@require(Permission.VIEW_DEALS)
def overview_page(request, pool_id):
    """State, key figures, who said yes, pledges, cash, documents, entries."""
    pool = _pool(pool_id)
    deal = deal_of(pool)
    pledges, payments = list(pool.pledges.all()), list(pool.disbursements.all())
    documents = list(IssuedDocument.objects.filter(subject_id=pool.pk).order_by("ledger_index"))
    ids = {row.lessor_id for row in (*pledges, *payments)} | {pool.facility.request.source}
    lessors = Tenant.objects.in_bulk(ids)
    people = {approval.by for approval in pool.approvals.all()} | {pool.packaged_by}
    people |= {person for paid in payments for person in (paid.instructed_by, paid.confirmed_by)}
    context = _context(request, pool, "overview") | {
        "deal": deal,
        "form_name": form_name(pool.facility.form),
        "parts": strata.parts(pool),
        "originator": lessors.get(pool.facility.request.source),
        "lessors": lessors,
        "names": people_named(people - {None}),
        "approvals": pool.approvals.all(),
        "approvals_needed": APPROVALS,
        "pledges": pledges,
        "given_back": given_back(pool),
        "payments": payments,
        "documents": documents,
        "entries": entries_of(pool, documents, lessors),
        "means": strata.means(members_of(pool)),
        "closing": structure.closing(pool, deal, terms_of(pool.facility).price_yield),
        "balance": balance.since_cut_off(pool, newest_versions(pool)),
        "contestable": _contestable(request, pool),
        **title_facts(pool.pk),
    }
    return render(request, "pools/deals/pool.html", context)


def _contestable(request, pool):
    """Assets of an approved pool that somebody else holds, for who may contest that."""
    if not has_permission(request.user, request.tenant, Permission.CONTEST_RIGHTS):
        return []
    return taken_from(pool)[:_PAGE]


@require(Permission.VIEW_DEALS)
def selection_page(request, pool_id):
    """Eligibility, limits and strata."""
    pool = _pool(pool_id)
    rules, cuts = terms_of(pool.facility).rules, strata_of(members_of(pool))
    context = _context(request, pool, "selection") | {
        "failures": selection.failures(pool),
        "limits": list(selection.limits(pool, rules)),
        "provinces": strata.by_province(cuts),
        "strata": strata.tables_of(cuts),
    }
    return render(request, "pools/deals/pool_selection.html", context)


@require(Permission.VIEW_DEALS)
def structure_page(request, pool_id):
    """Classes, projected cash and the waterfall in words."""
    pool = _pool(pool_id)
    deal = deal_of(pool)
    classes = structure.classes(pool, deal)
    context = _context(request, pool, "structure") | {
        "deal": deal,
        "classes": classes,
        "pays_risk_less": structure.pays_risk_less(classes),
        "waterfall": structure.steps(deal),
        "cash": cash_chart(pool),
        "balances": balance_chart(pool),
    }
    return render(request, "pools/deals/pool_structure.html", context)


@require(Permission.VIEW_DEALS)
def members_page(request, pool_id):
    """Every asset of the pool as it was at the cut-off."""
    pool = _pool(pool_id)
    form = MemberFilter(request.GET or None)
    members = form.narrowed(pool.members.select_related("asset"))
    page = Paginator(members, _PAGE).get_page(request.GET.get("page"))
    context = _context(request, pool, "assets") | {"form": form, "page_obj": page}
    return render(request, "pools/deals/pool_members.html", context)
