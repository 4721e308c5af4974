"""The acts on a pool, each behind a page that says what will happen."""

from dataclasses import replace

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pools.confirming import Confirmation, confirm
from pools.deals import standing
from pools.deals.forms import CashForm
from pools.deals.services import (
    approve_pool,
    cancel_pool,
    confirm_disbursement,
    instruct_disbursement,
    purchase_pool,
    request_pledges,
)
from pools.deals.titles import standing_of_proof
from pools.deals.views.shared import person_of
from pools.models import Disbursement, Pool
from pools.structure.forms import FORMS, Form
from tenants import clock
from tenants.models import Tenant
from tenants.permissions import Permission
from tenants.templatetags.ui import institution, money, number
from tenants.web import require


def _pool(pool_id):
    found = Pool.objects.select_related("facility").prefetch_related(
        "approvals", "pledges", "disbursements"
    )
    return get_object_or_404(found, pk=pool_id)


def _page(request, pool, code, *, title, consequences, button, done, **more):
    """The page of one act; it is refused where the pool's own page shows no button for it."""
    acts = {act.code for act in standing.pool_acts(pool, person_of(request))}
    refusal = "" if code in acts else _("This is not open to you now: look at the pool again.")
    return Confirmation(
        title=title,
        facts=[
            (_("Pool"), pool.name),
            (_("Assets"), number(pool.assets)),
            (_("Balance"), money(pool.balance_minor, pool.currency)),
            (_("Price"), money(pool.price_minor, pool.currency)),
        ],
        consequences=consequences,
        button=button,
        done=done,
        back=reverse("deals-pool", args=[pool.pk]),
        refusal=refusal,
        **more,
    )


def _confirm(request, page, service, pool):
    return confirm(request, page, lambda: service(pool=pool, by=request.user.pk, at=clock.now()))


def _is_sale(pool):
    return FORMS[Form(pool.facility.form)].title_state == "sold"


@require(Permission.APPROVE_POOL)
def approve(request, pool_id):
    """One of the two approvals."""
    pool = _pool(pool_id)
    page = _page(
        request, pool, "approve",
        title=_("Approve %(pool)s") % {"pool": pool.name},
        consequences=[
            _("Your approval is given once and cannot be taken back."),
            _("With the second approval the receivables can be asked for."),
        ],
        button=_("Approve the pool"),
        done=_("The pool has your approval."),
    )  # fmt: skip
    return _confirm(request, page, approve_pool, pool)


@require(Permission.PURCHASE_POOL)
def ask(request, pool_id):
    """Reserve the rights and ask the lessors."""
    pool = _pool(pool_id)
    lessors = pool.members.values("source").distinct().count()
    page = _page(
        request, pool, "ask",
        title=_("Ask for the receivables of %(pool)s") % {"pool": pool.name},
        consequences=[
            ngettext(
                "%(count)s lessor is asked on the ledger for its receivables.",
                "%(count)s lessors are asked on the ledger for their receivables.",
                lessors,
            ) % {"count": lessors},
            _("All rights are reserved at once: nobody else can have them pledged or sold."),
            _("What is not answered in time is released."),
            _("The lessors are asked to sell.") if _is_sale(pool)
            else _("The lessors are asked to pledge; the receivables stay theirs."),
        ],
        button=_("Reserve and ask"),
        done=_("The receivables are reserved and the lessors are asked."),
    )  # fmt: skip
    return _confirm(request, page, request_pledges, pool)


@require(Permission.PURCHASE_POOL)
def purchase(request, pool_id):
    """Perfect the rights; the pool is the trust's."""
    pool = _pool(pool_id)
    held = _("sold to us") if _is_sale(pool) else _("pledged to us")
    page = _page(
        request, pool, "purchase",
        title=_("Purchase %(pool)s") % {"pool": pool.name},
        consequences=[
            _("Every receivable of the pool is marked as %(held)s, for all institutions.")
            % {"held": held},
            _("The purchase goes on the ledger and cannot be undone here."),
            _("Monitoring starts to watch the pool. No money moves yet."),
        ],
        button=_("Purchase the pool"),
        done=_("The pool is purchased."),
    )  # fmt: skip
    proven = (_("Receivables in the title registry"), standing_of_proof(pool))
    page = replace(page, facts=[*page.facts, proven])
    return _confirm(request, page, purchase_pool, pool)


@require(Permission.PURCHASE_POOL)
def instruct(request, pool_id):
    """Tell the custodian to pay the price."""
    pool = _pool(pool_id)
    page = _page(
        request, pool, "instruct",
        title=_("Instruct the payment for %(pool)s") % {"pool": pool.name},
        consequences=[
            _("The price is split among the lessors and each part is instructed."),
            _("The custodian pays, and confirms each part with the bank's reference."),
        ],
        button=_("Instruct the custodian"),
        done=_("The payment is instructed."),
    )  # fmt: skip
    return _confirm(request, page, instruct_disbursement, pool)


@require(Permission.PURCHASE_POOL)
def cancel(request, pool_id):
    """Give the pool up before it is bought."""
    pool = _pool(pool_id)
    page = _page(
        request, pool, "cancel",
        title=_("Give %(pool)s up") % {"pool": pool.name},
        consequences=[
            _("The pool is given up for good; another one must be packaged instead."),
            _("Reserved rights are released and lessors that were asked are told."),
            _("Its share of the facility's limit is free again."),
        ],
        button=_("Give the pool up"),
        done=_("The pool is given up."),
        tone="danger",
    )  # fmt: skip
    return _confirm(request, page, cancel_pool, pool)


@require(Permission.CONFIRM_CASH)
def confirm_cash(request, paid_id):
    """The custodian says that the bank paid."""
    paid = get_object_or_404(Disbursement.objects.select_related("pool"), pk=paid_id)
    form = CashForm(request.POST or None)
    page = Confirmation(
        title=_("Confirm the payment"),
        facts=[
            (_("Pool"), paid.pool.name),
            (_("To"), institution(Tenant.objects.filter(pk=paid.lessor_id).first())),
            (_("Amount"), money(paid.amount_minor, paid.pool.currency)),
        ],
        consequences=[
            _("The payment goes on the ledger with the bank's reference."),
            _("When the last one is confirmed, the pool counts as paid out."),
        ],
        button=_("The bank has paid"),
        done=_("The payment is confirmed."),
        back=reverse("deals-pool", args=[paid.pool_id]),
        form=form,
        refusal=_cash_refusal(paid, request.user.pk),
    )

    def act():
        confirm_disbursement(
            disbursement=paid,
            bank_reference=form.cleaned_data["bank_reference"],
            by=request.user.pk,
            at=clock.now(),
        )

    return confirm(request, page, act)


def _cash_refusal(paid, by):
    if paid.confirmed_at is not None:
        return _("This payment was confirmed before.")
    return _("You instructed it: somebody else confirms it.") if by == paid.instructed_by else ""
