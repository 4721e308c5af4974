"""What a model must be before it may be used. Loads no heavy library: pages ask it too."""

from uuid import UUID

from django.utils.translation import gettext_noop

from pools.models import ModelState, ModelVersion
from pools.models_kit.words import PASS
from tenants.problems import Refused


class ModelNotReady(Refused):
    code = "model_not_ready"
    title = gettext_noop("This model may not be used yet.")


def is_proven(model: ModelVersion) -> bool:
    """Whether both tests were passed."""
    return all(report and report["verdict"] == PASS for report in (model.alpha, model.beta))


def why_not_approve(model: ModelVersion, by: UUID) -> ModelNotReady | None:
    """Why this person's yes to the model would be refused; None where it counts."""
    if model.state != ModelState.TRAINED:  # the champion, or one whose old approvals are spent
        return ModelNotReady(
            detail=gettext_noop("It is in use already, or was replaced by a later one."),
            mend=gettext_noop("Train and test a new model."),
        )
    if not is_proven(model):
        return ModelNotReady(
            detail=gettext_noop("It has not passed both the α and the β test."),
            mend=gettext_noop("Run the tests; a model that fails them cannot be promoted."),
        )
    if by == model.trained_by or model.approvals.filter(by=by).exists():
        return ModelNotReady(
            detail=gettext_noop("Two people other than its trainer must agree, once each."),
            mend=gettext_noop("Ask a colleague with the right to promote models."),
        )
    return None


def why_not_shadow(model: ModelVersion) -> ModelNotReady | None:
    """Why no shadow run of this model can start; None where one can."""
    if model.shadow_runs.filter(judged_at=None).exists():
        return ModelNotReady(
            detail=gettext_noop("It runs beside the live assets already."),
            mend=gettext_noop("Wait until its shadow run ends."),
        )
    if model.approvals.exists():
        return ModelNotReady(
            detail=gettext_noop("It was approved on the β test that it passed."),
            mend=gettext_noop("Train a new model to try another."),
        )
    return None
