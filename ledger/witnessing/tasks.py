"""Witnesses are asked by themselves, soon after each checkpoint."""

from django_tenants.utils import tenant_context
from procrastinate.contrib.django import app

from ledger.models import Head, Witness
from ledger.selectors import latest_checkpoint
from ledger.signing import may_ask
from ledger.witnessing.asking import ask_witness, is_due
from tenants import clock
from tenants.jobs import enqueue_once, tenant_task
from tenants.models import Tenant
from tenants.standing import standing


@tenant_task(name="ledger.ask_witness", retry=0)
def ask(witness: str) -> None:
    """Ask one witness; its answer, or why there is none, is kept beside it."""
    found = Witness.objects.filter(pk=int(witness)).first()
    if found is not None:
        ask_witness(found, at=clock.now())


@app.periodic(cron="* * * * * */15")
@app.task(name="ledger.ask_witnesses", queueing_lock="ask_witnesses")
def ask_all(timestamp: int) -> None:
    """Every quarter of a minute: a job for each witness that lacks the newest checkpoint."""
    for tenant in standing():
        with tenant_context(tenant):
            enqueue_asking(tenant=tenant)


def enqueue_asking(*, tenant: Tenant) -> None:
    """Jobs for the witnesses of the current tenant that are due; none while nothing is signed."""
    head, checkpoint, now = Head.objects.first(), latest_checkpoint(), clock.now()
    if head is None or checkpoint is None or not may_ask(head.log_id):
        return
    for witness in Witness.objects.order_by("pk"):
        if is_due(witness, checkpoint.size, now):
            lock = f"witness-{tenant.pk}-{witness.pk}"
            enqueue_once(ask, tenant=tenant, lock=lock, witness=str(witness.pk))
