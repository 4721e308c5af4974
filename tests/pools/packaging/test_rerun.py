"""A pool proposed from candidates, its decision re-run offline, and one altered field named."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from pools.eligibility.rulesets import HOUSE
from pools.packaging.bundle import _manifest, check_bundle, make_bundle, seal
from pools.packaging.propose import PoolTerms, propose, tally
from pools.rerun import main as rerun
from pools.structure.forms import Form
from pools.structure.plain import from_plain, to_plain
from pools.structure.templates import StandardTerms
from tests.pools.refusals import refused

TERMS = PoolTerms(
    rules=HOUSE,
    target_minor=2_000_000_000,
    price_yield=Decimal("0.06"),
    structure=StandardTerms(Form.LOAN, Decimal("0.75"), Decimal("0.045")),
    cut_off=date(2025, 1, 15),
    annual_default=Decimal("0.01"),
    annual_prepayment=Decimal("0.06"),
    severity=Decimal("0.45"),
)
VOTES = {"Wu Gang": True, "Xu Jing": True, "He Ping": False}


def market(size: int = 900) -> pl.DataFrame:
    rng = np.random.default_rng(11)
    balance = rng.integers(3_000_000, 12_000_000, size)
    risk = rng.beta(1.5, 60, size)
    return pl.DataFrame(
        {
            "asset": [f"lease-{k}" for k in range(size)],
            "balance_minor": balance,
            "net_value_minor": np.round(balance * (1.01 - risk)).astype(np.int64),
            "annual_nominal_rate": rng.uniform(0.02, 0.14, size).round(4),
            "remaining_months": rng.integers(1, 48, size),
            "age_months": rng.integers(1, 20, size),
            "balloon_minor": np.zeros(size, np.int64),
            "probability_of_default": risk,
            "searched_days": rng.integers(0, 90, size),
            "encumbered": rng.choice(["false", "true"], size, p=[0.97, 0.03]),
            "right_state": ["claimed"] * size,
            "days_past_due": rng.choice([0, 0, 0, 0, 12], size),
            "defaulted": ["false"] * size,
            "discount_rate": 1.01 - risk,
            "financed_to_price": rng.uniform(0.5, 1.0, size),
            "currency": ["CNY"] * size,
            "obligor": [f"o{k}" for k in rng.integers(0, 850, size)],
            "province": rng.choice(["11", "31", "33", "44", "51"], size),
            "make_model": [f"m{k}" for k in rng.integers(0, 20, size)],
            "vehicle_make": [f"b{k}" for k in rng.integers(0, 8, size)],
            "vehicle_use": rng.choice(["private", "ride_hailing"], size, p=[0.8, 0.2]),
            "energy": rng.choice(["petrol", "bev"], size, p=[0.6, 0.4]),
            "maturity_month": [f"2026-{k % 48}" for k in rng.integers(0, 48, size)],
        }
    )


@pytest.fixture(scope="module")
def bundle() -> dict[str, Any]:
    candidates = market()
    made = make_bundle(candidates, TERMS, propose(candidates, TERMS), votes=VOTES, quorum=2)
    return json.loads(json.dumps(made))  # type: ignore[no-any-return]


def test_a_proposal_holds_every_rule_and_its_tranches_add_up() -> None:
    proposal = propose(market(), TERMS)
    assert proposal.limits.holds
    assert not proposal.assets["encumbered"].is_in(["true"]).any()
    assert proposal.packing.balance_minor == proposal.assets["balance_minor"].sum()
    assert 0.99 * TERMS.target_minor < proposal.packing.balance_minor <= TERMS.target_minor
    tranches = sum(tranche.original_minor for tranche in proposal.deal.tranches)
    assert tranches == proposal.packing.balance_minor
    assert proposal.projection.tranches[0].balance_minor[-1] == 0


def test_terms_survive_their_plain_form() -> None:
    assert from_plain(PoolTerms, to_plain(TERMS)) == TERMS


def test_a_vote_needs_its_quorum_and_a_majority() -> None:
    assert tally(VOTES, quorum=2) is True
    assert tally(VOTES, quorum=4) is None
    assert tally({"one": True, "two": False}, quorum=2) is False


def test_an_untouched_decision_stands(bundle: dict[str, Any]) -> None:
    assert check_bundle(bundle, sealed=seal(bundle)) == []


@pytest.mark.parametrize(
    ("place", "value", "field"),
    [
        (("candidates", "balance_minor", 17), 1, "candidates[17].balance_minor"),
        (("votes", "He Ping"), True, "votes.He Ping"),
        (("terms", "price_yield"), "0.05", "terms.price_yield"),
        (("results", "price_minor"), 1, "results.price_minor"),
    ],
)
def test_the_one_altered_field_is_named(
    bundle: dict[str, Any], place: tuple[Any, ...], value: Any, field: str
) -> None:
    altered = inside = copy.deepcopy(bundle)
    for step in place[:-1]:
        inside = inside[step]
    inside[place[-1]] = value
    assert [finding.field for finding in check_bundle(altered)] == [field]


def _renamed(bundle: dict[str, Any]) -> None:
    columns = bundle["candidates"]
    bundle["candidates"] = {("provincE" if k == "province" else k): v for k, v in columns.items()}


def _row_rewritten(bundle: dict[str, Any]) -> None:
    bundle["candidates"]["balance_minor"][17] += 1
    bundle["manifest"]["rows"][17] = _manifest(bundle)["rows"][17]


@pytest.mark.parametrize(
    ("alter", "field"),
    [
        (_renamed, "candidates.provincE"),
        (_row_rewritten, "candidates.balance_minor"),
        (lambda bundle: bundle.update(extra=1), "extra"),
        (lambda bundle: bundle["manifest"].update(extra={}), "manifest.extra"),
        (lambda bundle: bundle["terms"].update(cut_off="never"), "terms.cut_off"),
        (lambda bundle: bundle["candidates"]["balance_minor"].__setitem__(3, "x"),
         "candidates[3].balance_minor"),
    ],
)  # fmt: skip
def test_what_does_not_meet_or_cannot_be_read_is_named_too(
    bundle: dict[str, Any], alter: Callable[[dict[str, Any]], None], field: str
) -> None:
    altered = copy.deepcopy(bundle)
    alter(altered)
    assert field in [finding.field for finding in check_bundle(altered)]


def test_a_key_that_stands_twice_is_no_bundle(bundle: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "twice.json"
    path.write_text('{"quorum": 99, ' + json.dumps(bundle)[1:], encoding="utf-8")
    assert rerun([str(path)]) == 2


def test_a_forged_result_with_a_matching_manifest_does_not_follow(bundle: dict[str, Any]) -> None:
    terms, candidates = from_plain(PoolTerms, bundle["terms"]), pl.DataFrame(bundle["candidates"])
    forged = make_bundle(candidates, terms, propose(candidates, terms), votes=VOTES, quorum=2)
    forged["results"]["price_minor"] += 1
    forged["manifest"] = _manifest(forged)
    assert [finding.field for finding in check_bundle(forged)] == ["results.price_minor"]
    assert check_bundle(forged, sealed=seal(bundle))[0].field == "manifest"


def test_a_file_that_is_no_bundle_is_refused() -> None:
    with refused("bundle_malformed"):
        check_bundle({"votes": {}})


def test_the_command_needs_no_django(bundle: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "bundle.json"
    path.write_text(json.dumps(bundle), encoding="utf-8")
    probe = (
        "import sys; from pools.rerun import main; code = main(sys.argv[1:]);"
        "assert 'django' not in sys.modules; raise SystemExit(code)"
    )
    run = [sys.executable, "-c", probe, str(path), "--seal", seal(bundle)]
    assert subprocess.run(run, check=False).returncode == 0
    path.write_text("{}", encoding="utf-8")
    assert subprocess.run(run, check=False, stderr=subprocess.DEVNULL).returncode == 2
