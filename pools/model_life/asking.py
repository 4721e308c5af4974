"""A person asks for a model; a job trains it, back-tests it and sets it beside the live book.

Loads no heavy library: pages ask here.
"""

from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_noop

from origination.domain.months import month_end
from pools.model_life.readiness import ModelNotReady
from pools.models import ModelTrial, ModelVersion, TrialState
from pools.models_kit.words import FAMILIES, HORIZON_MONTHS
from tenants.problems import FieldError, Invalid, Problem


class TrialInvalid(Invalid):
    code = "trial_invalid"
    title = gettext_noop("No model can be trained so.")


def latest_training_day(today: date) -> date:
    """The newest month's end to train as of: the whole back-test window after it is over."""
    last = month_end(today, -1)  # the newest month that is over
    return month_end(last, -HORIZON_MONTHS)


@transaction.atomic
def ask_for_model(*, family: str, train_as_of: date, by: UUID, at: datetime) -> ModelTrial:
    """Ask; one model is trained at a time. The caller enqueues `pools.tasks.try_model`."""
    latest = latest_training_day(at.date())
    found = [
        (family in FAMILIES, "family", "unknown_code",
         gettext_noop("There is no such kind of model."), gettext_noop("Choose one of the list."),
         {}),
        (train_as_of == month_end(train_as_of), "train_as_of", "not_a_month_end",
         gettext_noop("Outcomes are counted by whole months: this is not the last day of one."),
         gettext_noop("Choose %(day)s."), {"day": month_end(train_as_of).isoformat()}),
        (train_as_of <= latest, "train_as_of", "too_late",
         gettext_noop("The back-test judges the twelve months after this day: they are not over."),
         gettext_noop("Choose %(day)s or earlier."), {"day": latest.isoformat()}),
    ]  # fmt: skip
    errors = [FieldError(*error) for good, *error in found if not good]
    if errors:
        raise TrialInvalid(errors=errors)
    try:
        with transaction.atomic():
            return ModelTrial.objects.create(
                family=family, train_as_of=train_as_of, asked_by=by, asked_at=at
            )
    except IntegrityError as error:
        raise ModelNotReady(
            detail=gettext_noop("Another model is being trained."),
            mend=gettext_noop("Wait until it is done: it takes a few minutes."),
        ) from error


def carry_out(trial: ModelTrial, at: datetime) -> None:
    """Train, back-test, start the shadow run; taken up again where it broke off.

    What refuses stops the trial and stands on its page.
    """
    try:
        _steps(trial, at)
    except Problem as problem:
        _stop(trial, problem)
    except Exception:
        _stop(trial, Problem(
            detail=gettext_noop("Something broke on our side; it was written down."),
            mend=gettext_noop("Ask for the model again; if it breaks again, tell the operator."),
        ))  # fmt: skip
        trial.save(update_fields=["state", "refusal"])
        raise
    else:
        trial.state = TrialState.DONE
    trial.save(update_fields=["state", "refusal"])


def _stop(trial: ModelTrial, problem: Problem) -> None:
    trial.state = TrialState.REFUSED
    trial.refusal = {part: getattr(problem, part) for part in ("detail", "mend", "params")}


def _steps(trial: ModelTrial, at: datetime) -> None:
    from pools.model_life import services, shadow_runs  # heavy libraries come with them
    from pools.projection.reading import read_history

    yesterday = at.date() - timedelta(days=1)
    evidence = read_history()
    if trial.model is None:
        with transaction.atomic():
            trial.model = services.train_models(
                as_of=trial.train_as_of,
                at=at,
                by=trial.asked_by,
                family=trial.family,
                evidence=evidence,
            )
            trial.save(update_fields=["model"])
    model: ModelVersion = trial.model
    if model.alpha is None:
        services.run_alpha_test(model=model, known_until=yesterday, at=at, evidence=evidence)
    if not model.shadow_runs.exists():
        shadow_runs.start_shadow_run(
            model=model, as_of=yesterday, at=at, by=trial.asked_by, evidence=evidence
        )
