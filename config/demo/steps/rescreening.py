"""While the demo lives, registers are asked and every asset is screened again each four weeks, so
that a pool packaged on its pages rests on fresh answers and values."""

from datetime import date, timedelta

import polars as pl
from django.db import transaction

from config.demo.scene import Scene
from config.demo.silence import silent_since
from config.demo.steps.lessors import with_rids
from origination.models import RegistryFinding
from origination.services.registers import record_registry_search
from pools.models import ModelState, ModelVersion, ScreeningRun

_EVERY = timedelta(days=28)


def _day(scene: Scene, number: int) -> date:
    return scene.as_of + timedelta(days=number)


def search_when_due(scene: Scene, schema: str, number: int) -> int:
    """A lessor asks the registers again; what they answer has not changed. How many answers."""
    day = _day(scene, number)
    if schema in silent_since():
        return 0
    with scene.inside(schema), transaction.atomic():
        if RegistryFinding.objects.filter(searched_on__gt=day - _EVERY).exists():
            return 0
        found = scene.of_lessor(schema, scene.portfolio.searches)
        findings = with_rids(scene, schema, found.with_columns(searched_on=pl.lit(day)))
        if len(findings):
            at = scene.moment(days=number - 1, hour=20)
            record_registry_search(findings=findings, at=at)
        return len(findings)


def screen_when_due(scene: Scene, number: int) -> bool:
    """Screen as of the `number`th day where the last run is four weeks old; whether it did."""
    day = _day(scene, number)
    with scene.inside("trust"):
        if not ModelVersion.objects.filter(state=ModelState.PROMOTED).exists():
            return False
        if ScreeningRun.objects.filter(as_of__gt=day - _EVERY).exists():
            return False
        from pools.screening.services import run_screening  # heavy libraries come with it

        at = scene.moment(days=number - 1, hour=23, minute=45)
        run_screening(as_of=day, at=at, by=scene.person("analyst", "trust"))
    return True
