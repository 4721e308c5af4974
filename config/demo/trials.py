"""The trust tries its models on time they have not seen, promotes one by two people, and screens.

Played beside the main line: trainings and the valuation of every asset keep a core busy.
A book too small to prove a model on is told so, and nothing is priced.
"""

from datetime import date, datetime, timedelta
from typing import Any

import numpy as np

from config.demo.scene import Scene
from config.demo.stage import Facts
from origination.domain.months import month_end
from pools.features.paid_days import NEVER
from pools.features.snapshot import snapshot
from pools.model_life.readiness import ModelNotReady, is_proven
from pools.model_life.services import (
    promote_model,
    run_alpha_test,
    train_models,
)
from pools.model_life.shadow_runs import run_beta_test, start_shadow_run
from pools.models import ModelState, ModelVersion, ScreeningRun
from pools.models_kit.words import BOOSTING, SCORECARD, SHADOW_MONTHS
from pools.projection.reading import Evidence, read_history
from pools.screening.services import run_screening

#: Of the leases that defaulted before the training date, the share a biased lessor keeps back.
KEPT_BACK = 0.7


def trained_as_of(scene: Scene) -> date:
    """A year before the end of history, so that α has a whole year to judge."""
    return month_end(scene.as_of, -12)


def _evidence(scene: Scene) -> Evidence:
    """The trust's history, read once a process. Call inside the trust."""
    held: dict[str, Any] = scene.__dict__
    if "evidence" not in held:
        held["evidence"] = read_history()
    found: Evidence = held["evidence"]
    return found


def _put_on_trial(
    scene: Scene, family: str, at: datetime, learned_from: Evidence | None = None
) -> tuple[ModelVersion | None, Facts]:
    """Train and run both tests; what was found, or why nothing could be trained.

    Goes on where it was interrupted: the instant of training names the model.
    """
    evidence = _evidence(scene)
    try:
        model = ModelVersion.objects.filter(trained_at=at).first() or train_models(
            as_of=trained_as_of(scene),
            at=at,
            by=scene.person("analyst", "trust"),
            family=family,
            evidence=learned_from or evidence,
        )
    except ModelNotReady as error:
        return None, {"refused": error.text()}
    later = at + timedelta(seconds=20)  # two entries of one kind and record need two instants
    if model.alpha is None:
        run_alpha_test(model=model, known_until=scene.as_of, at=at, evidence=evidence)
    if not model.shadow_runs.exists():
        start_shadow_run(
            model=model,
            as_of=month_end(scene.as_of, -SHADOW_MONTHS),
            at=at,
            by=model.trained_by,
            evidence=evidence,
        )
    if model.beta is None:
        run_beta_test(model=model, at=later, evidence=evidence)
    report = model.alpha["probability"]
    return model, {
        "defaults_seen": report["events"],
        "auc": report["figures"]["auc"]["value"],
        "alpha": model.alpha["verdict"],
        "beta": model.beta["verdict"],
    }


def try_champion(scene: Scene) -> Facts:
    """The boosting model on trial."""
    with scene.inside("trust"):
        return _put_on_trial(scene, BOOSTING, scene.moment(minute=11))[1]


def promote(scene: Scene) -> Facts:
    """Two members of the committee promote it, where both tests were passed."""
    with scene.inside("trust"):
        model = ModelVersion.objects.filter(family=BOOSTING).order_by("trained_at").last()
        if model is None or not is_proven(model):
            return {"promoted": 0, "refused": _asked_all_the_same(scene, model)}
        for number, member in enumerate(("committee1", "committee2")):
            by = scene.person(member, "trust")
            promote_model(model=model, by=by, at=scene.moment(minute=12 + number))
    return {"promoted": 1}


def _asked_all_the_same(scene: Scene, model: ModelVersion | None) -> str:
    """What the service says to a committee that promotes an unproven model."""
    if model is None:
        return "No model could be trained."
    try:
        by = scene.person("committee1", "trust")
        promote_model(model=model, by=by, at=scene.moment(minute=12))
    except ModelNotReady as error:
        return error.text()
    raise AssertionError("an unproven model was promoted")


def screen_all(scene: Scene) -> Facts:
    """Every open asset gets its figures; nothing does without a champion."""
    with scene.inside("trust"):
        if not ModelVersion.objects.filter(state=ModelState.PROMOTED).exists():
            return {"priced_assets": 0, "skipped": "No proven model: nothing may be priced."}
        run = run_screening(
            as_of=scene.as_of,
            at=scene.moment(minute=14),
            by=scene.person("analyst", "trust"),
            evidence=_evidence(scene),
        )
    return _figures(run)


def _figures(run: ScreeningRun) -> Facts:
    totals = run.totals
    return {
        "priced_assets": run.assets,
        "principal_minor": totals["principal_minor"],
        "net_value_minor": totals["net_minor"],
        "expected_loss_minor": totals["expected_loss_minor"],
    }


def try_challenger(scene: Scene) -> Facts:
    """The scorecard as challenger."""
    with scene.inside("trust"):
        return _put_on_trial(scene, SCORECARD, scene.moment(minute=15))[1]


def try_biased(scene: Scene) -> Facts:
    """A scorecard that learned from chosen files only."""
    with scene.inside("trust"):
        chosen = read_history(without=kept_back(scene))
        return _put_on_trial(scene, SCORECARD, scene.moment(minute=16), chosen)[1]


def kept_back(scene: Scene) -> list[str]:
    """Leases that a lessor who wants to look good would not have shown before the training date."""
    history, _ = _evidence(scene)
    day = trained_as_of(scene)
    bad = np.flatnonzero(snapshot(history, day).default_day < NEVER)
    drawn = np.random.default_rng(scene.spec.seed).permutation(bad)
    return [str(rid) for rid in history.leases["rid"].gather(drawn[: int(KEPT_BACK * len(bad))])]
