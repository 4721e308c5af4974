"""The trust's pages of assets, screening runs and models. Views read; services write."""

from django.core.paginator import Paginator
from django.db.models import Avg
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _

from ledger.titles.selectors import title_facts
from pools.model_life.readiness import why_not_approve, why_not_shadow
from pools.models import (
    Asset,
    AssetPayment,
    AssetResult,
    ModelTrial,
    ModelVersion,
    ScreeningRun,
    TrialState,
)
from pools.screening import wording
from pools.screening.forms import AssetFilter
from pools.screening.selectors import latest_run, results_of
from tenants.access import has_permission, people_named
from tenants.permissions import Permission
from tenants.web import require

_PAGE = 50


@require(Permission.VIEW_ASSETS)
def assets(request):
    """Every asset of the newest run; filters, order and page are in the address."""
    run = latest_run()
    form = AssetFilter(request.GET or None)
    rows = form.narrowed(results_of(run)) if run else AssetResult.objects.none()
    page = Paginator(rows, _PAGE).get_page(request.GET.get("page"))
    for result in page:
        result.words = wording.reasons_in_words(result.reasons)
    return render(
        request, "pools/screening/assets.html", {"run": run, "form": form, "page_obj": page}
    )


@require(Permission.VIEW_ASSETS)
def asset(request, rid):
    """One asset: its terms, its figures with reasons, its payments, its place in the ledger."""
    found = get_object_or_404(Asset, pk=rid)
    result = AssetResult.objects.filter(asset=found).select_related("run__model").order_by(
        "-run__as_of", "-run__at"
    ).first()  # fmt: skip
    payments = AssetPayment.objects.filter(lease_rid=rid).order_by("-effective_on", "-id")
    return render(
        request,
        "pools/screening/asset.html",
        {
            "asset": found,
            "may_contest": has_permission(request.user, request.tenant, Permission.CONTEST_RIGHTS),
            "result": result,
            "reasons": wording.reasons_in_words(result.reasons) if result else [],
            "page_obj": Paginator(payments, _PAGE).get_page(request.GET.get("page")),
            **title_facts(rid),
        },
    )


@require(Permission.VIEW_ASSETS)
def runs(request):
    """All screening runs, newest first."""
    found = ScreeningRun.objects.select_related("model").order_by("-as_of", "-at")
    page = Paginator(found, _PAGE).get_page(request.GET.get("page"))
    may_screen = has_permission(request.user, request.tenant, Permission.RUN_SCREENING)
    context = {"page_obj": page, "may_screen": may_screen}
    return render(request, "pools/screening/runs.html", context)


@require(Permission.VIEW_ASSETS)
def run(request, run_id):
    """One run: totals, how risk is spread, risk by province, the riskiest assets."""
    found = get_object_or_404(ScreeningRun.objects.select_related("model"), pk=run_id)
    edges = found.totals["probability_edges"]
    chart = {
        "x": [
            f"{low:.1%} – {min(high, 1):.1%}" for low, high in zip(edges, edges[1:], strict=False)
        ],
        "x_name": _("Default probability in 12 months"),
        "series": [{"name": _("Assets"), "values": found.totals["probability_counts"]}],
        "format": "number",
    }
    results = results_of(found)
    provinces = results.values_list("asset__province").annotate(Avg("probability"))
    riskiest = list(results.filter(defaulted=False).order_by("-probability", "position")[:10])
    for result in riskiest:
        result.words = wording.reasons_in_words(result.reasons)
    return render(
        request,
        "pools/screening/run.html",
        {
            "run": found,
            "chart": chart,
            "provinces": {code: float(mean) for code, mean in provinces},
            "riskiest": riskiest,
        },
    )


@require(Permission.VIEW_ASSETS)
def models(request):
    """All model versions with their verdicts, newest first; above them those under way."""
    found = list(ModelVersion.objects.defer("artefact").order_by("-trained_at"))
    for version in found:
        version.alpha_words = wording.verdict_in_words(version.alpha)
        version.beta_words = wording.verdict_in_words(version.beta)
    trials = list(ModelTrial.objects.exclude(state=TrialState.DONE).order_by("-asked_at")[:3])
    for trial in trials:
        trial.words = wording.refusal_in_words(trial.refusal)
    may_train = has_permission(request.user, request.tenant, Permission.TRAIN_MODEL)
    context = {"models": found, "trials": trials, "may_train": may_train}
    return render(request, "pools/screening/models.html", context)


@require(Permission.VIEW_ASSETS)
def model(request, model_id):
    """The model on trial: both reports, forecast against outcome, and what a sample misses."""
    found = get_object_or_404(ModelVersion.objects.defer("artefact"), pk=model_id)
    alpha, beta = found.alpha, found.beta
    context = {"model": found, "alpha": alpha, "beta": beta, "trials": []}
    context |= _approvals_context(request, found) | _shadow_context(request, found)
    for name, report in ((_("α test"), alpha), (_("β test"), beta)):
        if report:
            title, tone = wording.VERDICTS.get(report["verdict"], (report["verdict"], "neutral"))
            context["trials"].append({"name": name, "title": title, "tone": tone})
    if alpha:
        context |= _alpha_context(alpha["probability"])
    if beta:
        context["beta_checks"] = _with_intervals(_in_words(beta["checks"]), beta.get("counts", []))
    return render(request, "pools/screening/model.html", context)


def _approvals_context(request, model):
    approvals = list(model.approvals.order_by("at"))
    may = has_permission(request.user, request.tenant, Permission.PROMOTE_MODEL)
    return {
        "approvals": approvals,
        "names": people_named({approval.by for approval in approvals}),
        "may_approve": may and why_not_approve(model, request.user.pk) is None,
    }


def _shadow_context(request, model):
    may = has_permission(request.user, request.tenant, Permission.TRAIN_MODEL)
    return {
        "shadow": model.shadow_runs.defer("forecast").order_by("-started_at").first(),
        "may_shadow": may and why_not_shadow(model) is None,
    }


def _alpha_context(report):
    deciles = report["deciles"]
    return {
        "alpha_checks": _in_words(report["checks"]),
        "figures": report["figures"],
        "decile_chart": {
            "x": [str(int(row["band"])) for row in deciles],
            "x_name": _("Tenth of the assets, safest first"),
            "series": [
                {"name": _("Forecast"), "values": [row["predicted"] for row in deciles]},
                {"name": _("Happened"), "values": [row["realised"] for row in deciles]},
            ],
            "format": "percent",
        },
        "roc_chart": {
            "x": [f"{point[0]:.0%}" for point in report["roc"][::5]],
            "x_name": _("Sound assets flagged"),
            "series": [
                {"name": _("Bad assets found"), "values": [p[1] for p in report["roc"][::5]]}
            ],
            "format": "percent",
        },
    }


def _in_words(checks):
    return [check | {"words": wording.CHECKS.get(check["name"], check["name"])} for check in checks]


def _with_intervals(checks, counts):
    """Counts of events with the interval that decides: a whole one outside of the band fails."""
    by_check = {f"ratio_{count['event']}": count for count in counts}
    return [
        check | {"low": by_check[name]["ratio_low"], "high": by_check[name]["ratio_high"]}
        if (name := check["name"]) in by_check
        else check
        for check in checks
    ]
