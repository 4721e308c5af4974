"""The acts on models and screenings, each behind a page that says what will happen.

Services are imported where they are called: heavy libraries come with them.
"""

from datetime import timedelta

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from pools.confirming import Confirmation, confirm
from pools.model_life.readiness import is_proven, why_not_approve
from pools.models import ModelState, ModelVersion
from tenants import clock
from tenants.permissions import Permission
from tenants.problems import Problem
from tenants.templatetags.ui import day
from tenants.web import require


def _refusal(problem: Problem) -> str:
    return f"{_(problem.detail)} {_(problem.mend)}"


def _facts(model: ModelVersion) -> list[tuple[str, object]]:
    return [
        (_("Pricing model"), model.family_name),
        (_("Trained on history until"), day(model.trained_as_of)),
    ]


@require(Permission.PROMOTE_MODEL)
def approve(request, model_id):
    """One of the two approvals that let a model price assets."""
    model = get_object_or_404(ModelVersion.objects.defer("artefact"), pk=model_id)
    if model.approvals.exists():
        effect = _(
            "Yours is the second approval: this model prices from now on, and the present one is"
            " retired."
        )
    else:
        effect = _("Yours is the first approval: a second person must agree before it is used.")
    problem = why_not_approve(model, request.user.pk)
    page = Confirmation(
        title=_("Approve a model for use"),
        facts=_facts(model),
        consequences=[effect, _("Your approval is given once and cannot be taken back.")],
        button=_("Approve for use"),
        done=_("The model has your approval."),
        back=reverse("pools-model", args=[model.pk]),
        refusal=_refusal(problem) if problem else "",
    )

    def act():
        from pools.model_life.services import promote_model

        promote_model(model=model, by=request.user.pk, at=clock.now())

    return confirm(request, page, act)


@require(Permission.RUN_SCREENING)
def screen(request):
    """Value every asset with the champion, as of the last day that is over."""
    as_of = clock.today() - timedelta(days=1)
    champion = ModelVersion.objects.defer("artefact").filter(state=ModelState.PROMOTED).first()
    ready = champion is not None and is_proven(champion)
    page = Confirmation(
        title=_("Screen every asset"),
        facts=(_facts(champion) if champion else []) + [(_("As of"), day(as_of))],
        consequences=[
            _("Every open asset is valued anew with the model in use; this may take a while."),
            _("The figures are proven on our ledger; earlier screenings stay as they are."),
        ],
        button=_("Screen every asset"),
        done=_("Every open asset has been screened."),
        back=reverse("pools-runs"),
        refusal=""
        if ready
        else _("No model with passed α and β tests has been promoted.")
        + " "
        + _("Train, test and promote a model first."),
    )

    def act():
        from pools.screening.services import run_screening

        run_screening(as_of=as_of, at=clock.now(), by=request.user.pk)

    return confirm(request, page, act)
