"""Pages of what pools pay, and of the units of investors."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from pools.circular import words
from pools.distributions import balance, selectors
from pools.distributions.forms import SubscriptionForm
from pools.distributions.reading import newest_versions, result_of
from pools.distributions.sealed import altered
from pools.distributions.services import correct_distribution, make_distribution
from pools.distributions.units import subscribe_units
from pools.distributions.wording import KINDS, payee_word, source_words, why
from pools.structure.terms import SOURCES
from tenants import clock
from tenants.access import has_permission
from tenants.formatting import full_money
from tenants.models import User
from tenants.money import Money
from tenants.permissions import Permission, Role
from tenants.problems import FieldError, Invalid, Problem
from tenants.web import require

_PAGE = 50


@require(Permission.VIEW_DEALS)
def pools(request):
    """Every pool that pays."""
    context = {"rows": selectors.paying_pools()}
    return render(request, "pools/distributions/pools.html", context)


def _pool_page(request, pool, *, form=None, problem=None, status=200):
    rows = newest_versions(pool)
    may_pay = has_permission(request.user, request.tenant, Permission.DISTRIBUTE)
    context = {
        "pool": pool,
        "rows": [rows[period] for period in sorted(rows, reverse=True)],
        "next": selectors.next_period(pool, len(rows)),
        "classes": [one | {"word": payee_word(one["name"])} for one in selectors.placed(pool)],
        "balance": balance.since_cut_off(pool, rows),
        "holdings": [(row, payee_word(row.tranche)) for row in pool.holdings.all()],
        "form": (form or _form(request, pool)) if may_pay else None,
        "may_pay": may_pay,
        "problem": problem,
    }
    return render(request, "pools/distributions/pool.html", context, status=status)


def _form(request, pool, data=None):
    investors = User.objects.filter(
        memberships__tenant=request.tenant,
        memberships__role=Role.INVESTOR,
        memberships__is_active=True,
    )
    return SubscriptionForm(
        data,
        tranches=[one["name"] for one in selectors.placed(pool)],
        investors=[(str(user.pk), user.display_name) for user in investors],
        currency=pool.currency,
    )


@require(Permission.VIEW_DEALS)
def pool(request, pool_id):
    """One pool: its distributions, its units, and what is paid next."""
    return _pool_page(request, selectors.bought_pool(pool_id))


@require_POST
@require(Permission.DISTRIBUTE)
def make(request, pool_id):
    """Pay the period that the page showed as the next; pressed twice, it is paid once."""
    found, now = selectors.bought_pool(pool_id), clock.now()
    before = newest_versions(found)
    try:
        row = make_distribution(
            pool=found, period=_period(request), known_at=now, by=request.user.pk, at=now
        )
    except Problem as problem:
        return _pool_page(request, found, problem=problem, status=problem.status)
    if row.period in before:
        messages.info(request, _("This period had been paid before; nothing was paid again."))
    else:
        messages.success(request, _("The distribution is made and on the ledger."))
    return redirect("distribution", found.pk, row.period)


def _period(request) -> int:
    """The period that the act names."""
    text = request.POST.get("period", "")
    if not (text.isascii() and text.isdigit() and len(text) <= 5 and int(text)):
        raise Invalid(errors=[FieldError("period", "period_missing",
            _("The act does not say which period is to be paid."),
            _("Press the button on the pool's page again."))])  # fmt: skip
    return int(text)


@require_POST
@require(Permission.DISTRIBUTE)
def correct(request, pool_id, period):
    """Derive a period and all later ones again from what is known now."""
    found, now = selectors.bought_pool(pool_id), clock.now()
    try:
        correct_distribution(pool=found, period=period, known_at=now, by=request.user.pk, at=now)
    except Problem as problem:
        return _distribution_page(request, found, period, problem=problem, status=problem.status)
    messages.success(request, _("A corrected version stands beside the one before it."))
    return redirect("distribution", found.pk, period)


@require_POST
@require(Permission.DISTRIBUTE)
def subscribe(request, pool_id):
    """Place units with a holder."""
    found = selectors.bought_pool(pool_id)
    form = _form(request, found, request.POST)
    if not form.is_valid():
        return _pool_page(request, found, form=form, status=422)
    asked = form.cleaned_data
    try:
        subscribe_units(
            pool=found, tranche=asked["tranche"], holder=asked["holder"],
            user_id=asked["investor"] or None, units_minor=asked["units"],
            by=request.user.pk, at=clock.now(),
        )  # fmt: skip
    except Problem as problem:
        return _pool_page(request, found, form=form, problem=problem, status=problem.status)
    messages.success(request, _("The units are placed."))
    return redirect("pool-distributions", found.pk)


def _distribution_page(request, found, period, *, problem=None, status=200):
    versions = selectors.versions_of(found, period)
    wanted = request.GET.get("version", "")
    row = next((one for one in versions if str(one.version) == wanted), versions[-1])
    result = result_of(row)

    def money(minor):
        return full_money(Money.from_minor(minor, found.currency))

    lines = [
        {
            "line": line,
            "step": words.word(words.STEPS, line.kind),
            "payee": payee_word(line.payee),
            "why": why(line, found.currency),
            "sources": source_words(line, money),
        }
        for line in result.lines
    ]
    context = {
        "pool": found,
        "row": row,
        "lines": lines,
        "status": words.word(words.STATUSES, result.standing.status),
        "ledgers": [
            (words.word(words.SOURCES, name), result.opening[name], result.closing[name])
            for name in SOURCES
        ],
        "balances": [
            (payee_word(name), result.standing.balances[name])
            for name in selectors.classes_of(found)
        ],
        "balance": balance.of_period(found, row),
        "altered": altered(row) if row.movements else [],
        "conservation": selectors.conservation_of(result),
        "units": [
            (payee_word(one.payee), payee_word(one.holder), one.amount_minor)
            for one in row.unit_payments.filter(amount_minor__gt=0).order_by("payee", "holder")
        ],
        "versions": [
            (one, [(payee_word(payee), minor) for payee, minor in changed.items()])
            for one, changed in selectors.changes(versions)
        ],
        "is_newest": row is versions[-1],
        "may_pay": has_permission(request.user, request.tenant, Permission.DISTRIBUTE),
        "may_issue": has_permission(request.user, request.tenant, Permission.ISSUE_DOCUMENT),
        "problem": problem,
    }
    return render(request, "pools/distributions/distribution.html", context, status=status)


@require(Permission.VIEW_DEALS)
def distribution(request, pool_id, period):
    """One period: what came in, every line of the waterfall, who was paid, and its versions."""
    return _distribution_page(request, selectors.bought_pool(pool_id), period)


@require(Permission.VIEW_DEALS)
def payments(request, pool_id, period):
    """The bank lines of a period, as they counted."""
    row = selectors.versions_of(selectors.bought_pool(pool_id), period)[-1]
    frame = selectors.collected(row).payments
    if wanted := request.GET.get("q", "").strip():
        frame = frame.filter(frame["reference"].str.contains(wanted, literal=True))
    page = Paginator(range(frame.height), _PAGE).get_page(request.GET.get("page"))
    page.object_list = [
        line | {"word": KINDS.get(line["kind"], line["kind"])}
        for line in frame[page.start_index() - 1 : page.end_index()].rows(named=True)
    ]
    context = {"row": row, "pool": row.pool, "page_obj": page, "q": wanted}
    return render(request, "pools/distributions/payments.html", context)


@require(Permission.VIEW_DEALS)
def trace(request, pool_id, period):
    """One bank line and every place its money went."""
    row = selectors.versions_of(selectors.bought_pool(pool_id), period)[-1]
    rid, reference = request.GET.get("lease", ""), request.GET.get("reference", "")
    payment, hops = selectors.trace(row, rid, reference)
    context = {
        "row": row,
        "pool": row.pool,
        "payment": payment,
        "hops": [
            {
                "ledger": words.word(words.SOURCES, hop.ledger),
                "payee": payee_word(hop.payee) if hop.payee else _("stays in its ledger"),
                "holder": payee_word(hop.holder) if hop.holder else "",
                "minor": hop.minor,
            }
            for hop in hops
        ],
        "total_minor": sum(hop.minor for hop in hops),
    }
    return render(request, "pools/distributions/trace.html", context)


@require(Permission.VIEW_UNITS)
def units(request):
    """An investor's own units; everybody's for those who see the deals."""
    sees_all = has_permission(request.user, request.tenant, Permission.VIEW_DEALS)
    held = selectors.units(of_user=None if sees_all else request.user.pk)
    rows = [(one, payee_word(one.holding.tranche), payee_word(one.holding.holder)) for one in held]
    return render(request, "pools/distributions/units.html", {"rows": rows, "sees_all": sees_all})
