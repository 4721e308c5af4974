"""A model's steps, each on the trust's ledger: train, test, approve, promote."""

import hashlib
import json
import pickle
from datetime import date, datetime
from pathlib import Path
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_noop

from ledger.drafts import Draft
from ledger.services import append_entry
from pools.model_life import trials
from pools.model_life.policy import TrainingPlan, ValuationPolicy
from pools.model_life.readiness import ModelNotReady, why_not_approve
from pools.model_life.suite import NotEnoughHistory, Suite
from pools.model_life.training import train_suite
from pools.models import ModelApproval, ModelState, ModelVersion
from pools.models_kit.words import BOOSTING
from pools.projection.reading import Evidence, read_history

_CODE = ("models_kit", "features", "valuation", "model_life")


def code_version() -> str:
    """SHA-256 over the source files that a model's figures depend on."""
    digest = hashlib.sha256()
    for folder in _CODE:
        for file in sorted((Path(__file__).parent.parent / folder).glob("*.py")):
            digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


def load_suite(model: ModelVersion) -> Suite:
    """The trained suite, after its bytes are checked against the hash that is on the ledger."""
    data = bytes(model.artefact)
    if hashlib.sha256(data).hexdigest() != model.artefact_sha256:
        raise ModelNotReady(
            detail=gettext_noop("The stored model differs from the one that was trained."),
            mend=gettext_noop("Train it again."),
        )
    return pickle.loads(data)


@transaction.atomic
def train_models(
    *,
    as_of: date,
    at: datetime,
    by: UUID,
    family: str = BOOSTING,
    plan: TrainingPlan | None = None,
    evidence: Evidence | None = None,
) -> ModelVersion:
    """Train a suite on outcomes known by the end of `as_of`; refuses a history that is too thin.

    Here and in the tests `evidence` spares a second reading to who holds the history already.
    """
    plan = plan or TrainingPlan()
    history, prices = evidence or read_history()
    try:
        suite = train_suite(
            history, prices, as_of=as_of, family=family, plan=plan, policy=ValuationPolicy()
        )
    except NotEnoughHistory as error:
        raise ModelNotReady(
            detail=str(error), mend=gettext_noop("Choose a later date or wait for more history.")
        ) from error
    artefact = pickle.dumps(suite, protocol=5)
    model = ModelVersion.objects.create(
        family=family,
        trained_as_of=as_of,
        trained_at=at,
        trained_by=by,
        seed=plan.seed,
        data_hash=suite.data_hash,
        code_version=code_version(),
        notes=suite.notes,
        artefact=artefact,
        artefact_sha256=hashlib.sha256(artefact).hexdigest(),
    )
    fields = {
        "family": family,
        "trained_as_of": as_of.isoformat(),
        "seed": str(plan.seed),
        "data_hash": model.data_hash,
        "code_version": model.code_version,
        "artefact_sha256": model.artefact_sha256,
        "trained_by": str(by),
    }
    append_entry(draft=Draft.service(kind="model.trained", rid=model.id, fields=fields, ts=at))
    return model


@transaction.atomic
def run_alpha_test(
    *, model: ModelVersion, known_until: date, at: datetime, evidence: Evidence | None = None
) -> ModelVersion:
    """Back-test on the horizon after the training date; it must have been observed in full."""
    history, prices = evidence or read_history()
    champion = ModelVersion.objects.filter(state=ModelState.PROMOTED).exclude(pk=model.pk).first()
    try:
        model.alpha = trials.alpha(
            load_suite(model),
            history,
            prices,
            known_until=known_until,
            champion=load_suite(champion) if champion else None,
            seed=model.seed,
        )
    except ValueError as error:
        raise ModelNotReady(
            detail=str(error), mend=gettext_noop("Train as of an earlier date.")
        ) from error
    model.save(update_fields=["alpha"])
    record_test(model, "alpha", model.alpha, at)
    return model


def record_test(model: ModelVersion, test: str, report: dict, at: datetime, **more: str) -> None:
    """`model.tested`: the verdict and the hash of the whole report."""
    text = json.dumps(report, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    fields = {
        "test": test,
        "verdict": report["verdict"],
        "report_sha256": hashlib.sha256(text.encode()).hexdigest(),
        "simulated_time": str(bool(report.get("simulated_time", False))).lower(),
        **more,
    }
    append_entry(draft=Draft.service(kind="model.tested", rid=model.id, fields=fields, ts=at))


@transaction.atomic
def promote_model(*, model: ModelVersion, by: UUID, at: datetime) -> ModelVersion:
    """One person's yes; the second person's makes the model champion and retires the present one.

    The person who trained a model may not promote it; a model is promoted once.
    """
    model = ModelVersion.objects.select_for_update().get(pk=model.pk)
    if refusal := why_not_approve(model, by):
        raise refusal
    ModelApproval.objects.create(model=model, by=by, at=at)
    approvers = [
        str(person) for person in model.approvals.order_by("at").values_list("by", flat=True)
    ]
    if len(approvers) < 2:
        return model
    ModelVersion.objects.filter(state=ModelState.PROMOTED).update(state=ModelState.RETIRED)
    model.state = ModelState.PROMOTED
    model.save(update_fields=["state"])
    fields = {"approved_by": ",".join(approvers), "artefact_sha256": model.artefact_sha256}
    append_entry(draft=Draft.service(kind="model.promoted", rid=model.id, fields=fields, ts=at))
    return model
