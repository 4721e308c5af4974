"""The approval desk of a lessor: limits, and a few applications in each state before activation."""

import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import polars as pl

from config.demo.cast import LESSORS
from config.demo.scene import Scene
from config.demo.stage import Facts
from origination.domain.lease_fields import BY_NAME
from origination.domain.life.machine import Move
from origination.domain.months import add_months
from origination.generator.frames import LEASE_FIELDS
from origination.generator.portfolio import generate
from origination.services.desk import Actor, draft_of, move_application, send_application
from origination.services.limits import set_limits
from tenants.permissions import Role

_DRAWN = 40  # of which the latest are applied for
_DATES = ("originated_on", "first_payment_on", "maturity_on")
_PHONE, _DESK = "Chrome · Android", "Chrome · Windows"
_ASKED = "收入证明与申报月收入不符，请核实并补充单位名称。"
_ANSWER = "已核实：客户另有网约车收入，月收入更正。"
#: What has happened to each application, one after the other.
_PLOTS: tuple[tuple[str, ...], ...] = (
    (),
    ("ask",),
    ("ask", "revise"),
    ("ask", "revise", "approve"),
    ("approve", "sign"),
    ("decline",),
    ("withdraw",),
)


def fill_the_desk(scene: Scene, schema: str) -> Facts:
    """Limits of the back office and the manager; applications that wait or were decided."""
    people = {
        "officer": Actor(scene.person("officer", schema), {Role.LESSOR_OFFICER}, _PHONE),
        "office": Actor(scene.person("backoffice", schema), {Role.LESSOR_BACK_OFFICE}, _DESK),
        "manager": Actor(scene.person("manager", schema), {Role.LESSOR_MANAGER}, _DESK),
    }
    with scene.inside(schema):
        set_limits(
            starts_on=scene.as_of + timedelta(days=1),
            up_to={Role.LESSOR_BACK_OFFICE: 8_000_000, Role.LESSOR_MANAGER: 60_000_000},
            by=people["manager"].by,
            at=scene.moment(minute=2),
        )
        for record, plot in zip(_records(scene, schema), _PLOTS, strict=True):
            _play(scene, record, plot, people)
    return {"applications": len(_PLOTS)}


def _play(
    scene: Scene, record: dict[str, str], plot: tuple[str, ...], people: dict[str, Actor]
) -> None:
    at, officer = scene.moment(minute=2), people["officer"]
    rid = uuid.uuid5(uuid.NAMESPACE_OID, record["contract_number"])
    given: dict[str, Any] = {
        "ask": {"question": _ASKED},
        "decline": {"reason": "征信不符合准入"},
        "withdraw": {"reason": "客户改为全款购车"},
        "sign": {"contract_sha256": uuid.uuid5(rid, "contract").hex * 2},
    }
    actors = {"withdraw": officer, "ask": people["office"], "sign": people["office"]}
    _send(rid, record, "", officer, at)
    for step in plot:
        at += timedelta(seconds=37)
        if step == "revise":
            income = int(record.get("lessee_income_monthly_minor", "800000")) + 250_000
            _send(rid, record | {"lessee_income_monthly_minor": str(income)}, _ANSWER, officer, at)
            continue
        move_application(
            rid=rid, move=Move(step), given=given.get(step, {}), at=at,
            actor=actors.get(step, people["manager"]),
        )  # fmt: skip


def _send(rid: uuid.UUID, record: dict[str, str], answer: str, actor: Actor, at) -> None:
    draft = draft_of(rid=rid, record=record, answer=answer, actor=actor, at=at)
    send_application(draft=draft, confirmed=list(BY_NAME), actor=actor, at=at)


def _records(scene: Scene, schema: str) -> Iterator[dict[str, str]]:
    """Leases of a year ago, drawn apart from the book, as they would be applied for now."""
    place = LESSORS.index(schema)
    lessor = replace(scene.spec.lessors[place], leases=_DRAWN)
    drawn = generate(
        replace(scene.spec, lessors=(lessor,), seed=scene.spec.seed + 1 + place, future_months=0)
    )
    day_of_month = pl.col("originated_on").cast(pl.String).str.slice(8, 2).cast(pl.Int32)
    rows = drawn.leases.filter(day_of_month <= 28).sort("originated_on", descending=True)
    for number, row in enumerate(rows.select(LEASE_FIELDS).head(len(_PLOTS)).iter_rows(named=True)):
        record = {name: str(value) for name, value in row.items() if value not in (None, "")}
        months = 12 * (scene.as_of.year - int(record["originated_on"][:4]))
        moved = {
            name: add_months(date.fromisoformat(record[name]), months).isoformat()
            for name in _DATES
        }
        yield (
            record
            | moved
            | {
                "contract_number": f"{schema.upper()}-{scene.as_of:%Y%m}-A{number + 1:03}",
                "model_year": str(scene.as_of.year),
            }
        )
