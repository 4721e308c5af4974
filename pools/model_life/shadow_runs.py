"""The β test in steps: a forecast goes on the ledger, time passes, what happened judges it."""

from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_noop

from ledger.drafts import Draft
from ledger.services import append_entry
from origination.domain.months import add_months
from pools.model_life import shadowing
from pools.model_life.readiness import ModelNotReady, why_not_shadow
from pools.model_life.services import load_suite, record_test
from pools.models import ModelVersion, ShadowRun
from pools.models_kit.words import SHADOW_MONTHS
from pools.projection.reading import Evidence, read_history
from tenants.context import current_tenant

#: How old the day of a forecast may be when it is written: no outcome of the run is known by then.
_FRESH = timedelta(days=3)


@transaction.atomic
def start_shadow_run(
    *,
    model: ModelVersion,
    as_of: date,
    at: datetime,
    by: UUID,
    months: int = SHADOW_MONTHS,
    evidence: Evidence | None = None,
) -> ShadowRun:
    """Write down what the model says of every performing asset: `model.shadowed`.

    Outside a demo only the present may be forecast; a demo may play a dated history, which its
    report then says. Raises ModelNotReady.
    """
    simulated = current_tenant().is_demo
    model = ModelVersion.objects.select_for_update().get(pk=model.pk)
    if refusal := why_not_shadow(model):
        raise refusal
    _check_day(model, as_of, at, simulated=simulated)
    history, _ = evidence or read_history()
    written = shadowing.forecast(load_suite(model), history, as_of, months)
    run = ShadowRun(
        model=model,
        as_of=as_of,
        ends_on=add_months(as_of, months),
        months=months,
        assets=len(written.rids),
        forecast=written.packed(),
        forecast_root=written.root(),
        simulated_time=simulated,
        started_at=at,
        started_by=by,
    )
    fields = {
        "model": str(model.pk),
        "artefact_sha256": model.artefact_sha256,
        "as_of": as_of.isoformat(),
        "ends_on": run.ends_on.isoformat(),
        "assets": str(run.assets),
        "forecast_root": run.forecast_root,
        "simulated_time": str(simulated).lower(),
        "started_by": str(by),
    }
    draft = Draft.service(kind="model.shadowed", rid=run.pk, fields=fields, ts=at)
    run.ledger_index = append_entry(draft=draft).index
    run.save(force_insert=True)
    return run


def _check_day(model: ModelVersion, as_of: date, at: datetime, *, simulated: bool) -> None:
    if as_of < model.trained_as_of:
        raise ModelNotReady(
            detail=gettext_noop("A model says nothing about days before it was trained."),
            mend=gettext_noop("Start the shadow run on a later day."),
        )
    if as_of >= at.date():
        raise ModelNotReady(
            detail=gettext_noop("The day of the forecast is not over yet."),
            mend=gettext_noop("Start the shadow run as of yesterday."),
        )
    if not simulated and as_of < at.date() - _FRESH:
        raise ModelNotReady(
            detail=gettext_noop("A forecast of days that are known already proves nothing."),
            mend=gettext_noop("Start the shadow run as of yesterday."),
        )


@transaction.atomic
def run_beta_test(
    *, model: ModelVersion, at: datetime, evidence: Evidence | None = None
) -> ModelVersion:
    """Judge the model's open shadow run by what happened; refused until the run is over.

    In simulated time only a demo tenant may count it, and the report says so.
    """
    run = model.shadow_runs.select_for_update().filter(judged_at=None).first()
    if run is None:
        raise ModelNotReady(
            detail=gettext_noop("It has no open shadow run."),
            mend=gettext_noop("Let the model run beside live assets first."),
        )
    if run.ends_on >= at.date():
        raise ModelNotReady(
            detail=gettext_noop("Its shadow run lasts until the end of %(day)s."),
            mend=gettext_noop("Wait until then: the test runs by itself."),
            params={"day": run.ends_on.isoformat()},
        )
    history, _ = evidence or read_history()
    try:
        report = shadowing.judge(
            shadowing.unpack(bytes(run.forecast), run.forecast_root),
            load_suite(model),
            history,
            start_day=run.as_of,
            end_day=run.ends_on,
            months=run.months,
            simulated_time=run.simulated_time,
        )
    except shadowing.ForecastUnreadable as error:
        raise ModelNotReady(
            detail=str(error), mend=gettext_noop("Start a new shadow run.")
        ) from error
    model.beta = report.as_dict() | {"start": run.as_of.isoformat(), "shadow": str(run.pk)}
    model.save(update_fields=["beta"])
    run.judged_at = at
    run.save(update_fields=["judged_at"])
    record_test(model, "beta", model.beta, at, shadow=str(run.pk))
    return model
