"""Background work of pools: late pledges are released, models trained and judged."""

from uuid import UUID

from django_tenants.utils import tenant_context
from procrastinate.contrib.django import app

from pools.deals.pledging import overdue
from pools.models import ModelTrial, ModelVersion, Pool, ShadowRun, TrialState
from tenants import clock
from tenants.context import current_tenant
from tenants.jobs import enqueue_once, tenant_task
from tenants.permissions import Kind
from tenants.standing import standing


@tenant_task(name="pools.expire_pledges")
def expire() -> None:
    """Give up pools whose receivables were not answered for in time."""
    from pools.deals.services import expire_pledges  # heavy libraries come with it

    expire_pledges(at=clock.now())


@app.periodic(cron="*/5 * * * *")
@app.task(name="pools.look_for_late_pledges", queueing_lock="late-pledges")
def look_for_late_pledges(timestamp: int) -> None:
    """Every five minutes: a job for each trust company that waits longer than it said it would."""
    for tenant in standing(kind=Kind.TRUST):
        with tenant_context(tenant):
            late = overdue(clock.now()).exists()
        if late:
            enqueue_once(expire, tenant=tenant, lock=f"expire-{tenant.pk}")


@tenant_task(name="pools.release_ended_leases")
def release(*, pool: str) -> None:
    """Give back the rights of a bought pool's leases that are over."""
    from pools.deals.services import release_ended

    release_ended(pool=Pool.objects.get(pk=pool), at=clock.now())


def look_for_endings(pool_id: UUID) -> None:
    """Something was paid or closed: the rights of what is over are given back by a job."""
    enqueue_once(release, tenant=current_tenant(), lock=f"release-{pool_id}", pool=str(pool_id))


@tenant_task(name="pools.try_model")
def try_model(*, trial: str) -> None:
    """Carry out what a person asked for on the models page."""
    from pools.model_life.asking import carry_out

    asked = ModelTrial.objects.select_related("model").get(pk=trial)
    if asked.state == TrialState.WAITING:
        carry_out(asked, clock.now())


@tenant_task(name="pools.judge_shadow_run")
def judge_shadow_run(*, model: str) -> None:
    """The β test of a model whose shadow run is over."""
    from pools.model_life.shadow_runs import run_beta_test

    run_beta_test(model=ModelVersion.objects.get(pk=model), at=clock.now())


@app.periodic(cron="* * * * *")
@app.task(name="pools.look_for_ended_shadow_runs", queueing_lock="ended-shadow-runs")
def look_for_ended_shadow_runs(timestamp: int) -> None:
    """Every minute: a job for each shadow run that is over."""
    for tenant in standing(kind=Kind.TRUST):
        with tenant_context(tenant):
            ended = ShadowRun.objects.filter(judged_at=None, ends_on__lt=clock.today())
            models = [str(model) for model in ended.values_list("model_id", flat=True)]
        for model in models:
            enqueue_once(judge_shadow_run, tenant=tenant, lock=f"models-{tenant.pk}", model=model)
