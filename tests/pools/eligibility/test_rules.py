"""Rules in columns: each asset shows every rule it fails; concentrations are exact."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pools.eligibility.concentration import concentration
from pools.eligibility.evaluate import evaluate
from pools.eligibility.rules import Criterion, GroupLimit, Operator, RuleSet, check_rules
from pools.eligibility.rulesets import HOUSE, RULE_SETS
from pools.structure.plain import from_plain, to_plain
from tenants.problems import Invalid
from tests.pools.refusals import refused

GOOD = {
    "searched_days": 9, "encumbered": "false", "right_state": "claimed", "days_past_due": 0,
    "defaulted": "false",
    "age_months": 6, "remaining_months": 24, "annual_nominal_rate": 0.09, "discount_rate": 0.95,
    "probability_of_default": 0.02, "financed_to_price": 0.8, "currency": "CNY",
}  # fmt: skip


def frame(*changes: dict[str, object]) -> pl.DataFrame:
    return pl.DataFrame([GOOD | change for change in changes])


def test_each_asset_shows_every_rule_it_fails() -> None:
    assets = frame({}, {"encumbered": "true"}, {"days_past_due": 31, "remaining_months": 61})
    result = evaluate(assets, HOUSE.criteria)
    assert result.eligible.to_list() == [True, False, False]
    assert [c.id for c in result.failed(1)] == ["registered-clear"]
    assert [c.id for c in result.failed(2)] == ["performing", "not-too-long"]
    assert result.counts()["performing"] == 1


def test_what_is_not_known_is_not_eligible() -> None:
    result = evaluate(
        frame({}, {"probability_of_default": None, "encumbered": None}), HOUSE.criteria
    )
    assert [c.id for c in result.failed(1)] == ["registered-clear", "likely-to-pay"]


def test_a_register_that_was_not_asked_is_not_one_that_says_no() -> None:
    assets = frame(
        {"searched_days": None, "encumbered": "unknown"},
        {"searched_days": 91},
        {"encumbered": "true"},
    )
    result = evaluate(assets, HOUSE.criteria)
    assert [c.id for c in result.failed(0)] == ["registers-asked"]
    assert [c.id for c in result.failed(1)] == ["registers-asked"]
    assert [c.id for c in result.failed(2)] == ["registered-clear"]


@pytest.mark.parametrize(
    ("operator", "values", "passing"),
    [
        (Operator.EQUAL, ("2",), [2]),
        (Operator.NOT_EQUAL, ("2",), [1, 3]),
        (Operator.AT_LEAST, ("2",), [2, 3]),
        (Operator.AT_MOST, ("2",), [1, 2]),
        (Operator.ABOVE, ("2",), [3]),
        (Operator.BELOW, ("2",), [1]),
        (Operator.ONE_OF, ("1", "3"), [1, 3]),
        (Operator.NONE_OF, ("1", "3"), [2]),
    ],
)
def test_operators(operator: Operator, values: tuple[str, ...], passing: list[int]) -> None:
    numbers = pl.DataFrame({"n": [1, 2, 3]})
    texts = numbers.cast(pl.String)
    criterion = Criterion("c", "n", operator, values, "")
    for assets in (numbers, texts):
        eligible = evaluate(assets, [criterion]).eligible
        assert numbers.filter(eligible)["n"].to_list() == passing


def test_a_rule_on_an_unknown_field_is_refused() -> None:
    with refused("criterion_field_unknown"):
        evaluate(pl.DataFrame({"a": [1]}), [HOUSE.criteria[0]])


def pool(*rows: tuple[str, int]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=["province", "balance_minor"], orient="row")


def limits(*groups: GroupLimit) -> RuleSet:
    return replace(HOUSE, criteria=(), groups=groups, averages=(), counts=())


def test_excess_is_what_lies_above_the_share() -> None:
    one = GroupLimit("province", "province", Decimal("0.4"), "")
    result = concentration(pool(("44", 500), ("31", 300), ("11", 200)), limits(one))
    assert (result.results[0].group, result.results[0].value) == ("44", Decimal("0.5"))
    assert (result.excess_minor, result.holds) == (100, False)
    assert concentration(pool(("44", 400), ("31", 400), ("11", 200)), limits(one)).holds


def test_an_asset_in_two_excesses_counts_once() -> None:
    both = [GroupLimit(name, "province", Decimal("0.4"), "") for name in ("a", "b")]
    rows = pool(("44", 500), ("31", 300), ("11", 200))
    assert concentration(rows, limits(*both)).excess_minor == 100


def test_the_largest_five_together() -> None:
    five = GroupLimit("five", "province", Decimal("0.7"), "", top=5)
    rows = pool(*[(str(k), 15) for k in range(5)], *[(str(k), 5) for k in range(5, 10)])
    result = concentration(rows, limits(five))
    assert (result.results[0].value, result.excess_minor) == (Decimal("0.75"), 5)


@settings(max_examples=60)
@given(st.lists(st.tuples(st.sampled_from("abcd"), st.integers(1, 1_000)), min_size=1))
def test_excess_equals_the_plain_sum_over_groups(rows: list[tuple[str, int]]) -> None:
    one = GroupLimit("province", "province", Decimal("0.3"), "")
    total = sum(minor for _, minor in rows)
    held = {name: sum(m for n, m in rows if n == name) for name in "abcd"}
    over = sum(max(Decimal(0), minor - Decimal("0.3") * total) for minor in held.values())
    assert 0 <= concentration(pool(*rows), limits(one)).excess_minor - over <= 1


def test_rule_sets_are_sound_and_survive_their_plain_form() -> None:
    for rules in RULE_SETS.values():
        check_rules(rules)
        assert from_plain(RuleSet, to_plain(rules)) == rules


def test_every_bad_rule_is_named() -> None:
    bad = replace(
        HOUSE,
        criteria=(Criterion("size", "n", Operator.AT_MOST, ("many",), ""),) * 2,
        groups=(GroupLimit("all", "n", Decimal(2), ""),),
    )
    with pytest.raises(Invalid) as caught:
        check_rules(bad)
    assert {error.field for error in caught.value.errors} == {"rules.size", "rules.all"}
