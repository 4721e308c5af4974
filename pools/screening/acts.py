"""The acts on models and screenings, each behind a page that says what will happen.

Services are imported where they are called: heavy libraries come with them.
"""

from datetime import timedelta

from django.db import transaction
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from pools.confirming import Confirmation, confirm
from pools.model_life.asking import ask_for_model, latest_training_day
from pools.model_life.readiness import is_proven, why_not_approve, why_not_shadow
from pools.models import ModelState, ModelTrial, ModelVersion, TrialState
from pools.models_kit.words import SHADOW_MONTHS
from pools.screening.forms import TrialForm
from pools.tasks import try_model
from tenants import clock
from tenants.permissions import Permission
from tenants.problems import Problem
from tenants.templatetags.ui import day
from tenants.web import require


def _refusal(problem: Problem) -> str:
    return f"{problem.text('detail', _)} {problem.text('mend', _)}"


def _facts(model: ModelVersion) -> list[tuple[str, object]]:
    return [
        (_("Pricing model"), model.family_name),
        (_("Trained on history until"), day(model.trained_as_of)),
    ]


@require(Permission.TRAIN_MODEL)
def train(request):
    """Ask for a model; a job trains it, back-tests it and starts its shadow run."""
    latest = latest_training_day(clock.today())
    form = TrialForm(request.POST or None, initial={"train_as_of": latest})
    busy = ModelTrial.objects.filter(state=TrialState.WAITING).exists()
    page = Confirmation(
        title=_("Train a model"),
        consequences=[
            _("It learns from outcomes that were known by the end of that day, and from no later."),
            _("The α test then judges it by the twelve months that followed."),
            _(
                "Its forecast of every live asset goes on our ledger; after %(months)s months the β"
                " test judges it by what happened."
            )
            % {"months": SHADOW_MONTHS},
            _("It prices nothing until both tests are passed and two people approve it."),
        ],
        button=_("Train and test it"),
        done=_("The model is being trained; this takes a few minutes."),
        back=reverse("pools-models"),
        form=form,
        refusal=_("Another model is being trained.") if busy else "",
    )

    @transaction.atomic
    def act():
        given = form.cleaned_data
        trial = ask_for_model(**given, by=request.user.pk, at=clock.now())
        try_model.enqueue(lock=f"models-{request.tenant.pk}", trial=str(trial.pk))

    return confirm(request, page, act)


@require(Permission.TRAIN_MODEL)
def shadow(request, model_id):
    """Set a model beside the live assets once more."""
    model = get_object_or_404(ModelVersion.objects.defer("artefact"), pk=model_id)
    as_of = clock.today() - timedelta(days=1)
    problem = why_not_shadow(model)
    page = Confirmation(
        title=_("Start a shadow run"),
        facts=[*_facts(model), (_("As of"), day(as_of))],
        consequences=[
            _("What the model says of every live asset goes on our ledger, before anybody knows."),
            _("After %(months)s months the β test judges it by what happened, by itself.")
            % {"months": SHADOW_MONTHS},
        ],
        button=_("Start a shadow run"),
        done=_("The model runs beside the live assets."),
        back=reverse("pools-model", args=[model.pk]),
        refusal=_refusal(problem) if problem else "",
    )

    def act():
        from pools.model_life.shadow_runs import start_shadow_run

        start_shadow_run(model=model, as_of=as_of, at=clock.now(), by=request.user.pk)

    return confirm(request, page, act)


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
